"""One rule for empty cells of rows that the register has: they empty their field where it can be empty; answers stay, and it is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from feedback.models import FeedbackItem
from imports.summary import decisions
from registers.register import registry
from tests.imports.test_questionnaires import SAID, WIDE
from tests.support.imports import Imported, next_transaction, run_import, text_file

pytestmark = pytest.mark.usefixtures("in_acme")

RULE = (
    "In rows that the register has, an empty cell empties its field. One that can't be empty keeps what it holds; where every row "
    "needs it, the row is refused. What no column fills stays."
)


@pytest.mark.parametrize(
    ("slug", "header", "row", "empty", "emptied", "kept"),
    [
        ("actions", "Id;Action;Due;Status;Description", "1;Mend;2026-05-04;under_way;soon", "1;Mend;;;", {"due_on": None, "description": ""}, {"status": "under_way"}),
        ("requirements", "Id;Statement;Source;Status;Category", "1;It holds;QSV;active;safety", "1;It holds;;;", {"source": "", "category": ""}, {"status": "active"}),
        ("risks", "Id;Risk;Cause", "1;It burns;heat", "1;It burns;", {"cause": ""}, {"event": "It burns"}),
        ("feedback", "Id;Date;Source;Comment;Product", "1;2026-01-05;survey;good;pump", "1;2026-01-05;survey;good;", {"product": ""}, {"text": "good"}),
    ],
)  # fmt: skip
def test_an_empty_cell_empties_its_field_where_it_can_be_empty(
    slug: str,
    header: str,
    row: str,
    empty: str,
    emptied: dict[str, Any],
    kept: dict[str, Any],
    importing: Callable[..., Imported],
) -> None:
    assert importing(slug, f"{header}\n{row}\n").counts == (1, 0, 0, 0)
    again = importing(slug, f"{header}\n{empty}\n")
    assert again.counts == (0, 1, 0, 0), again.reasons
    record = registry[slug].model.objects.get()
    assert {name: getattr(record, name) for name in emptied} == emptied
    assert {name: getattr(record, name) for name in kept} == kept
    assert RULE in list(decisions(again.report.as_json()))


def test_what_every_row_needs_is_refused_and_so_is_what_an_export_empties(importing: Callable[..., Imported]) -> None:
    importing("actions", "Id;Action;Status\n1;Mend;under_way\n")
    assert importing("actions", "Id;Action;Status\n1;;under_way\n").counts == (0, 0, 0, 1)
    reference = registry["actions"].model.objects.get().reference
    export = importing("actions", f"Reference;Action;Status\n{reference};Mend;\n")
    assert export.counts == (0, 0, 0, 1) and export.reasons == ["The cell was emptied, but this can't be empty."]
    told = importing("actions", f"Reference;Action;Status\n{reference};Mend it;under_way\n").report.as_json()
    assert any("where that can't be empty, the row is refused" in sentence for sentence in decisions(told))


def test_a_new_file_says_nothing_of_it(importing: Callable[..., Imported]) -> None:
    assert RULE not in list(decisions(importing("actions", "Id;Action\n1;Mend\n").report.as_json()))


def test_an_answer_that_a_later_file_leaves_out_stays_and_that_is_said(tmp_path: Any) -> None:
    run_import("feedback", text_file(tmp_path, WIDE), SAID)
    count = FeedbackItem.objects.count()
    next_transaction()
    later = WIDE.replace("2026-09-14,1,2,10,late once", "2026-09-14,,2,10,")
    told = run_import("feedback", text_file(tmp_path, later), SAID).report.as_json()
    assert told["emptied_answers"] == 2 and told["counts"]["unchanged"] == 8
    assert FeedbackItem.objects.count() == count
    assert (
        "2 answers that are recorded are missing in this file: they stay. Archive those that hold no longer."
        in list(decisions(told))
    )
