"""Export, edit in a spreadsheet, import: the register changes by the edits and nothing else, whichever register it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from comments.models import Comment
from evidence.models import Attachment
from imports.template import workbook_of
from organizations.models import Organization, Site, User
from organizations.scope import current_organization, in_organization
from registers.custom_fields.models import CustomField, merged
from registers.export import exported, write_csv, write_xlsx
from registers.parsing.targets import Target, keeps_source_data, targets_of
from registers.register import Register, registry
from registers.tags import joined
from tests.people import make_organization, make_people
from tests.support.factories import make, make_many
from tests.support.imports import last_version, next_transaction, run_import
from trail.actor import acting

pytestmark = pytest.mark.django_db

ROWS = 12
#: What follows from a change.
UNSAID = ("revision", "changed_at", "version", "acknowledge_from")
#: Texts that spreadsheets like to make something else of.
AWKWARD = ("007", "1E5", "5.7E+17", "3-4", "1/2", "TRUE", "2024-01-02", "12:30", "+49 30 1234", "'quoted", "a;b,c\td", "two\nlines",
           '"so" she said', "Ünïcödé 漢字", "100 %", "0,5", "-5", "N/A", "=1+1", "@SUM(A1)")  # fmt: skip


@pytest.fixture(scope="module")
def acme(kept_db: None) -> Iterator[Organization]:
    """Every register with some rows: linked, tagged, with custom values and awkward texts."""
    organization = make_organization("acme", "Acme Pumps")
    people = make_people(organization, make_organization("other", "Other Valves"))
    with in_organization(organization), acting(people.quality_manager):
        for code in ("N", "S"):
            Site.objects.create(code=code, name=f"Site {code}")
        for register in registry:
            for kind in CustomField.Kind:
                choices = [{"code": code, "label": code.title(), "retired": False} for code in ("low", "high")]
                CustomField.objects.create(
                    register=register.slug, key=f"custom_{kind}", label=f"Own {kind}", kind=kind,
                    choices=choices if kind == CustomField.Kind.CHOICE else [],
                )  # fmt: skip
        for register in registry:
            rows = make_many(register, ROWS)
            for number, row in enumerate(rows):
                row.external_id = f"0{number}{AWKWARD[number]}"
                row.tags = joined(["urgent", f"tag {number}"])
                row.custom = {
                    "custom_text": AWKWARD[-number - 1], "custom_number": "0.1234", "custom_date": "2026-02-28",
                    "custom_choice": "high", "custom_person": people.contributor.pk,
                } if number else {}  # fmt: skip
                if keeps_source_data(register):
                    row.source_data, row.score, row.scale_min, row.scale_max = "Branch: 007\nShift: 2", 4, 1, 5
                row.save()
                Comment.objects.create(subject=row.reference, author=people.contributor, text=AWKWARD[-1])
                Attachment.objects.create(
                    subject=row.reference, name=f"=1; ünï {number}.pdf", sha256=f"{number:064x}", size=1,
                    media_type="application/pdf", uploaded_by=people.contributor,
                )  # fmt: skip
        yield organization


def read(file: Any, kind: str) -> list[list[Any]]:
    """The cells of an exported file."""
    if kind == "xlsx":
        return [list(row) for row in load_workbook(file).worksheets[0].iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline="")))


def written(rows: list[list[Any]], path: Path) -> Path:
    """A file with these cells, as a spreadsheet program saves it."""
    if path.suffix == ".xlsx":
        book = Workbook()
        for row in rows:
            book.active.append(row)
            for cell in book.active[book.active.max_row]:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
        book.save(path)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
    return path


def export(register: Register, kind: str) -> list[list[Any]]:
    write = {"xlsx": write_xlsx, "csv": write_csv}[kind]
    return read(write(register, register.records().order_by("pk"), exported(register)), kind)


def saved(register: Register, path: Path) -> Path:
    """An export as it is downloaded."""
    write = {".xlsx": write_xlsx, ".csv": write_csv}[path.suffix]
    with write(register, register.records().order_by("pk"), exported(register)) as file:
        path.write_bytes(file.read())
    return path


def state(register: Register) -> dict[int, dict[str, Any]]:
    """All that can be imported, of every row, by its field's name."""
    found = {}
    for row in register.model.objects.order_by("pk"):
        values = {
            field.attname: getattr(row, field.attname)
            for field in row._meta.concrete_fields
            if field.name not in UNSAID
        }
        links = {
            field.name: sorted(getattr(row, field.name).values_list("pk", flat=True))
            for field in row._meta.many_to_many
        }
        found[row.pk] = values | links
    return found


kinds = pytest.mark.parametrize("kind", ["xlsx", "csv"])
registers = pytest.mark.parametrize("register", list(registry), ids=lambda register: register.slug)


@registers
@kinds
def test_an_export_that_nobody_edited_changes_nothing(
    acme: Organization, register: Register, kind: str, tmp_path: Path
) -> None:
    before, version = state(register), last_version(register.model)
    result = run_import(register.slug, written(export(register, kind), tmp_path / f"rows.{kind}"))
    assert (result.reasons, result.counts) == ([], (0, 0, len(before), 0))
    assert result.report.as_json()["passed_over"] == []
    assert (state(register), last_version(register.model)) == (before, version)


def other_value(target: Target, row: Any, number: int) -> tuple[Any, Any]:
    """Another value for a field, and the cell that says it."""
    match target.kind:
        case "text" | "longtext" | "id":
            text = AWKWARD[number % len(AWKWARD)][: target.field.max_length]
            return text, text
        case "integer":
            return 1 + number % 4, 1 + number % 4
        case "decimal":
            return Decimal("1.25"), Decimal("1.25")
        case "date":
            return date(2026, 1, 1 + number % 20), date(2026, 1, 1 + number % 20)
        case "datetime":
            moment = datetime(2026, 1, 1 + number % 20, 3, 4, 5, tzinfo=current_organization().zone)
            return moment, moment
        case "boolean":
            turned = not getattr(row, target.name)
            return turned, turned
        case "choice":
            code, label = sorted(target.choices.items())[number % len(target.choices)]
            return code, label
        case "person":
            person = User.objects.get(email="contributor@acme.example")
            return person, person.email
        case "site":
            site = Site.objects.get(code="S")
            return site, site.code
        case "row":
            return row.reference, row.reference.lower()
        case "record":
            other = target.related.objects.exclude(pk=row.pk).order_by("-pk").first()
            return other, other.reference
    linked = target.related.objects.order_by("-pk")[:2]
    return sorted(each.pk for each in linked), ", ".join(each.reference for each in linked)


def edit(row: Any, target: Target, value: Any) -> dict[str, Any]:
    """What of a row differs after the edit, worked out as forms do."""
    if target.kind == "records":
        return {target.name: value}
    if target.custom:
        kept = merged(row.custom, {target.name: target.custom.kept(value)})
        return {"custom": kept}
    setattr(row, target.name, value)
    with suppress(ValidationError):
        row.clean()
    type(row).prepare([row])
    return {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in UNSAID
    }


def differences(after: dict[int, dict[str, Any]], expected: dict[int, dict[str, Any]]) -> dict[tuple[int, str], Any]:
    """What stands elsewhere than it should: by row and field, what is there and what was to be."""
    return {
        (key, name): (value, expected[key][name])
        for key, row in after.items()
        for name, value in row.items()
        if value != expected[key][name]
    }


@registers
@kinds
def test_what_was_edited_is_what_changes(acme: Organization, register: Register, kind: str, tmp_path: Path) -> None:
    """Each round edits one cell in each row, until every column was; what a rule refuses changes nothing."""
    targets = [target for target in targets_of(register).values() if target.kind != "reference" and not target.beside]
    keys = list(register.model.objects.order_by("pk").values_list("pk", flat=True))
    edited = refused = 0
    for first in range(0, len(targets) if kind == "xlsx" else len(keys), len(keys)):
        cells, expected = export(register, kind), state(register)
        told = {}
        for place, target in enumerate(targets[first : first + len(keys)]):
            row = register.model.objects.get(pk=keys[place])
            value, cell = other_value(target, row, first + place)
            cells[1 + place][cells[0].index(register.bound[target.name].label)] = _cell(cell, kind)
            told[row.pk] = (target.name, edit(row, target, value))
        result = run_import(register.slug, written(cells, tmp_path / f"rows{first}.{kind}"), skip_invalid=True)
        spoilt = {keys[problem["row"] - 2] for problem in result.report.problems}
        for key, (_name, change) in told.items():
            if key not in spoilt:
                expected[key] |= change
        assert differences(state(register), expected) == {}
        edited, refused = edited + len(told), refused + len(spoilt)
    assert refused < edited / 3 or kind == "csv"


def _cell(value: Any, kind: str) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None) if kind == "xlsx" else value.isoformat()
    if isinstance(value, Decimal) and kind == "xlsx":
        return float(value)
    return value


@registers
def test_an_emptied_cell_empties_its_field_or_is_refused_where_it_cannot_be_empty(
    acme: Organization, register: Register, tmp_path: Path
) -> None:
    targets = [target for target in targets_of(register).values() if target.kind != "reference" and not target.beside]
    keys = list(register.model.objects.order_by("-pk").values_list("pk", flat=True))
    for first in range(0, len(targets), len(keys)):
        cells, expected = export(register, "xlsx")[:1], state(register)
        rows = {row[0]: row for row in export(register, "xlsx")[1:]}
        told: dict[int, dict[str, Any]] = {}
        needed: set[int] = set()
        for place, target in enumerate(targets[first : first + len(keys)]):
            row = register.model.objects.get(pk=keys[place])
            cell_row = rows[row.reference]
            cell_row[cells[0].index(register.bound[target.name].label)] = None
            cells.append(cell_row)
            if target.required or _nothing(target) is ...:
                needed.add(place + 2)
                told[row.pk] = {}
            else:
                told[row.pk] = edit(row, target, _nothing(target))
        result = run_import(register.slug, written(cells, tmp_path / f"rows{first}.xlsx"), skip_invalid=True)
        problems = {(problem["row"], problem["reason"][:8]) for problem in result.report.problems}
        assert {(number, "The cell") for number in needed} <= problems
        refused = {number for number, _reason in problems}
        for number, (key, change) in enumerate(told.items(), 2):
            if number not in refused:
                expected[key] |= change
        assert differences(state(register), expected) == {}


def _nothing(target: Target) -> Any:
    """What a field holds that was emptied; … where it can't be."""
    if target.kind == "records":
        return []
    if target.field.null:
        return None
    return "" if target.field.blank and isinstance(target.field, models.CharField | models.TextField) else ...


ISSUES, LONG = registry["issues"], "description"
hostile = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=40),
        st.tuples(st.sampled_from(["=", "+", "-", "@", "|", "%", "'", "'=", "''+", "\t", "\n", " ", "0", '"', ";", ","]),
                  st.text("a1|\\'\";,=\n é漢🙂", max_size=12)).map("".join),
    ),
    min_size=ROWS, max_size=ROWS,
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=hostile)
def test_whatever_text_comes_in_goes_out_and_comes_back_as_it_was(
    acme: Organization, texts: list[str], tmp_path: Path
) -> None:
    cells = export(ISSUES, "xlsx")
    place = cells[0].index(ISSUES.bound[LONG].label)
    for row, text in zip(cells[1:], texts, strict=False):
        row[place] = text
    result = run_import("issues", written(cells, tmp_path / "in.xlsx"), skip_invalid=True)
    refused = {problem["row"] - 2 for problem in result.report.problems}
    assert all(texts[number].strip().startswith("#") for number in refused)
    kept = list(ISSUES.model.objects.order_by("pk").values_list(LONG, flat=True))
    assert all(number in refused or kept[number] == text.strip() for number, text in enumerate(texts))
    for kind in ("csv", "xlsx"):
        counts = run_import("issues", saved(ISSUES, tmp_path / f"out.{kind}")).counts
        assert counts == (0, 0, len(cells) - 1, 0)


def test_signs_that_no_cell_can_hold_and_texts_that_no_cell_is_long_enough_for_are_no_edits(
    acme: Organization, tmp_path: Path
) -> None:
    rows = list(ISSUES.model.objects.order_by("pk")[:4])
    long = "🙂" + "long text " * 4000
    for row, text in zip(rows, ("_x0041_ or \x0b", "two\r\nlines", " blank ", long), strict=True):
        setattr(row, LONG, text)
        row.save()
    for kind in ("xlsx", "csv"):
        counts = run_import("issues", saved(ISSUES, tmp_path / f"rows.{kind}")).counts
        assert counts == (0, 0, ISSUES.model.objects.count(), 0)
    cells = export(ISSUES, "xlsx")
    place = cells[0].index(ISSUES.bound[LONG].label)
    cells[4][place] += "!"
    result = run_import("issues", written(cells, tmp_path / "cut.xlsx"))
    assert ["holds only its beginning" in reason for reason in result.reasons] == [True]
    cells[4][place] = None
    assert run_import("issues", written(cells, tmp_path / "emptied.xlsx")).counts == (0, 1, len(cells) - 2, 0)


def beside(register: Register) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Comments and files of a register's rows: reference and text, reference and name."""
    prefix = f"{register.model.prefix}-"
    said = Comment.objects.filter(subject__startswith=prefix).order_by("pk").values_list("subject", "text")
    attached = Attachment.objects.filter(subject__startswith=prefix).order_by("pk").values_list("subject", "name")
    return list(said), list(attached)


@registers
@kinds
def test_comments_and_names_of_files_written_below_those_of_a_row_are_added_to_it(
    acme: Organization, register: Register, kind: str, tmp_path: Path
) -> None:
    manager = User.objects.get(email="quality.manager@acme.example")
    cells, before, version = export(register, kind), state(register), last_version(register.model)
    said, attached = beside(register)
    reference, comments, files = (cells[0].index(label) for label in ("Reference", "Comments", "Evidence files"))
    cells[2][comments] += "\nTwo lines,\n=all of one comment"
    cells[3][files] += "\n=1; ünï 0.pdf"
    path = written(cells, tmp_path / f"rows.{kind}")
    with acting(manager):
        result = run_import(register.slug, path)
    assert (result.reasons, result.counts) == ([], (0, 2, len(before) - 2, 0))
    assert result.report.as_json()["passed_over"] == []
    assert result.report.as_json()["added"] == {"Comments": 1, "Evidence files": 1}
    assert beside(register) == (
        [*said, (cells[2][reference], "Two lines,\n=all of one comment")],
        [*attached, (cells[3][reference], "=1; ünï 0.pdf")],
    )
    assert Comment.objects.order_by("pk").last().author == manager
    assert Attachment.objects.order_by("pk").last().uploaded_by == manager
    assert (state(register), last_version(register.model)) == (before, version), (
        "the rows themselves have no new version"
    )
    next_transaction()
    with acting(manager):
        again = run_import(register.slug, path)
    assert (again.counts, again.report.as_json()["passed_over"]) == ((0, 0, len(before), 0), [])


@kinds
def test_comments_and_files_that_an_edit_takes_away_or_rewords_stay_and_are_spoken_of(
    acme: Organization, kind: str, tmp_path: Path
) -> None:
    cells, before, others = export(ISSUES, kind), state(ISSUES), beside(ISSUES)
    comments, files = cells[0].index("Comments"), cells[0].index("Evidence files")
    cells[1][comments] = cells[1][comments].replace("@", "!")
    cells[2][comments], cells[4][files] = None, None
    result = run_import("issues", written(cells, tmp_path / f"rows.{kind}"))
    assert (result.counts, state(ISSUES), beside(ISSUES)) == ((0, 0, len(cells) - 1, 0), before, others)
    said, attached = result.report.as_json()["passed_over"]
    assert said.startswith("Comments: 2 rows leave out or reword what the register has (2, 3). What was said stays")
    assert attached.startswith("Evidence files: row 5 leaves out or rewords what the register has. What was attached")


@kinds
def test_an_export_of_chosen_columns_finds_its_rows_by_their_references(
    acme: Organization, kind: str, tmp_path: Path
) -> None:
    title = ISSUES.model.title_field
    whole = export(ISSUES, kind)
    places = [whole[0].index(label) for label in ("Reference", ISSUES.bound[title].label)]
    cells = [[row[place] for place in places] for row in whole]
    cells[2][1] = "Edited"
    result = run_import("issues", written(cells, tmp_path / f"rows.{kind}"))
    assert result.counts == (0, 1, len(cells) - 2, 0)
    cells[2][0] = f"{ISSUES.model.prefix}-9999"
    result = run_import("issues", written(cells, tmp_path / f"other.{kind}"))
    assert [reason.startswith("This register has no row") for reason in result.reasons] == [True]
    theirs = [cells[0], *([f"{ISSUES.model.prefix}-{9000 + number}", "Theirs"] for number in range(3))]
    mapping = run_import("issues", written(theirs, tmp_path / f"theirs.{kind}"), dry_run=True).report.as_json()[
        "mapping"
    ]
    assert mapping["external_id"] == "Reference"


def test_numbers_of_an_export_are_read_as_they_were_written(acme: Organization, tmp_path: Path) -> None:
    for row in ISSUES.model.objects.all():
        row.custom = {"custom_number": "1.234"}
        row.save()
    cells = export(ISSUES, "csv")
    assert run_import("issues", written(cells, tmp_path / "rows.csv")).counts == (0, 0, len(cells) - 1, 0)


def test_a_column_that_is_only_read_fills_no_field_whose_column_was_taken_out(
    acme: Organization, tmp_path: Path
) -> None:
    feedback = registry["feedback"]
    cells, before = export(feedback, "xlsx"), state(feedback)
    out = cells[0].index(feedback.bound["text"].label)
    result = run_import("feedback", written([[*row[:out], *row[out + 1 :]] for row in cells], tmp_path / "rows.xlsx"))
    assert "text" not in result.report.as_json()["mapping"]
    assert state(feedback) == before


@registers
def test_a_template_explains_every_column_offers_what_can_be_chosen_and_holds_no_row(
    acme: Organization, register: Register, tmp_path: Path
) -> None:
    targets = [target for target in targets_of(register).values() if target.kind != "reference"]
    path = tmp_path / "template.xlsx"
    path.write_bytes(workbook_of(register, targets_of(register)).read())
    sheet, explained, _lists = load_workbook(path).worksheets
    assert [cell.value for cell in sheet[1]] == [target.label for target in targets]
    assert [row[0] for row in explained.iter_rows(min_row=2, values_only=True)] == [target.label for target in targets]
    offering = {
        str(each.sqref).rstrip("0123456789").partition(":")[0] for each in sheet.data_validations.dataValidation
    }
    closed = [t for t in targets if t.kind in ("choice", "boolean", "site", "person")]
    assert len(offering) == len(closed)
    assert run_import(register.slug, path).counts == (0, 0, 0, 0)


@kinds
def test_moments_of_days_when_towns_went_by_the_sun_come_back(acme: Organization, kind: str, tmp_path: Path) -> None:
    register = registry["feedback"]
    make(register.model, 600, collected_at=datetime(1890, 3, 4, 13, 14, 15, tzinfo=UTC))
    path = saved(register, tmp_path / f"rows.{kind}")
    result = run_import("feedback", path)
    assert (result.reasons, result.counts[2]) == ([], register.model.objects.count())


@kinds
def test_signs_of_errors_and_old_days_that_a_register_holds_come_back(
    acme: Organization, kind: str, tmp_path: Path
) -> None:
    """Laws in force are older than the calendar of spreadsheets, and somebody may have written about “#REF!”."""
    register = registry["requirements"]
    days = (date(1896, 8, 18), date(1900, 1, 15), date(1900, 2, 28), date(1900, 3, 1))
    rows = [make(register.model, 500 + number, source_issued_on=day) for number, day in enumerate(days)]
    for row, sign in zip(rows, ("#REF!", "#N/A", "#DIV/0!", "#NAME?"), strict=True):
        row.title, row.source, row.custom = sign, sign.lower(), {"custom_text": sign}
        row.save()
    before = state(register)
    result = run_import("requirements", saved(register, tmp_path / f"rows.{kind}"))
    assert (result.reasons, result.counts) == ([], (0, 0, len(before), 0))
    assert state(register) == before
    cells = export(register, kind)
    places = [cells[0].index(register.bound[name].label) for name in ("title", "custom_text")]
    for place, line in zip(places, (-1, -2), strict=True):
        cells[line][place] = "#VALUE!"
    result = run_import("requirements", written(cells, tmp_path / f"edited.{kind}"))
    assert result.counts == (0, 0, len(before) - 2, 2)
    assert all("The formula in this cell failed" in reason for reason in result.reasons)
