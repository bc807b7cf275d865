"""Text files: encodings, separators, quotation marks, ragged rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spreadsheets import text_files
from spreadsheets.errors import UnreadableFile
from spreadsheets.reader import open_table
from spreadsheets.table import Limits, Row, Table
from tests.spreadsheets.conftest import Write

GERMAN = (
    "Fundstelle;Überschrift;Gültig ab\r\n"
    "Artikel 1;Grundsätze für die Prüfung;25.05.2018\r\n"
    "Artikel 2;Maßnahmen;25.05.2018\r\n"
)


def cells(table: Table) -> list[tuple[object, ...]]:
    return [row.cells for row in table.rows()]


def notes(table: Table) -> str:
    return " ".join(str(note) for note in table.notes)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
        ("cp850", "DOS 850"),
        ("mac-roman", "Mac Roman"),
    ],
)
def test_german_text_is_right_in_every_encoding(write: Write, encoding: str, name: str) -> None:
    table = open_table(write(GERMAN, encoding))
    assert table.headers == ("Fundstelle", "Überschrift", "Gültig ab")
    assert cells(table)[0] == ("Artikel 1", "Grundsätze für die Prüfung", "25.05.2018")
    assert f"{name} text, semicolons, header in row 1." in notes(table)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1250", "Název;Požadavek\nJedna;Příliš žluťoučký kůň úpěl ďábelské ódy každý měsíc\n"),
        ("cp1250", "Nazwa;Wymaganie\nJeden;Zażółć gęślą jaźń, przegląd wymagań następuje każdego roku\n"),
        ("cp1251", "Название;Требование\nОдин;Система должна обновлять экран каждые шестьдесят секунд\n"),
        ("cp1253", "Όνομα;Απαίτηση\nΈνα;Το σύστημα πρέπει να ανανεώνει την οθόνη κάθε εξήντα δευτερόλεπτα\n"),
        ("cp1254", "Başlık;Gereksinim\nBir;Müşteri sistemi ekranı her altmış saniyede bir yenilemelidir, çağrı\n"),
        ("cp1252", "Namn;Krav\nEtt;Systemet skall uppdatera skärmen, få åtgärder för kvalitet\n"),
        ("cp1252", "Nom;Exigence\nUn;La société doit être informée à l’échéance prévue, façade, où\n"),
        ("cp1252", "Nombre;Requisito\nUno;¿Cuándo? El año próximo según la dirección, información y señales\n"),
        ("gb18030", "名称;要求\n一;客户要求系统应每六十秒刷新一次显示,质量管理\n"),
        ("cp932", "名前;要求事項\n一;システムは六十秒ごとに表示を更新しなければならない\n"),
    ],
)
def test_national_encodings_are_told_apart(write: Write, encoding: str, text: str) -> None:
    table = open_table(write(text, encoding))
    assert (table.encoding, table.headers) == (encoding, tuple(text.splitlines()[0].split(";")))
    assert cells(table)[0][1] == text.splitlines()[1].split(";")[1]


def test_a_given_encoding_is_used(write: Write) -> None:
    table = open_table(write("Name;Wert\nÄnderung;1\n", "cp1252"), encoding="iso-8859-1")
    assert (table.encoding, cells(table)) == ("iso8859-1", [("Änderung", "1")])


@pytest.mark.parametrize("name", ["klingon", "rot13", "zlib", "idna", "unicode_escape", "utf\0-8"])
def test_an_encoding_that_is_none_is_refused(write: Write, name: str) -> None:
    with pytest.raises(UnreadableFile, match=r"is not known. Choose one of utf-8"):
        open_table(write(GERMAN), encoding=name)


def test_a_few_damaged_characters_do_not_spoil_the_encoding_but_their_rows(write: Write) -> None:
    good = "".join(f"{number};Prüfung größer als üblich\n" for number in range(20)).encode()
    table = open_table(write("Nr;Überschrift\n".encode() + good + b"99;Pr\xfcfung\n"))
    *sound, damaged = table.rows()
    assert table.encoding == "utf-8"
    assert not any(row.problem for row in sound)
    assert "A character in row 22 could not be read" in str(damaged.problem)
    assert table.problem_count == 1
    assert "1 character is not sound UTF-8" in notes(table)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_separator_is_found(write: Write, delimiter: str) -> None:
    lines = ["Ref,Statement,Owner", "R-1,It shall start,Ann", "R-2,It shall stop,Bob"]
    table = open_table(write("\n".join(lines).replace(",", delimiter)))
    assert (table.delimiter, cells(table)[1]) == (delimiter, ("R-2", "It shall stop", "Bob"))


def test_decimal_commas_do_not_pass_for_separators(write: Write) -> None:
    table = open_table(write("Datum;Wert;Ort\n2011-01-01;1,5;Ulm\n2011-01-02;2,5;Ulm\n2011-01-03;3,25;Ulm\n"))
    assert (table.delimiter, cells(table)[0]) == (";", ("2011-01-01", "1,5", "Ulm"))


def test_lists_inside_cells_do_not_pass_for_separators(write: Write) -> None:
    rows = "".join(f"{number},Title {number},a|b|c|d|e|f\n" for number in range(300))
    assert open_table(write("id,title,genres\n" + rows)).headers == ("id", "title", "genres")


def test_a_declared_separator_is_obeyed_and_its_line_is_no_row(write: Write) -> None:
    table = open_table(write("sep=|\r\nName|Note\r\na, b|c; d\r\n"))
    assert (table.header_row, table.headers, cells(table)) == (1, ("Name", "Note"), [("a, b", "c; d")])


@pytest.mark.parametrize(("given", "used"), [("tab", "\t"), (";", ";"), ("pipe", "|"), ("^", "^")])
def test_a_given_separator_is_used(write: Write, given: str, used: str) -> None:
    assert open_table(write(f"A,x{used}B\n1,2{used}3\n"), delimiter=given).headers == ("A,x", "B")


@pytest.mark.parametrize("given", ['"', "\n", "a", "ab", "\0"])
def test_a_separator_that_can_be_none_is_refused(write: Write, given: str) -> None:
    with pytest.raises(UnreadableFile, match=r"can't separate cells. Choose one of: tab ; ,"):
        open_table(write(GERMAN), delimiter=given)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_breaks_in_cells_stay_in_their_cells(write: Write, line_end: str) -> None:
    text = 'Ref,Statement\nR-1,"One,\ntwo ""and""\n\nthree"\nR-2,x\n'.replace("\n", line_end)
    table = open_table(write(text))
    assert cells(table) == [("R-1", 'One,\ntwo "and"\n\nthree'.replace("\n", line_end)), ("R-2", "x")]
    assert [row.number for row in table.rows()] == [2, 3]


def test_blanks_before_quotation_marks_do_not_tear_cells(write: Write) -> None:
    table = open_table(write('Ref, Statement, Owner\n1, "a, b", Ann\n2, "c, d", Bob\n'))
    assert cells(table) == [("1", "a, b", "Ann"), ("2", "c, d", "Bob")]


def test_stray_quotation_marks_are_ordinary_characters(write: Write) -> None:
    rows = "".join(f'"{number} inch pipe;steel;{number}\n' for number in range(30))
    table = open_table(write("Name;Material;Size\n" + rows))
    assert cells(table)[3] == ('"3 inch pipe', "steel", "3")
    assert "Quotation marks are read as ordinary characters" in notes(table)


def test_a_quotation_mark_never_closed_is_reported_on_its_row(write: Write) -> None:
    good = "".join(f'"{number}";"text, {number}"\n' for number in range(600))
    table = open_table(write("Ref;Statement\n" + good + '"600";"never closed\n' + "601;lost\n602;lost\n"))
    *sound, last = table.rows()
    assert (table.row_count, table.problem_count, len(sound)) == (601, 1, 600)
    assert "opened in row 602 is never closed, so the 2 lines after it became part" in str(last.problem)
    assert "601;lost" in str(last.cells[1])


def test_a_cell_without_end_stops_the_reading_with_its_row(write: Write) -> None:
    path = write('Ref,Statement\n1,short\n2,"' + "x" * 5000 + '"\n')
    csv.field_size_limit(1000)
    try:
        with pytest.raises(UnreadableFile, match=r"A cell in row 3 is longer than 1000 characters"):
            open_table(path, limits=Limits(cell_characters=1000))
    finally:
        csv.field_size_limit(131_072)


def test_rows_with_too_many_cells_are_reported_and_nothing_is_dropped(write: Write) -> None:
    table = open_table(write("A,B,C\n1,2,3\n1,2,3,four,\n1,2,3,,\n"))
    fine, torn, padded = table.rows()
    assert torn == Row(3, ("1", "2", "3"), torn.problem, ("four", ""))
    assert str(torn.problem).startswith("Row 3 has 5 cells where the header has 3.")
    assert not fine.problem and not padded.problem
    assert (table.row_count, table.problem_count) == (3, 1)
    assert "Row 3 has 4 cells where the header has 3." in notes(table)


def test_short_rows_are_padded_and_noted(write: Write) -> None:
    table = open_table(write("A,B,C\n1,2,3\n1\n1,2\n"))
    assert cells(table)[1:] == [("1", "", ""), ("1", "2", "")]
    assert "2 rows have fewer cells than the header (first row 3)" in notes(table)


def test_blank_rows_are_passed_over_but_counted_in_row_numbers(write: Write) -> None:
    table = open_table(write("\n\nA;B\n\n1;2\n;\n  ;\t\n3;4\n;;\n\n"))
    assert (table.header_row, [(row.number, row.cells) for row in table.rows()]) == (
        3,
        [(5, ("1", "2")), (8, ("3", "4"))],
    )


def test_title_rows_above_the_header_are_passed_over(write: Write) -> None:
    table = open_table(
        write("Requirements of 2024;;\nPrinted for the board;;\n\nRef;Statement;Owner\nR-1;Start;Ann\nR-2;Stop;Bob\n")
    )
    assert (table.header_row, table.headers) == (4, ("Ref", "Statement", "Owner"))
    assert "2 title rows above the header were passed over." in notes(table)


def test_a_given_header_row_is_used(write: Write) -> None:
    table = open_table(write("A,B\nName,Value\nx,1\n"), header_row=2)
    assert (table.headers, cells(table)) == (("Name", "Value"), [("x", "1")])


@pytest.mark.parametrize("row", [0, -1, 2, 9])
def test_a_header_row_that_holds_nothing_is_refused(write: Write, row: int) -> None:
    with pytest.raises(UnreadableFile, match=rf"Row {row} can't be the header"):
        open_table(write("A,B\n,\nx,1\n"), header_row=row)


def test_known_words_decide_which_row_is_the_header(write: Write) -> None:
    text = "alpha;beta;gamma\nref;statement;owner\nR-1;Start;Ann\nR-2;Stop;Bob\n"
    assert open_table(write(text)).header_row == 1
    assert open_table(write(text), vocabulary={"ref", "statement", "owner"}).header_row == 2
    assert open_table(write(text), vocabulary=lambda word: word in ("ref", "owner")).header_row == 2


def test_a_list_under_one_name_is_a_table_of_one_column(write: Write) -> None:
    table = open_table(write("Statement\nIt shall start, run and stop\nIt shall be safe\nIt shall, always, be green\n"))
    assert (table.headers, table.row_count, table.delimiter) == (("Statement",), 3, "")


@pytest.mark.parametrize(
    "prose",
    ["# Title\n\nSome words here.\n", "Dear all,\nplease find the list below.\nBest\n", "12\n13\n14\n", "1,2\n3,4\n"],
)
def test_what_has_no_header_is_refused(write: Write, prose: str) -> None:
    with pytest.raises(UnreadableFile, match=r"No header row was found"):
        open_table(write(prose))


def test_blank_and_repeated_headers_get_names_of_their_own(write: Write) -> None:
    table = open_table(write("Status,Status,,Owner  of\tit,Status (2),\nopen,closed,x,Ann,new,\n"))
    assert table.headers == ("Status", "Status (3)", "Column C", "Owner of it", "Status (2)")
    assert table.columns == (0, 1, 2, 3, 4)
    assert "Columns without a header are called by their letters: Column C." in notes(table)


def test_columns_with_neither_header_nor_content_are_left_out(write: Write) -> None:
    table = open_table(write("A,,B,,\n1,,2,,\n3, ,4,,\n"))
    assert (table.headers, table.columns, cells(table)) == (("A", "B"), (0, 2), [("1", "2"), ("3", "4")])


def test_a_header_alone_is_a_table_without_rows(write: Write) -> None:
    table = open_table(write("Ref,Statement,Owner\n"))
    assert (table.headers, table.row_count, cells(table)) == (("Ref", "Statement", "Owner"), 0, [])
    assert "There is no row below the header." in notes(table)


def test_more_columns_than_allowed_are_refused(write: Write) -> None:
    wide = ",".join(f"H{number}" for number in range(501))
    with pytest.raises(UnreadableFile, match=r"The table has 501 columns; at most 500 are read"):
        open_table(write(f"{wide}\n{wide}\n"))


def test_rows_can_be_walked_again(write: Write) -> None:
    table = open_table(write(GERMAN))
    assert list(table.rows()) == list(table.rows())


def test_a_file_that_vanished_is_said_to_be_gone(write: Write) -> None:
    path = write(GERMAN)
    table = open_table(path)
    path.unlink()
    with pytest.raises(UnreadableFile, match=r"could not be opened"):
        list(table.rows())
    with pytest.raises(UnreadableFile, match=r"could not be opened"):
        open_table(path)


def test_a_single_nul_does_not_make_a_text_binary(write: Write) -> None:
    assert cells(open_table(write("Ref,Statement\nR-1,a\0b\nR-2,c\n")))[0] == ("R-1", "a\0b")


def test_a_large_text_is_read_in_a_process_of_its_own_just_as_a_small_one(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = "".join(f'R-{number};"Prüfung\n{number}; ""sofort""";x\n' for number in range(2000))
    path = write("sep=;\nRef;Überschrift;Note\n\n" + good + 'R-8;a;x\0y\nR-9;"never closed;\n1;2\n')
    small = open_table(path)
    expected = list(small.rows())
    monkeypatch.setattr(text_files, "_SMALL", 1000)
    apart = open_table(path)
    monkeypatch.setattr(text_files, "rows", None)
    assert list(apart.rows()) == expected
    assert (notes(apart), apart.problem_count) == (notes(small), 1)


@pytest.mark.parametrize(
    ("content", "limits", "sentence"),
    [
        (b"Ref,Text\n1," + b"x" * 5_000_000, {}, r"Row 2 is longer than 4,000,000 characters"),
        (b"a," * 1_000_000 + b"a\n1,2\n", {}, r"Row 1 has 1,000,001 cells; a table has at most 16,384 columns"),
        (
            b'"Ref","Text"\n' + b'"1","a, b"\n' * 9000 + b'"2","' + b"never closed\n" * 90_000,
            {},
            r"A cell in row 9002 is longer",
        ),
        (b"Ref,Text\n" + b'"a\n",' * 1_000_000, {}, r"Row 2 is longer than 4,000,000 characters"),
        (b"Ref\n" + b"a\n" * 600_000, {"rows": 1000}, r"The file has more than 1,000 rows"),
        (b"Ref\n" + b"\n" * 1_200_000, {"rows": 1000}, r"The file has more than 1,000 rows"),
        (b"\0" * 2_000_000, {}, r"This is not a text file"),
        (b"Ref,Text\n" + b"ab," * 1_000_000, {"memory_bytes": 16 * 1024 * 1024}, r"too much memory to read"),
    ],
    ids=["one line", "a million columns", "unbalanced quote", "endless row", "rows", "blank rows", "NULs", "memory"],
)
def test_hostile_texts_end_in_a_sentence(write: Write, content: bytes, limits: dict[str, int], sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        open_table(write(content), limits=Limits(**limits))


def test_half_a_surrogate_pair_is_shown_as_unreadable(write: Write) -> None:
    table = open_table(write("Ref;Text\n1;a".encode("utf-16") + b"\x3d\xd8" + "b\n2;c\n".encode("utf-16-le")))
    assert cells(table)[1] == ("2", "c")
    assert "\ufffd" in str(cells(table)[0][1])


WORDS = st.sampled_from(
    [
        "Prüfung",
        "größer",
        "Maßnahme",
        "5 €",
        '"quoted"',
        "a,b",
        "x;y",
        "tab\tbed",
        "line\nbreak",
        "1.234,5",
        "it's",
        "–",
        "é",
        "2018-05-25",
        "=1+1",
        "#",
        " ",
        "pipe|d",
        "''",
        '"',
        "\r\n",
    ]
)
CELL = st.lists(WORDS, max_size=5).map(" ".join)
HEADERS = ["Ref", "Statement", "Überschrift", "Owner", "Gültig ab", "Kind", "Quelle"]
VOCABULARY = {"ref", "statement", "ueberschrift", "owner", "gueltig ab", "kind", "quelle"}


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    headers = draw(st.lists(st.sampled_from(HEADERS), min_size=2, unique=True))
    row = st.lists(CELL, min_size=len(headers) - 1, max_size=len(headers) - 1)
    numbered = [[f"R-{number}", *cells] for number, cells in enumerate(draw(st.lists(row, min_size=1, max_size=15)))]
    return [headers, *numbered]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]), st.sampled_from([",", ";", "\t"]))
def test_what_was_written_as_csv_reads_back_equal(
    tmp_path: Path, rows: list[list[str]], encoding: str, delimiter: str
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path = tmp_path / "written.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    table = open_table(path, vocabulary=VOCABULARY)
    assert [list(table.headers), *(list(row.cells) for row in table.rows())] == rows
    assert table.problem_count == 0


@pytest.mark.parametrize(
    ("last", "rows"),
    [
        ("Summe:;;32 Anforderungen;", 2),
        ("Total;;12 items;1,024.50", 2),
        ("Summe:;;Anforderungen der Norm;", 3),  # words alone may be somebody's row
        ("Umsatz;;32 Anforderungen;", 3),
    ],
)
def test_a_total_may_say_what_it_counts(write: Write, last: str, rows: int) -> None:
    table = open_table(write(f"ID;Customer;Requirement;Value\nA1;Acme;In 5 days;12\nA2;Acme;Painted blue;7\n{last}\n"))
    assert len(list(table.rows())) == rows
