"""Exports, evaluations and packs as of a moment, on the command line."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from actions.models import Action
from organizations.models import Organization
from organizations.scope import in_organization
from packs import verify as script
from registers.services import archive
from tests.people import make_organization
from tests.support.moments import passes, standing_clock
from trail.models import Event
from trail.time_travel.moments import written


@pytest.fixture
def before(db: None) -> Iterator[str]:
    """A moment after which one action was changed, one archived and one written."""
    with standing_clock() as hand:
        acme = make_organization("acme", "Acme Pumps")
        with in_organization(acme):
            rows = [Action(title=title) for title in ("Calibrate", "Mend")]
            for row in rows:
                row.save()
            moment = passes(hand, days=1)
            rows[0].title = "Calibrate twice"
            rows[0].save()
            archive(rows[1], by=None, reason="Done by others")
            Action(title="Later").save()
            acme.name = "Acme Valves"
            acme.save()
            passes(hand, days=1)
        yield written(moment)


def export(path: Path, *rest: str) -> list[dict[str, str]]:
    call_command("export_register", "actions", "--organization", "acme", "--to", str(path), *rest)
    return list(csv.DictReader(path.open(encoding="utf-8-sig")))


def test_an_export_holds_the_rows_as_they_stood(before: str, tmp_path: Path) -> None:
    assert [row["Action"] for row in export(tmp_path / "then.csv", "--as-of", before)] == ["Calibrate", "Mend"]
    assert [row["Action"] for row in export(tmp_path / "now.csv")] == ["Calibrate twice", "Later"]
    with in_organization(Organization.objects.get()):
        told = Event.objects.filter(verb="exported").order_by("pk").values_list("data", flat=True)
        assert ["as_of" in data for data in told] == [True, False]


def test_an_evaluation_is_that_of_the_moment(before: str, capsys: pytest.CaptureFixture[str]) -> None:
    def evaluated(*rest: str) -> dict[str, Any]:
        call_command("evaluate", "--organization=acme", "--from=2026-01-01", "--to=2026-03-31", "--json", *rest)
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    then, now = evaluated("--as-of", before), evaluated()
    assert (then["organization"], then["records"], then["moment"]) == ("Acme Pumps", 2, "2026-01-05T08:00:00.000000Z")
    assert (now["organization"], now["records"]) == ("Acme Valves", 2)


@pytest.mark.parametrize("moment", ["yesterday", "2026-01-01", "2027-01-01"], ids=["unreadable", "too early", "future"])
def test_a_moment_that_there_is_none_of_is_exit_code_2(moment: str, before: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        export(tmp_path / "a.csv", "--as-of", moment)
    assert refused.value.returncode == 2
    assert not (tmp_path / "a.csv").exists()


@pytest.mark.django_db(transaction=True)
def test_a_pack_holds_the_rows_as_they_stood_and_proves_them(
    before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    period = ["--from=2026-01-01", "--to=2026-03-31"]
    call_command(
        "build_pack", "--organization=acme", *period, "--as-of", before, "--inline", "--out", str(tmp_path / "a.zip")
    )
    with zipfile.ZipFile(tmp_path / "a.zip") as pack:
        records, told = (pack.read(f"acme-EP-0001/data/{name}") for name in ("records/actions.jsonl", "pack.json"))
    assert [json.loads(line)["title"] for line in records.splitlines()] == ["Calibrate", "Mend"]
    assert json.loads(told)["organization"]["name"] == "Acme Pumps"
    checked = subprocess.run(
        [sys.executable, "-I", script.__file__, str(tmp_path / "a.zip")], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout
