"""Cells that mean nothing, a day in words, per cent, and rows that a sheet hides: asked, told, remembered."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from actions.models import Action
from comments.models import Comment
from feedback.models import FeedbackItem
from imports.mapping import ImportMapping
from imports.no_answers import NoAnswers
from imports.sources import MappingError
from imports.summary import decisions
from organizations.models import User
from registers.parsing.targets import targets_of
from registers.register import registry
from requirements_registry.models import InterestedParty, Requirement
from tests.imports.test_pages import form_of, uploaded
from tests.people import People
from tests.support.imports import run_import, text_file
from trail.actor import acting

CASES = Path(os.environ.get("CUSTOMERFOCUS_CASES") or Path(__file__).resolve().parents[2].parent / "shared" / "cases")
pytestmark = pytest.mark.usefixtures("in_acme")
ONE_TO_FIVE = {
    "scale_min": {"value": 1},
    "scale_max": {"value": 5},
    "higher_is_better": {"value": "yes"},
    "source": {"value": "survey"},
}


def case(name: str) -> Path:
    path = CASES / name
    if not path.exists():
        pytest.skip(f"the case {name} is not here")
    return path


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


def told(imported: Any) -> list[str]:
    """What is told about an import."""
    return [
        *map(str, imported.examination.table.notes),
        *decisions(imported.report.as_json(), targets_of(imported.examination.register)),
    ]


NA = "Date,Score,Comment,Customer\n2026-10-01,4,NA,NA\n2026-10-02,NA,fine,Alpha\n2026-10-03,NaN,null,None\n2026-10-05,5,none,nan\n"


def test_words_of_programs_for_no_value_are_no_values(tmp_path: Path) -> None:
    imported = run_import("feedback", text_file(tmp_path, NA), ONE_TO_FIVE | {"options": {"create": ["customer"]}})
    assert imported.counts == (4, 0, 0, 0)
    rows = FeedbackItem.objects.order_by("collected_at").values_list("score", "text", "customer__name")
    assert [(score and int(score), text, name) for score, text, name in rows] == [
        (4, "", None),
        (None, "fine", "Alpha"),
        (None, "", None),
        # A customer may well answer “none”.
        (5, "none", None),
    ]
    assert [party.name for party in InterestedParty.objects.all()] == ["Alpha"]
    assert any("Read as no answer in" in sentence and "“NA” (1)" in sentence for sentence in told(imported))


def test_the_case_of_missing_value_words() -> None:
    imported = run_import(
        "feedback",
        case("10-missing-value-words/na.csv"),
        ONE_TO_FIVE | {"options": {"create": ["customer"]}},
        skip_invalid=True,
    )
    assert imported.counts == (4, 0, 0, 1) and "#N/A" in imported.reasons[0]
    assert [party.name for party in InterestedParty.objects.all()] == ["Alpha"]


CODES = "ID,Date,Score,Comment\n1,2026-10-01,1,fine\n2,2026-10-02,6,cannot say\n3,2026-10-03,7,not asked\n4,2026-10-04,5,bad\n"


@pytest.mark.parametrize(
    "said",
    [
        {"values": {"score": {"6": "", "7": ""}}},
        {"values": {"score": {"6": None, "7": None}}},
        {"empty": {"score": [6, "7"]}},
    ],
)
def test_codes_for_no_answer_are_said_in_a_mapping(tmp_path: Path, said: dict[str, Any]) -> None:
    imported = run_import("feedback", text_file(tmp_path, CODES), ONE_TO_FIVE | said)
    assert imported.counts == (4, 0, 0, 0)
    scores = FeedbackItem.objects.order_by("external_id").values_list("score", flat=True)
    assert [score and int(score) for score in scores] == [1, None, None, 5]
    assert any("“6” (1), “7” (1)" in sentence for sentence in told(imported))


def test_words_of_people_for_no_answer_are_none_where_numbers_belong(tmp_path: Path) -> None:
    text = "ID;Datum;Bewertung;Kommentar\n1;04.03.2026;5;a\n3;04.03.2026;weiß nicht;weiß nicht\n4;04.03.2026;keine Angabe;d\n"
    imported = run_import("feedback", text_file(tmp_path, text), ONE_TO_FIVE)
    assert imported.counts == (3, 0, 0, 0)
    assert list(FeedbackItem.objects.order_by("external_id").values_list("score", "text")) == [
        (5, "a"),
        (None, "weiß nicht"),
        (None, "d"),
    ]


def test_codes_are_asked_for_on_the_page_and_remembered(browser: Client, tmp_path: Path) -> None:
    job, page = uploaded(browser, CODES, register="feedback")
    answers = {"scale_min": "1", "scale_max": "5", "higher_is_better": "yes"}
    form = form_of(page, **{name: value for name, value in answers.items()})
    browser.post(job.get_absolute_url(), form | {"check": "1"})
    page = browser.get(job.get_absolute_url())
    assert page.context["counts"]["refused"] == 2
    browser.post(job.get_absolute_url(), form_of(page, **{"empty-score": "6; 7"}) | {"check": "1"})
    page = browser.get(job.get_absolute_url())
    assert page.context["counts"] == {"created": 4, "changed": 0, "unchanged": 0, "refused": 0}
    browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
    _job, again = uploaded(browser, CODES.replace("1,2026", "9,2026"), register="feedback", name="next.csv")
    assert again.context["counts"]["refused"] == 0 and again.context["recognised"]


def test_a_word_for_no_answer_may_mean_what_it_says(browser: Client) -> None:
    job, page = uploaded(
        browser, "ID,Date,Source,Comment\n1,2026-10-01,survey,NA\n2,2026-10-02,survey,good\n", register="feedback"
    )
    assert page.context["no_answers_form"]["empty-text"].value() == "NA"
    form = form_of(page)
    form.pop("empty-text")
    browser.post(job.get_absolute_url(), form | {"check": "1"})
    page = browser.get(job.get_absolute_url())
    browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
    assert list(FeedbackItem.objects.order_by("external_id").values_list("text", flat=True)) == ["NA", "good"]


def test_an_id_may_be_any_word(tmp_path: Path) -> None:
    assert (
        run_import("feedback", text_file(tmp_path, "ID,Date,Source,Comment\nNA,2026-10-01,survey,x\n")).counts[0] == 1
    )
    assert FeedbackItem.objects.get().external_id == "NA"


@given(
    st.sampled_from(["score", "collected_at", "text", "customer"]),
    st.text(max_size=20) | st.integers(-100, 100) | st.floats(),
)
def test_nothing_but_known_words_and_codes_is_no_answer(field: str, cell: Any) -> None:
    target = targets_of(registry["feedback"])[field]
    said = NoAnswers.of(target, ImportMapping(empty={field: ("99", "−1")}))
    plain = NoAnswers.of(target, ImportMapping())
    assert (cell in said) == (cell in plain or str(cell).strip() in ("99", "-1", "−1", "99.0", "-1.0"))


ACTIONS = "Nr,Action,Due\n1,Talk,31.12.2026\n2,Audit,sofort\n3,Plan,KW 49\n4,Train,Sept 2026\n5,Buy,Q3\n6,Check,laufend\n7,Ship,01.02.2027\n"
PLAN = {"title": "Action", "external_id": "Nr", "due_on": "Due"}
SAID = {
    "values": {"due_on": {"sofort": "2026-12-01", "laufend": "comment"}},
    "periods": {"due_on": {"week": "last", "month": "first", "quarter": "empty", "in_year": 2026}},
}


def test_days_in_words_are_refused_until_somebody_says_what_they_mean(tmp_path: Path) -> None:
    imported = run_import("actions", text_file(tmp_path, ACTIONS), PLAN, dry_run=True)
    plain = imported.report.as_json()
    assert imported.counts == (2, 0, 0, 5)
    assert plain["unknown_words"] == {"due_on": ["sofort", "laufend"]}
    assert plain["unknown_periods"] == {
        "due_on": {"week": ("KW 49", True), "month": ("Sept 2026", False), "quarter": ("Q3", True)}
    }


def test_a_day_in_words_is_a_day_nothing_or_a_comment_and_the_row_stays(tmp_path: Path, people: People) -> None:
    with acting(people.quality_manager):
        imported = run_import("actions", text_file(tmp_path, ACTIONS), PLAN | SAID)
    assert imported.counts == (7, 0, 0, 0)
    days = dict(Action.objects.values_list("external_id", "due_on"))
    assert days == {
        "1": date(2026, 12, 31),
        "2": date(2026, 12, 1),
        "3": date(2026, 12, 6),
        "4": date(2026, 9, 1),
        "5": None,
        "6": None,
        "7": date(2027, 2, 1),
    }
    assert [comment.text for comment in Comment.objects.all()] == ["Due: laufend"]
    with acting(people.quality_manager):
        assert run_import("actions", text_file(tmp_path, ACTIONS), PLAN | SAID).counts == (0, 0, 7, 0)
    assert Comment.objects.count() == 1


def test_what_days_in_words_mean_is_asked_on_the_page_and_remembered(browser: Client) -> None:
    job, page = uploaded(browser, ACTIONS, register="actions")
    form = page.context["cells_form"]
    assert form.is_open and "as “KW 49”" in page.content.decode()
    words = {word: field for field, (_name, word) in form._words.items()}
    said = {
        "period-due_on-week": "last",
        "period-due_on-month": "first",
        "period-due_on-quarter": "empty",
        "year-due_on": "2026",
        words["sofort"]: "day",
        f"{words['sofort']}-day": "2026-12-01",
        words["laufend"]: "comment",
    }
    browser.post(job.get_absolute_url(), form_of(page, **said) | {"check": "1"})
    page = browser.get(job.get_absolute_url())
    assert page.context["counts"] == {"created": 7, "changed": 0, "unchanged": 0, "refused": 0}
    assert not page.context["cells_form"].is_open
    browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
    assert Action.objects.get(external_id="3").due_on == date(2026, 12, 6)
    _job, again = uploaded(browser, ACTIONS.replace("KW 49", "KW 50"), register="actions", name="next.csv")
    assert again.context["recognised"] and again.context["counts"]["refused"] == 0


def test_a_day_that_is_chosen_must_be_given(browser: Client) -> None:
    job, page = uploaded(browser, "Nr,Action,Due\n1,Talk,sofort\n", register="actions")
    answer = browser.post(job.get_absolute_url(), form_of(page, **{"said-0": "day"}) | {"check": "1"})
    assert answer.status_code == 422 and "Say which day is meant" in answer.content.decode()


def test_a_needed_day_is_neither_empty_nor_a_comment(tmp_path: Path, browser: Client) -> None:
    text = "ID,Date,Source,Comment\n1,sofort,survey,x\n2,2026-10-02,survey,y\n"
    _job, page = uploaded(browser, text, register="feedback")
    assert [value for value, _label in page.context["cells_form"].fields["said-0"].choices] == ["", "day"]
    said = {"values": {"collected_at": {"sofort": "comment"}}}
    assert run_import("feedback", text_file(tmp_path, text), said, dry_run=True).counts == (1, 0, 0, 1)


@pytest.mark.parametrize(
    "said",
    [
        {"periods": {"due_on": {"fortnight": "first"}}},
        {"periods": {"due_on": {"week": "middle"}}},
        {"periods": {"due_on": {"in_year": "soon"}}},
        {"empty": {"due_on": "x"}},
        {"options": {"hidden_rows": "perhaps"}},
    ],
)
def test_a_mapping_says_what_is_wrong_with_it(said: dict[str, Any]) -> None:
    with pytest.raises(MappingError):
        ImportMapping.read(said, targets_of(registry["actions"]))


def test_a_mapping_comes_back_as_it_was(in_acme: None) -> None:
    targets = targets_of(registry["actions"])
    plain = PLAN | SAID | {"empty": {"due_on": ["offen"]}, "options": {"hidden_rows": "leave"}}
    mapping = ImportMapping.read(plain, targets)
    assert ImportMapping.read(mapping.as_json(), targets) == mapping


@pytest.mark.parametrize(("scale", "created"), [("percent", 2), ("ten", 0)])
def test_per_cent_is_no_step_of_a_scale(tmp_path: Path, scale: str, created: int) -> None:
    path = text_file(tmp_path, "Risk,Detection\nLeak,5 %\nFire,8%\n")
    imported = run_import(
        "risks", path, {"event": "Risk", "detection": "Detection", "ratings": {"value": scale}}, dry_run=True
    )
    assert imported.counts[0] == created and all("is per cent" in reason for reason in imported.reasons)


def hidden_sheet(path: Path) -> Path:
    """Eight requirements, of which a filter hides four."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["ID", "Requirement"])
    for number in range(1, 9):
        sheet.append([f"Q{number}", f"Pump {number} shall stop"])
        sheet.row_dimensions[number + 1].hidden = bool(number % 2)
    book.save(path)
    return path


@pytest.mark.parametrize(("answer", "rows"), [("read", 8), ("leave", 4)])
def test_hidden_rows_are_counted_and_asked_about(browser: Client, tmp_path: Path, answer: str, rows: int) -> None:
    job, page = uploaded(
        browser, hidden_sheet(tmp_path / "a.xlsx").read_bytes(), register="requirements", name="a.xlsx"
    )
    assert page.context["hidden_open"] and "4 rows are hidden in the sheet" in page.content.decode()
    assert 'name="confirm"' not in page.content.decode()
    browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
    assert not Requirement.objects.exists()
    page = browser.get(job.get_absolute_url())
    browser.post(job.get_absolute_url(), form_of(page, hidden_rows=answer) | {"check": "1"})
    page = browser.get(job.get_absolute_url())
    assert page.context["counts"]["created"] == rows and not page.context["hidden_open"]
    browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
    assert Requirement.objects.count() == rows
    # Another file hides other rows: it is asked about anew.
    _job, again = uploaded(
        browser, hidden_sheet(tmp_path / "b.xlsx").read_bytes(), register="requirements", name="b.xlsx"
    )
    assert again.context["hidden_open"]
