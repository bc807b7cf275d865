"""``import_register`` and ``export_register``: exit codes, summary, files."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from actions.models import Action
from registers.parsing.header_proposals import propose
from registers.parsing.targets import targets_of
from registers.register import registry
from requirements_registry.models import Requirement
from tests.people import People
from tests.support.imports import last_version, text_file

pytestmark = pytest.mark.usefixtures("in_acme")

GOOD = "Id,Action,Status,Due\nA1,Calibrate the scale,planned,2026-05-04\nA2,Train the inspectors,in Arbeit,2026-06-01\n"
BAD = GOOD + "A3,,planned,30.02.2026\n"


def run(capsys: pytest.CaptureFixture[str], *arguments: Any, register: str = "actions") -> tuple[int, dict[str, Any]]:
    """Exit code and summary of an import."""
    code = 0
    try:
        call_command("import_register", register, *map(str, arguments), "--organization", "acme")
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


def refusal(*arguments: Any) -> CommandError:
    with pytest.raises(CommandError) as refused:
        call_command(*map(str, arguments))
    return refused.value


class TestImport:
    def test_all_rows_in_is_exit_code_0_and_a_summary(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, summary = run(capsys, text_file(tmp_path, GOOD, name="plan.csv"))
        assert code == 0
        assert {name: summary[name] for name in ("created", "changed", "unchanged", "refused", "rows", "written")} == {
            "created": 2, "changed": 0, "unchanged": 0, "refused": 0, "rows": 2, "written": True,
        }  # fmt: skip
        assert (
            summary["file"],
            len(summary["sha256"]),
            summary["found"]["delimiter"],
            summary["found"]["header_row"],
        ) == ("plan.csv", 64, ",", 1)

    def test_the_second_run_changes_nothing(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = text_file(tmp_path, GOOD)
        run(capsys, path)
        before = last_version(Action)
        code, summary = run(capsys, path)
        assert (code, summary["unchanged"], last_version(Action)) == (0, 2, before)

    def test_a_refused_row_is_exit_code_1_and_nothing_is_written(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, summary = run(capsys, text_file(tmp_path, BAD))
        assert (code, summary["refused"], summary["written"], Action.objects.count()) == (1, 1, False, 0)

    def test_skip_invalid_writes_the_rest_and_still_says_1(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, summary = run(capsys, text_file(tmp_path, BAD), "--skip-invalid")
        assert (code, summary["created"], summary["written"], Action.objects.count()) == (1, 2, True, 2)

    def test_a_dry_run_writes_nothing(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, summary = run(capsys, text_file(tmp_path, GOOD), "--dry-run")
        assert (code, summary["created"], summary["written"], Action.objects.count()) == (0, 2, False, 0)

    def test_the_report_holds_every_refused_row_with_its_reasons(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run(capsys, text_file(tmp_path, BAD), "--report", tmp_path / "refused.csv")
        (row,) = csv.DictReader((tmp_path / "refused.csv").open(encoding="utf-8-sig", newline=""))
        assert list(row) == ["Row", "Id", "Action", "Status", "Due", "What is wrong", "What to do"]
        assert "D4: There is no such day: 30.02.2026." in row["What is wrong"]

    def test_a_mended_report_can_be_imported_itself(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        run(capsys, text_file(tmp_path, BAD), "--skip-invalid", "--report", tmp_path / "refused.csv")
        mended = (
            (tmp_path / "refused.csv")
            .read_text("utf-8-sig")
            .replace("A3,,planned,30.02.2026", "A3,Mend the door,planned,28.02.2026")
        )
        assert run(capsys, text_file(tmp_path, mended, name="mended.csv"))[0] == 0
        assert Action.objects.get(external_id="A3").title == "Mend the door"

    def test_a_mapping_file_is_used(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        mapping = text_file(tmp_path, '{"title": "What", "values": {"status": {"wip": "under_way"}}}', name="m.json")
        code, summary = run(capsys, text_file(tmp_path, "What,Status\nMend,wip\n"), "--mapping", mapping)
        assert (code, summary["mapping"]["title"]) == (0, "What")
        assert Action.objects.get().status == "under_way"

    def test_rows_are_written_in_a_persons_name(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], people: People
    ) -> None:
        run(capsys, text_file(tmp_path, GOOD), "--by", people.quality_manager.email)
        assert set(Action.history.values_list("history_user", flat=True)) == {people.quality_manager.pk}

    def test_columns_that_are_not_imported_are_listed(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(capsys, text_file(tmp_path, "Action,Colour\nMend,red\n"))[1]["unmapped"] == ["Colour"]


class TestWhatCannotBeImported:
    def test_an_unreadable_file(self, tmp_path: Path) -> None:
        error = refusal("import_register", "actions", text_file(tmp_path, "\x00\x01" * 900), "--organization", "acme")
        assert error.returncode == 2

    @pytest.mark.parametrize(
        ("register", "organization", "file", "mapping", "message"),
        [
            ("colours", "acme", GOOD, "{}", "no register colours.*actions"),
            ("actions", "nobody", GOOD, "{}", "no organization nobody"),
            ("actions", "acme", None, "{}", "opened"),
            ("actions", "acme", "", "{}", "empty"),
            ("actions", "acme", GOOD, "{", "can't be read"),
            ("actions", "acme", GOOD, None, "can't be read"),
            ("actions", "acme", GOOD, '{"colour": "x"}', "no field colour"),
            ("actions", "acme", GOOD, '{"title": "x"}', "no column “x”"),
            ("actions", "acme", "Id,Due\n1,2026-01-01\n", "{}", "fills title.*Id, Due"),
        ],
    )
    def test_is_exit_code_2_with_what_and_where(
        self, register: str, organization: str, file: str | None, mapping: str | None, message: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "gone.csv" if file is None else text_file(tmp_path, file)
        wanted = tmp_path / "gone.json" if mapping is None else text_file(tmp_path, mapping, name="m.json")
        error = refusal("import_register", register, path, "--organization", organization, "--mapping", wanted)
        assert error.returncode == 2
        assert re.search(message, str(error), re.DOTALL)

    def test_an_unknown_person(self, tmp_path: Path) -> None:
        assert (
            refusal(
                "import_register", "actions", text_file(tmp_path, GOOD), "--organization", "acme", "--by", "x@y.example"
            ).returncode
            == 2
        )


class TestExport:
    @pytest.fixture(autouse=True)
    def _rows(self, in_acme: Any) -> None:
        Action(title="=1+1", status="planned").save()
        Action(title="Mend the door", status="under_way").save()

    def test_csv_holds_every_row(self, tmp_path: Path) -> None:
        call_command("export_register", "actions", "--organization", "acme", "--to", str(tmp_path / "a.csv"))
        rows = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8-sig")))
        assert [row["Action"] for row in rows] == ["'=1+1", "Mend the door"]

    def test_filters_are_those_of_the_list(self, tmp_path: Path) -> None:
        call_command(
            "export_register",
            "actions",
            "--organization",
            "acme",
            "--to",
            str(tmp_path / "a.xlsx"),
            "--filter",
            "status=under_way",
            "q=door",
        )
        sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
        assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["ACT-0002"]

    def test_json_lines_hold_codes_by_field(self, tmp_path: Path) -> None:
        call_command("export_register", "actions", "--organization", "acme", "--to", str(tmp_path / "a.jsonl"))
        rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
        assert [(row["reference"], row["status"]) for row in rows] == [
            ("ACT-0001", "planned"),
            ("ACT-0002", "under_way"),
        ]

    @pytest.mark.parametrize("arguments", [("actions", "a.pdf"), ("colours", "a.csv"), ("actions", "a.csv", "--filter", "colour=red"), ("actions", "a.csv", "--filter", "status"),
                                           ("actions", "a.csv", "--filter", "status=sleeping")])  # fmt: skip
    def test_what_cannot_be_understood_is_exit_code_2(self, arguments: tuple[str, ...], tmp_path: Path) -> None:
        register, name, *rest = arguments
        assert (
            refusal("export_register", register, "--organization", "acme", "--to", tmp_path / name, *rest).returncode
            == 2
        )
        assert not (tmp_path / name).exists()

    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    def test_an_export_imports_without_a_change(
        self, ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("export_register", "actions", "--organization", "acme", "--to", str(tmp_path / f"a.{ending}"))
        before = last_version(Action)
        code, summary = run(capsys, tmp_path / f"a.{ending}")
        assert (code, summary["unchanged"], summary["created"], last_version(Action)) == (0, 2, 0, before)

    def test_an_edited_export_updates_the_rows_it_came_from(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "a.csv"
        call_command("export_register", "actions", "--organization", "acme", "--to", str(path))
        path.write_text(path.read_text("utf-8-sig").replace("Mend the door", "Mend both doors"), "utf-8-sig")
        assert run(capsys, path)[1]["changed"] == 1
        assert Action.objects.get(reference="ACT-0002").title == "Mend both doors"


@pytest.mark.parametrize("slug", sorted(registry.slugs()))
def test_every_registers_export_is_understood_by_its_import(slug: str, tmp_path: Path) -> None:
    """Headers alone: each importable column of an export is mapped back to its own field."""
    Requirement(title="One", statement="It works.").save()
    path = tmp_path / "a.csv"
    call_command("export_register", slug, "--organization", "acme", "--to", str(path))
    headers = path.read_text("utf-8-sig").splitlines()[0]
    targets = targets_of(registry[slug])
    proposal = propose(next(csv.reader([headers])), targets)
    assert all(targets[name].label == header or name == "reference" for name, header in proposal.items())
