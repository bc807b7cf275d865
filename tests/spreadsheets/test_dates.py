"""Dates: what each way of writing means, and what a column as a whole says about its doubtful ones."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from spreadsheets.dates import DateStyle, detect_date_style, parse_date, parse_datetime, parse_moment
from spreadsheets.errors import BadValue
from spreadsheets.table import Cell

APRIL_22 = dt.date(2015, 4, 22)
DAYS = st.dates(dt.date(1969, 1, 1), dt.date(2068, 12, 31))


@pytest.mark.parametrize(
    "cell",
    [
        "2015-04-22",
        "2015/04/22",
        "2015.4.22",
        "20150422",
        20150422.0,
        "22.04.2015",
        "22.4.15",
        "22-04-2015",
        "22/4/2015",
        "4/22/2015",
        "04-22-15",
        "22. 4. 2015",
        "22-Apr-15",
        "22 Apr 2015",
        "22.Apr.2015",
        "22. April 2015",
        "22nd april 2015",
        "April 22, 2015",
        "Apr 22 2015",
        "apr. 22nd, 2015",
        "2015-Apr-22",
        "Wed, 22 Apr 2015",
        "Mittwoch, 22. April 2015",
        " 22.04.2015 ",
        dt.date(2015, 4, 22),
        42116.0,
        42116,
    ],
)
def test_a_day_is_read_in_each_way_of_writing(cell: Cell) -> None:
    assert parse_moment(cell) == APRIL_22


@pytest.mark.parametrize(
    ("month", "number"),
    [
        ("Januar", 1),
        ("Jän", 1),
        ("Feb", 2),
        ("März", 3),
        ("Maerz", 3),
        ("Mrz", 3),
        ("Mar", 3),
        ("Mai", 5),
        ("May", 5),
        ("Juni", 6),
        ("June", 6),
        ("Juli", 7),
        ("Sept", 9),
        ("Okt", 10),
        ("October", 10),
        ("Dez", 12),
        ("dec", 12),
    ],
)
def test_months_are_known_by_their_english_and_german_names(month: str, number: int) -> None:
    assert parse_moment(f"3. {month} 2015") == dt.date(2015, number, 3)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2015-04-22 10:11", dt.datetime(2015, 4, 22, 10, 11)),
        ("2015-04-22T10:11:12.5", dt.datetime(2015, 4, 22, 10, 11, 12, 500000)),
        ("22.04.2015 14:30 Uhr", dt.datetime(2015, 4, 22, 14, 30)),
        ("22.04.2015, 14:30", dt.datetime(2015, 4, 22, 14, 30)),
        ("4/22/2015 3:53:50 PM", dt.datetime(2015, 4, 22, 15, 53, 50)),
        ("4/22/2015 12:05 am", dt.datetime(2015, 4, 22, 0, 5)),
        (42116.5, dt.datetime(2015, 4, 22, 12)),
        (dt.datetime(2015, 4, 22, 1), dt.datetime(2015, 4, 22, 1)),
        ("2015-04-22T10:11:12Z", dt.datetime(2015, 4, 22, 10, 11, 12, tzinfo=dt.UTC)),
        ("2015-04-22 10:11+0200", dt.datetime(2015, 4, 22, 8, 11, tzinfo=dt.UTC)),
        ("964982703", dt.datetime(2000, 7, 30, 18, 45, 3, tzinfo=dt.UTC)),
        (964982703.0, dt.datetime(2000, 7, 30, 18, 45, 3, tzinfo=dt.UTC)),
        ("1445714994000", dt.datetime(2015, 10, 24, 19, 29, 54, tzinfo=dt.UTC)),
    ],
)
def test_a_moment_keeps_its_time_and_its_zone_if_it_has_one(cell: Cell, moment: dt.datetime) -> None:
    found = parse_datetime(cell)
    assert found == moment
    assert (found.tzinfo is None) == (moment.tzinfo is None)


@pytest.mark.parametrize("cell", [None, "", " ", "-", "n/a", "k.A."])
def test_blank_cells_have_no_date(cell: Cell) -> None:
    assert parse_date(cell) is None
    assert parse_datetime(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "soon",
        "XXXX/XXXX/2015",
        "2015",
        "04.2015",
        "22.04.2015 25:00",
        "22.04.2015 13:00 pm",
        "22:04",
        "2015-W17",
        "22.Foo.2015",
        "١٢.٠٤.٢٠١٥",
        12.0,
        1e14,
        True,
        dt.time(3),
        "x" * 500,
        "22.04-2015",
        "99999999999",
    ],
)
def test_what_is_no_date_is_refused(cell: Cell) -> None:
    with pytest.raises(BadValue, match=r"is not a date. Write the date as 2026-04-22"):
        parse_moment(cell)


@pytest.mark.parametrize("cell", ["31.02.2015", "2015-02-29", "30 Feb 2015", "2015-13-01", "00.01.2015", "0099-01-01"])
def test_days_that_never_were_are_refused(cell: str) -> None:
    with pytest.raises(BadValue, match=r"There is no such day"):
        parse_moment(cell)


def test_a_day_number_in_a_text_is_explained() -> None:
    with pytest.raises(BadValue, match=r"“42116” looks like the day number of a spreadsheet program"):
        parse_moment("42116")


def test_formulas_that_failed_are_no_dates() -> None:
    with pytest.raises(BadValue, match=r"The formula in this cell failed"):
        parse_moment("#VALUE!")


@pytest.mark.parametrize(
    ("cells", "style"),
    [
        (["22-04-2015", "04-08-2015"], DateStyle(True, forms=("numeric",), example="04-08-2015")),
        (["04/08/2015", "04/22/2015"], DateStyle(False, forms=("numeric",), example="04/08/2015")),
        (["25.05.2018", "25.05.2018"], DateStyle(True, forms=("numeric",))),
        (["04.08.2015"], DateStyle(True, ambiguous=True, forms=("numeric",), example="04.08.2015")),
        (["04-08-2015"], DateStyle(None, ambiguous=True, forms=("numeric",), example="04-08-2015")),
        (["04/08/2015"], DateStyle(None, ambiguous=True, forms=("numeric",), example="04/08/2015")),
        (["04.08.2015", "04/08/2015"], DateStyle(None, ambiguous=True, forms=("numeric",), example="04/08/2015")),
        (["04/22/2015", "04.08.2015"], DateStyle(None, ambiguous=True, forms=("numeric",), example="04.08.2015")),
        (["22/04/2015", "04.08.2015"], DateStyle(True, forms=("numeric",), example="04.08.2015")),
        (
            ["22/04/2015", "04/22/2015", "01/02/2015"],
            DateStyle(None, conflicting=True, forms=("numeric",), example="01/02/2015"),
        ),
        (["05.05.2015"], DateStyle(forms=("numeric",))),
        (
            ["2015-04-22", "22-Apr-15", "964982703", dt.date(2015, 4, 22), 42116.0],
            DateStyle(forms=("iso", "named", "epoch", "workbook", "serial")),
        ),
        ([None, "", "soon", "31.02.2015"], DateStyle()),
    ],
)
def test_the_style_of_a_column_is_found(cells: list[Cell], style: DateStyle) -> None:
    assert detect_date_style(cells) == style


def test_the_style_settles_doubtful_cells() -> None:
    cells = ["04-08-2015", "22-04-2015"]
    style = detect_date_style(cells)
    assert [parse_date(cell, style) for cell in cells] == [dt.date(2015, 8, 4), APRIL_22]


def test_a_choice_goes_before_what_the_column_suggests() -> None:
    style = detect_date_style(["04.08.2015"], "mdy")
    assert parse_date("04.08.2015", style) == dt.date(2015, 4, 8)
    assert not style.must_choose


def test_doubtful_cells_are_refused_until_someone_chooses() -> None:
    style = detect_date_style(["04/08/2015"])
    assert style.must_choose
    with pytest.raises(BadValue, match=r"can be read as 2015-08-04 or as 2015-04-08. Say whether"):
        parse_date("04/08/2015", style)


def test_in_a_column_of_both_ways_only_clear_dates_are_taken() -> None:
    style = detect_date_style(["22/04/2015", "04/22/2015", "01/02/2015"])
    assert parse_date("22/04/2015", style) == parse_date("04/22/2015", style) == APRIL_22
    with pytest.raises(BadValue, match=r"can be read as"):
        parse_date("01/02/2015", style)


def test_a_column_of_both_ways_can_be_read_by_its_signs() -> None:
    cells = ["04/22/2015", "04/08/2015", "08.04.2015", "22.04.2015"]
    style = detect_date_style(cells, "sign")
    assert [parse_date(cell, style) for cell in cells] == [APRIL_22, dt.date(2015, 4, 8), dt.date(2015, 4, 8), APRIL_22]


def test_each_way_of_writing_is_shown() -> None:
    label = str(detect_date_style(["2015-04-22", "22.04.2015", "22. April 2015", "24.04.2015"]).label)
    assert label == "The day comes first. Written in 3 ways: 2015-04-22; 22.04.2015; 22. April 2015."


@pytest.mark.parametrize(
    ("cells", "count"),
    [
        (["16.01.2026", "24.01.26", dt.datetime(2026, 2, 9)], 3),
        (["01.03.2024", dt.datetime(2026, 4, 1), "2024-07-15", "1.2.23", "14.12.2024"], 4),
        (["16.01.2026", "7.1.2026", "24.12.2026 10:00", "24.12.2026 17:30"], 0),
        (["14 Sept 2026", "3 March 2026"], 0),
    ],
)
def test_ways_of_writing_are_counted_as_a_reader_sees_them(cells: list[Cell], count: int) -> None:
    label = str(detect_date_style(cells).label)
    assert (f"Written in {count} ways" in label) if count else "Written" not in label


def test_a_cell_that_contradicts_its_column_is_refused() -> None:
    style = detect_date_style(["22/04/2015", "01/02/2015"])
    with pytest.raises(BadValue, match=r"is no date with the day first, as in the rest of the column"):
        parse_date("04/22/2015", style)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["04/08/2015"], "Day and month could change places, as in 04/08/2015: choose which comes first."),
        (["04.08.2015"], "The day is taken to come first, as in 04.08.2015."),
        (["22.08.2015"], "The day comes first."),
        (["08/22/2015"], "The month comes first."),
        (["2015-08-22"], "The dates leave no doubt."),
        (
            ["22/04/2015", "04/22/2015", "01/02/2015"],
            "Some dates have the day first and some the month; those like 01/02/2015 are refused.",
        ),
    ],
)
def test_a_style_says_what_it_is(cells: list[Cell], words: str) -> None:
    assert str(detect_date_style(cells).label) == words


def test_the_day_of_an_aware_moment_is_the_day_in_the_zone_asked_for() -> None:
    stamp = "2015-04-21T23:30:00Z"
    assert parse_date(stamp) == dt.date(2015, 4, 21)
    assert parse_date(stamp, zone=ZoneInfo("Europe/Berlin")) == APRIL_22


def test_a_moment_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(BadValue, match=r"There is no such day"):
        parse_date("9999-12-31T23:59:59-05:00")


def test_a_day_alone_is_its_midnight() -> None:
    assert parse_datetime("2015-04-22") == dt.datetime(2015, 4, 22)


@given(DAYS, st.sampled_from(["%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%y"]))
def test_days_written_day_first_come_back(day: dt.date, form: str) -> None:
    assert parse_date(day.strftime(form), DateStyle(True)) == day


@given(DAYS, st.sampled_from(["%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y"]))
def test_days_written_month_first_come_back(day: dt.date, form: str) -> None:
    assert parse_date(day.strftime(form), DateStyle(False)) == day


@given(DAYS, st.sampled_from(["%Y-%m-%d", "%d-%b-%y", "%d %B %Y", "%B %d, %Y", "%d. %b %Y", "%Y%m%d", "%Y/%m/%d"]))
def test_days_written_without_doubt_come_back(day: dt.date, form: str) -> None:
    assert parse_date(day.strftime(form)) == day


def test_offsets_may_have_seconds() -> None:
    moment = dt.datetime(1890, 3, 4, 14, 7, 43, tzinfo=dt.timezone(dt.timedelta(minutes=53, seconds=28)))
    assert parse_datetime(moment.isoformat()) == moment


@given(st.datetimes(dt.datetime(1974, 1, 1), dt.datetime(2068, 1, 1)))
def test_moments_come_back_from_iso_text_and_from_seconds(moment: dt.datetime) -> None:
    assert parse_datetime(moment.isoformat()) == moment
    aware = moment.replace(tzinfo=dt.UTC, microsecond=0)
    assert parse_datetime(str(int(aware.timestamp()))) == aware


@given(st.text(max_size=70) | st.floats() | st.integers() | st.text("0123456789./-: TZAPMapril+", max_size=30))
def test_any_cell_is_a_date_or_a_bad_value(cell: Cell) -> None:
    for style in (None, DateStyle(True), DateStyle(False)):
        try:
            parse_date(cell, style)
            parse_datetime(cell, style)
        except BadValue as error:
            assert str(error.message) and str(error.remedy)
    detect_date_style([cell])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026/03/04 5:06:07 PM GMT+1", "2026-03-04T16:06:07+00:00"),
        ("2026/03/29 2:30:00 AM GMT+1", "2026-03-29T01:30:00+00:00"),
        ("2026/03/29 12:30:00 AM GMT-3:30", "2026-03-29T04:00:00+00:00"),
        ("2026/03/04 5:06:07 nachm. MEZ", "2026-03-04T16:06:07+00:00"),
        ("2026/07/04 5:06:07 vorm. MESZ", "2026-07-04T03:06:07+00:00"),
        ("2026/03/04 5:06:07 p. m. CET", "2026-03-04T16:06:07+00:00"),
        ("Wed, 04 Mar 2026 17:06:07 +0100", "2026-03-04T16:06:07+00:00"),
        ("2026-03-04 17:06 EST", "2026-03-04T22:06:00+00:00"),
    ],
)
def test_times_of_forms_are_read_with_their_zones(text: str, moment: str) -> None:
    found = parse_datetime(text)
    assert found is not None and found.astimezone(UTC).isoformat() == moment


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("5 de marzo de 2026", 3),
        ("5 de março de 2026", 3),
        ("1er févr. 2026", 2),
        ("1 fevrier 2026", 2),
        ("5 d’abril del 2026", 4),
        ("5 maggio 2026", 5),
        ("5 maart 2026", 3),
        ("5 czerwca 2026", 6),
        ("5. srpna 2026", 8),
        ("5 марта 2026 г.", 3),
        ("5. maaliskuuta 2026", 3),
        ("2026. március 5.", 3),
        ("5 Şubat 2026", 2),
        ("4 Μαρτίου 2026", 3),
        ("2026年3月5日", 3),
    ],
)
def test_months_are_known_in_the_languages_of_europe(text: str, month: int) -> None:
    found = parse_date(text)
    assert found is not None and found.month == month


def test_a_month_that_is_another_one_in_another_language_is_refused() -> None:
    with pytest.raises(BadValue, match="another one in another language"):
        parse_date("5 listopad 2026")


@given(
    st.dates(date(1970, 1, 1), date(2068, 12, 31)),
    st.sampled_from(["fr", "es", "pt", "it", "nl", "ca", "sv", "da", "fi", "ro", "tr", "sl"]),
)
def test_a_day_written_out_in_another_language_is_that_day(day: date, language: str) -> None:
    text = format_date(day, "d MMMM y", language)
    assert parse_date(text) == day


@given(st.text(max_size=70))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    try:
        parse_moment(text)
    except BadValue as bad:
        assert str(bad)
