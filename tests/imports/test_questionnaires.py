"""One row a person with a column a question: answers, each under its own question, known again when the file comes again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.models import FeedbackItem
from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.pipeline import examination, read_table
from imports.questions import asked_of
from imports.sources import MappingError
from organizations.models import User
from registers.parsing.targets import targets_of
from registers.register import registry
from tests.imports.test_pages import form_of, uploaded
from tests.imports.test_scales import case
from tests.people import People
from tests.support.imports import next_transaction, run_import, text_file, undone

pytestmark = pytest.mark.usefixtures("in_acme")

MARK = {"from": 1, "to": 6, "best": "lowest"}
NPS = {"from": 0, "to": 10, "best": "highest", "recommendation": True}
WORDS = {"words": True}
SAID = {
    "questions": {"Q1 Quality": MARK, "Q2 Delivery": MARK, "Recommend (NPS 0-10)": NPS, "Comment": WORDS},
    "source": {"value": "survey"},
    "customer": "Customer",
    "options": {"create": ["customer"]},
}
WIDE = (
    "Customer,Date,Q1 Quality,Q2 Delivery,Recommend (NPS 0-10),Comment\n"
    "Dairy North,2026-09-14,1,2,10,late once\nBakery West,2026-09-14,4,,6,\nMill East,2026-09-15,2,2,9,thank you\n"
)


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


def answers() -> set[tuple[str, str, Any, str, bool]]:
    return {
        (row.customer.name, row.question, row.score and int(row.score), row.text, row.is_recommendation)
        for row in FeedbackItem.objects.select_related("customer")
    }


def test_a_row_becomes_an_answer_to_each_question(tmp_path: Path) -> None:
    imported = run_import("feedback", text_file(tmp_path, WIDE), SAID)
    assert imported.counts == (10, 0, 0, 0)
    assert answers() == {
        ("Dairy North", "Q1 Quality", 1, "", False), ("Dairy North", "Q2 Delivery", 2, "", False),
        ("Dairy North", "Recommend (NPS 0-10)", 10, "", True), ("Dairy North", "Comment", None, "late once", False),
        ("Bakery West", "Q1 Quality", 4, "", False), ("Bakery West", "Recommend (NPS 0-10)", 6, "", True),
        ("Mill East", "Q1 Quality", 2, "", False), ("Mill East", "Q2 Delivery", 2, "", False),
        ("Mill East", "Recommend (NPS 0-10)", 9, "", True), ("Mill East", "Comment", None, "thank you", False),
    }  # fmt: skip
    assert FeedbackItem.objects.get(question="Q1 Quality", score=1).normalized == 100
    assert imported.report.as_json()["unanswered"] == 2
    # All answers of a row share who answered.
    assert FeedbackItem.objects.values("respondent").distinct().count() == 3


def test_the_same_file_changes_nothing_and_a_mended_answer_only_itself(tmp_path: Path, people: People) -> None:
    run_import("feedback", text_file(tmp_path, WIDE), SAID)
    next_transaction()
    assert run_import("feedback", text_file(tmp_path, WIDE), SAID).counts == (0, 0, 10, 0)
    next_transaction()
    mended = run_import("feedback", text_file(tmp_path, WIDE.replace("2026-09-14,4,,6", "2026-09-14,3,5,6")), SAID)
    assert mended.counts == (1, 1, 9, 0)
    assert ("Bakery West", "Q1 Quality", 3, "", False) in answers()
    assert ("Bakery West", "Q2 Delivery", 5, "", False) in answers()
    next_transaction()
    assert undone("feedback", mended, people.quality_manager) == {"archived": 1, "set back": 1}


def test_rows_of_nobody_in_two_files_are_four_answers(tmp_path: Path) -> None:
    """People who aren't named are told apart by all that they say."""
    said = {"questions": {"Q1": MARK, "Q2": MARK}, "collected_at": {"value": "2026-09-14"}}
    run_import("feedback", text_file(tmp_path, "Q1,Q2\n1,2\n"), said)
    next_transaction()
    assert run_import("feedback", text_file(tmp_path, "Q1,Q2\n3,4\n"), said).counts == (2, 0, 0, 0)


def test_a_score_off_its_questions_scale_is_refused_with_its_cell(tmp_path: Path) -> None:
    imported = run_import("feedback", text_file(tmp_path, WIDE.replace(",4,,6,", ",9,,6,")), SAID, skip_invalid=True)
    assert imported.counts == (9, 0, 0, 1)
    (problem,) = imported.report.problems
    assert (problem["row"], problem["cell"], problem["column"]) == (3, "C3", "Q1 Quality")
    assert problem["reason"] == "9 doesn't lie on the scale from 1 to 6."


@pytest.mark.parametrize("with_ids", [True, False])
def test_importing_question_by_question_overwrites_no_answer(with_ids: bool) -> None:
    folder = case("08-second-question-overwrites-first")
    for name in ("delivery", "service"):
        said = json.loads((folder / f"{name}.json").read_text()) | {"higher_is_better": {"value": "yes"}}
        if not with_ids:
            said["external_id"] = None
        next_transaction()
        assert run_import("feedback", folder / "wide.csv", said).counts == (2, 0, 0, 0)
    found = FeedbackItem.objects.values_list("respondent", "question", "score")
    if with_ids:
        assert sorted(found) == [
            ("r1", "Delivery", 5),
            ("r1", "Service", 2),
            ("r2", "Delivery", 4),
            ("r2", "Service", 1),
        ]
    assert FeedbackItem.objects.count() == 4


def test_short_headers_with_digits_are_answers_too() -> None:
    folder = case("05-header-names-with-digits")
    said = json.loads((folder / "map.json").read_text())
    said["questions"] = {"Q1": WORDS, "Q2": WORDS, "Q3": WORDS}
    run_import("feedback", folder / "survey.csv", said | {"options": {"header_row": 1}})
    found = FeedbackItem.objects.values_list("question", "text")
    assert {("Q1", "very good"), ("Q1", "bad"), ("Q1", "ok")} <= set(found)
    assert len(found) == 9


def test_a_register_without_answers_has_no_questions(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="keeps no answers"):
        run_import("risks", text_file(tmp_path, "Risk,Q1\nLeak,3\n"), {"questions": {"Q1": MARK}})


@pytest.mark.parametrize("plain", [{"from": 6, "to": 1, "best": "lowest"}, {"from": 1, "to": 6}, {"words": False}, 3, {"from": "x", "to": 2, "best": "lowest"}])  # fmt: skip
def test_a_question_without_its_whole_scale_is_refused(plain: Any, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="needs its scale"):
        run_import("feedback", text_file(tmp_path, WIDE), {"questions": {"Q1 Quality": plain}})


def asked_of_file(path: Path) -> list[dict[str, Any]]:
    register, mapping = registry["feedback"], ImportMapping()
    with examination(register, read_table(path, path.name, register, mapping), mapping) as examined:
        return asked_of(examined)


def survey(text: str, folder: Path, **said: Any) -> dict[str, Any] | None:
    register = registry["feedback"]
    mapping = ImportMapping.read(said, targets_of(register))
    path = text_file(folder, text)
    with examination(register, read_table(path, path.name, register, mapping), mapping) as examined:
        return examined.survey


def test_questions_are_proposed_with_scales_that_alike_columns_share(tmp_path: Path) -> None:
    found = survey(WIDE, tmp_path)
    assert found and found["open"]
    assert [(c["header"], c["words"], c["scale"]) for c in found["columns"]] == [
        ("Q1 Quality", False, 1), ("Q2 Delivery", False, 1), ("Recommend (NPS 0-10)", False, 2), ("Comment", True, 0),
    ]  # fmt: skip
    assert found["scales"] == [{"low": "1", "high": "5", "best": ""}, {"low": "0", "high": "10", "best": "yes"}]
    assert found["recommendation"] == "Recommend (NPS 0-10)"


@pytest.mark.parametrize(
    "text",
    [
        "Date,Question,Score,Other\n2026-10-01,How?,5,3\n",
        "Date,Score,Year,Quantity\n2026-10-01,5,12,3\n",
        "Date,Comment,Phone\n2026-10-01,good,3\n",
        "Respondent,Date,Score,Scale min,Scale max,Stars\n1,2026-10-01,5,1,5,3\n",
    ],
)
def test_files_of_one_answer_a_row_are_asked_nothing_of_the_kind(text: str, tmp_path: Path) -> None:
    assert survey(text, tmp_path) is None


def test_who_says_which_column_is_the_score_is_asked_nothing(tmp_path: Path) -> None:
    assert survey(WIDE, tmp_path, score="Q1 Quality") is None
    found = survey(WIDE, tmp_path, questions={})
    assert found and not found["open"]


def test_the_page_asks_once_shows_the_answers_and_writes_them(browser: Client) -> None:
    job, page = uploaded(browser, WIDE, register="feedback")
    assert page.context["survey_form"].is_open
    assert page.context["counts"] is None
    refused = browser.post(job.get_absolute_url(), form_of(page) | {"check": "1"})
    assert refused.status_code == 422
    assert refused.context["survey_form"].errors == {
        # The ends are proposed: what is missing alone is asked for.
        "survey-best-1": ["Say which end of the scale is best."]
    }
    emptied = browser.post(
        job.get_absolute_url(), form_of(page, **{"survey-low-1": "", "survey-best-1": "lowest"}) | {"check": "1"}
    )
    assert emptied.context["survey_form"].errors == {"survey-low-1": ["Say the lowest number of the scale."]}
    # Of columns that are asked about nothing is said to be left out.
    assert not any("Not imported" in note or "No column holds ids" in note for note in page.context["notes"])
    chosen = {"survey-high-1": "6", "survey-best-1": "lowest"}
    browser.post(job.get_absolute_url(), form_of(page, **chosen) | {"check": "1"})
    page = browser.get(job.get_absolute_url())
    assert page.context["counts"] == {"created": 10, "changed": 0, "unchanged": 0, "refused": 0}
    assert not page.context["survey_form"].is_open
    assert {outcome["text"] for outcome in page.context["outcomes"]} == {"100 %", "80 %", "40 %", "60 %", "90 %"}
    browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
    assert ImportJob.objects.get(pk=job.pk).status == ImportJob.Status.DONE
    assert FeedbackItem.objects.filter(is_recommendation=True).count() == 3
    # The next file of the kind is understood as this one.
    _job, page = uploaded(browser, WIDE, register="feedback")
    assert page.context["counts"] == {"created": 0, "changed": 0, "unchanged": 10, "refused": 0}


def test_no_column_needs_to_be_a_question(browser: Client) -> None:
    job, page = uploaded(browser, WIDE, register="feedback")
    none = {f"survey-{place}": "" for place in range(4)}
    browser.post(job.get_absolute_url(), form_of(page, **none) | {"check": "1"})
    page = browser.get(job.get_absolute_url())
    assert page.context["counts"] == {"created": 3, "changed": 0, "unchanged": 0, "refused": 0}


SCORES = st.lists(st.tuples(st.integers(0, 7) | st.none(), st.integers(0, 11) | st.none()), min_size=1, max_size=5)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=SCORES)
def test_each_answer_is_recorded_or_refused_or_absent(
    rows: list[tuple[int | None, int | None]], tmp_path: Path
) -> None:
    lines = [f"c{n},2026-09-14,{'' if a is None else a},{'' if b is None else b}" for n, (a, b) in enumerate(rows)]
    said = {"questions": {"Q1": MARK, "NPS": NPS}, "respondent": "Who"}
    imported = run_import(
        "feedback", text_file(tmp_path, "Who,Date,Q1,NPS\n" + "\n".join(lines) + "\n"), said, dry_run=True
    )
    given_ = [(a, 1, 6) for a, _b in rows if a is not None] + [(b, 0, 10) for _a, b in rows if b is not None]
    good = sum(low <= answer <= high for answer, low, high in given_)
    assert imported.counts == (good, 0, 0, len(given_) - good)
    assert imported.report.as_json()["unanswered"] == 2 * len(rows) - len(given_)


def test_the_survey_of_the_first_hour_is_asked_about_once() -> None:
    (question,) = asked_of_file(case("first-hour/5 Umfrage 2026.xlsx"))
    marks = [column["header"] for column in question["columns"] if column["scale"] == 1]
    assert marks == [
        "Q1 Qualität", "Q2 Liefertreue", "Q3 Kommunikation", "Q4 Reklamationsbearbeitung", "Gesamt",
    ]  # fmt: skip
    assert question["recommendation"] == "Weiterempfehlung (NPS 0-10)"
    assert [column["header"] for column in question["columns"] if column["words"]] == ["Kommentar"]


def test_questions_of_a_survey_are_answered_to_a_survey_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    said = {"questions": {"Q1": MARK}, "respondent": "Who"}
    run_import("feedback", text_file(tmp_path, "Who,Date,Q1\nAnn,2026-09-14,2\n"), said)
    assert FeedbackItem.objects.get().source == "survey"
    run_import("feedback", text_file(tmp_path, "Who,Date,Source,Q1\nBob,2026-09-14,meeting,2\n", name="b.csv"), said)
    assert FeedbackItem.objects.get(respondent="Bob").source == "meeting"
