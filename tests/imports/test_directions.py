"""Which end of a feedback scale is best is asked with its ends, and nothing is assumed."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.models import FeedbackItem
from feedback.scale_proposals import proposal
from imports.models import ImportJob
from organizations.models import User
from registers.columns import Numbers
from tests.imports.test_pages import form_of, uploaded
from tests.imports.test_scales import asked, case
from tests.people import People
from tests.support.imports import run_import, text_file

pytestmark = pytest.mark.usefixtures("in_acme")

MARKS = "Datum;Note;Kommentar\n04.10.2026;1;prima\n05.10.2026;1;gut\n06.10.2026;6;undicht\n"
SAID = {"scale_min": {"value": 1}, "scale_max": {"value": 6}, "source": {"value": "survey"}}


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


def numbers(header: str, low: str, high: str, **said: str) -> Numbers:
    return Numbers((header,), Decimal(low), Decimal(high), (Decimal(low) + Decimal(high)) / 2, said)


@pytest.mark.parametrize(
    ("header", "low", "high", "expected"),
    [
        ("Note", "1", "5", (1, 6, False)), ("Schulnote", "2", "4", (1, 6, False)), ("Your grade", "1", "3", (1, 6, False)),
        ("Weiterempfehlung (NPS 0-10)", "3", "9", (0, 10, True)), ("Q1 (1 bis 7)", "2", "5", (1, 7, None)),
        ("Satisfaction", "1", "4", (1, 5, True)), ("Q1 Qualität", "1", "4", (1, 5, None)), ("Q1", "1", "6", (1, 6, False)),
        ("Q1", "0", "9", (0, 10, True)), ("Q1", "12", "97", (0, 100, True)), ("Q1", "-1", "5", (None, None, None)), ("Zufrieden in %", "0.7", "0.92", (0, 1, True)), ("Zufrieden in %", "3", "9", (0, 100, True)),
        ("Q1", "1", "999", (None, None, None)),
    ],
)  # fmt: skip
def test_a_scale_is_proposed_from_header_and_numbers_where_they_tell(
    header: str, low: str, high: str, expected: tuple[int | None, int | None, bool | None]
) -> None:
    assert tuple(proposal(numbers(header, low, high))) == expected


def test_the_last_answer_to_the_same_question_goes_before_the_header(tmp_path: Path) -> None:
    path = text_file(tmp_path, "Date,Question,Score\n2026-10-04,Note,3\n")
    scale = {"scale_min": {"value": 1}, "scale_max": {"value": 5}, "higher_is_better": {"value": "yes"}}
    run_import("feedback", path, scale)
    assert tuple(proposal(numbers("Note", "1", "5"))) == (1, 5, True)
    assert tuple(proposal(numbers("X", "1", "5", question="Note"))) == (1, 5, True)
    # Numbers that are off that scale are on another.
    assert tuple(proposal(numbers("Note", "1", "6"))) == (1, 6, False)


def test_the_case_of_marks_is_asked_for_the_direction_with_what_each_comes_to() -> None:
    mapping = json.loads(case("09-marks-one-is-best/map.json").read_text())
    (question,) = asked(case("09-marks-one-is-best/marks.csv"), "feedback", mapping)
    assert (question["name"], question["proposed"]) == ("higher_is_better", "no")
    assert question["choices"] == {
        "yes": "6 is best: together 33.3 % of the scale",
        "no": "1 is best: together 66.7 % of the scale",
    }


def test_without_any_word_both_ends_and_the_direction_are_asked(tmp_path: Path) -> None:
    questions = asked(text_file(tmp_path, MARKS), "feedback")
    assert [(q["name"], q["proposed"]) for q in questions] == [
        ("scale_min", "1"), ("scale_max", "6"), ("higher_is_better", "no"),
    ]  # fmt: skip


def test_a_decimal_comma_is_read_as_the_column_has_it(tmp_path: Path) -> None:
    question = asked(text_file(tmp_path, "Datum;Note\n04.10.2026;1,3\n05.10.2026;2,7\n"), "feedback")[0]
    assert (question["low"], question["high"]) == ("1.3", "2.7")


def test_rows_whose_direction_nobody_said_are_refused(tmp_path: Path) -> None:
    imported = run_import("feedback", text_file(tmp_path, MARKS), SAID, skip_invalid=True)
    assert imported.counts == (0, 0, 0, 3)
    assert "can't be read without it" in imported.reasons[0]


def test_an_empty_cell_says_no_direction(tmp_path: Path) -> None:
    text = "Date,Score,Scale min,Scale max,Higher is better\n2026-10-04,1,1,6,no\n2026-10-05,2,1,6,\n"
    assert run_import("feedback", text_file(tmp_path, text), skip_invalid=True).counts == (1, 0, 0, 1)


def test_a_value_off_the_scale_is_refused_with_its_row(tmp_path: Path) -> None:
    text = "Datum;Note\n04.10.2026;1\n05.10.2026;7\n"
    imported = run_import(
        "feedback", text_file(tmp_path, text), SAID | {"higher_is_better": {"value": "no"}}, skip_invalid=True
    )
    (problem,) = imported.report.problems
    assert (problem["row"], problem["cell"]) == (3, "B3")
    assert problem["reason"] == "7 doesn't lie on the scale from 1 to 6."


def test_the_page_asks_shows_what_comes_out_and_writes_that(browser: Client) -> None:
    job, page = uploaded(browser, MARKS, register="feedback")
    text = page.content.decode()
    assert "“Note”: the numbers go from 1 to 6. The lowest number of the scale" in text
    assert "1 is best: together 66.7 % of the scale" in text
    assert page.context["counts"] is None
    browser.post(job.get_absolute_url(), form_of(page) | {"check": "1"})
    page = browser.get(job.get_absolute_url())
    assert page.context["outcomes"] == [
        {"text": "100 %", "tone": "neutral", "count": 2},
        {"text": "0 %", "tone": "attention", "count": 1},
    ]
    # What was answered stays to be seen, and is changed there.
    assert page.context["scale_form"]["higher_is_better"].value() == "no"
    browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
    assert ImportJob.objects.get(pk=job.pk).status == ImportJob.Status.DONE
    assert sorted(FeedbackItem.objects.values_list("score", "normalized")) == [(1, 100), (1, 100), (6, 0)]


def test_headers_on_the_page_are_data(browser: Client) -> None:
    _job, page = uploaded(browser, 'Date,"Score ({{ 7|add:7 }}<b>)"\n2026-10-04,1\n', register="feedback")
    assert "{{ 7|add:7 }}&lt;b&gt;" in page.content.decode()


def test_the_command_says_what_to_say(tmp_path: Path) -> None:
    mapping = tmp_path / "map.json"
    mapping.write_text(json.dumps(SAID))
    with pytest.raises(CommandError) as refused:
        call_command("import_register", "feedback", str(text_file(tmp_path, MARKS)), "--organization", "acme",
                     "--mapping", str(mapping))  # fmt: skip
    assert str(refused.value) == (
        "Which end of the scale is best of Note (numbers from 1 to 6) stands nowhere in the file. Say it in a mapping: "
        '{"higher_is_better": {"value": "no"}}; yes: 6 is best: together 33.3 % of the scale, '
        "no: 1 is best: together 66.7 % of the scale."
    )


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scores=st.lists(st.integers(-2, 12), min_size=1, max_size=6),
    ends=st.sampled_from([(1, 5), (1, 6), (0, 10), (1, 3)]),
    higher=st.booleans(),
)
def test_each_score_lies_where_its_own_scale_and_direction_put_it(
    scores: list[int], ends: tuple[int, int], higher: bool, tmp_path: Path
) -> None:
    low, high = ends
    said = {"scale_min": {"value": low}, "scale_max": {"value": high}, "higher_is_better": {"value": higher}}
    text = "Date,Score\n" + "".join(f"2026-10-04,{score}\n" for score in scores)
    rows = run_import("feedback", text_file(tmp_path, text), said, dry_run=True).report.rows
    for row, score in zip(rows, scores, strict=True):
        if low <= score <= high:
            share = 100 * Decimal(score - low) / (high - low)
            share = (share if higher else 100 - share).quantize(Decimal("0.0001")).quantize(Decimal("0.1"))
            assert Decimal(row["outcomes"][0]["text"].removesuffix(" %")) == share
        else:
            assert row["state"] == "refused"
