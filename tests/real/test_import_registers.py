"""Real registers, imported from beginning to end: no row lost, no letter garbled, and a second run that changes nothing.

The files are no part of this project; where they are absent these tests are skipped.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import models

from feedback.models import FeedbackItem
from imports import services
from imports.mapping import ImportMapping
from imports.questions import ASKED
from imports.worker import process
from registers.register import registry
from requirements_registry.models import InterestedParty, Requirement, RequirementVersion
from risks.models import Risk
from tests.people import People

DATA = Path(os.environ.get("CUSTOMERFOCUS_REAL_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
pytestmark = [
    pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is absent ({DATA}); set CUSTOMERFOCUS_REAL_DATA"),
    pytest.mark.usefixtures("in_acme"),
]

#: Where the tests' organization is.
ZONE = ZoneInfo("Europe/Berlin")
COMCAST = "fb_comcast_complaints/Comcast_telecom_complaints_data.csv"
COMCAST_MAPPING = {
    "external_id": "Ticket #",
    "collected_at": ["Date", "Time"],
    "place": ["City", "State"],
    "source": {"value": "complaint"},
}
MOVIELENS = "fb_movielens_2018/ratings.csv"
MOVIELENS_MAPPING = {
    "external_id": ["user_id", "item_id"], "respondent": "user_id", "product": "item_id", "score": "rating", "collected_at": "timestamp",
    "scale_min": {"value": 0.5}, "scale_max": {"value": 5}, "higher_is_better": {"value": "yes"}, "source": {"value": "survey"},
}  # fmt: skip


def real(name: str) -> Path:
    """A file of the real data; without it the test is skipped. (A whole path stands for itself.)"""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is absent from the real data")
    return path


class Importer:
    """Runs ``import_register`` on real files and reads its summary."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys

    def __call__(self, register: str, name: str, mapping: dict[str, Any] | None = None) -> dict[str, Any]:
        arguments = [register, str(real(name)), "--organization", "acme"]
        if mapping:
            file = self._folder / "mapping.json"
            file.write_text(json.dumps(mapping))
            arguments += ["--mapping", str(file)]
        call_command("import_register", *arguments)
        summary: dict[str, Any] = json.loads(self._capsys.readouterr().out.splitlines()[-1])
        return summary

    def twice(self, register: str, name: str, mapping: dict[str, Any] | None = None) -> dict[str, Any]:
        """Import, see that importing again changes nothing at all, and give the first summary."""
        first = self(register, name, mapping)
        before = state_of(register)
        again = self(register, name, mapping)
        assert {name: again[name] for name in ("created", "changed", "refused", "unchanged")} == {
            "created": 0,
            "changed": 0,
            "refused": 0,
            "unchanged": first["created"],
        }
        assert state_of(register) == before
        return first


def state_of(register: str) -> tuple[Any, ...]:
    model: Any = registry[register].model
    rows = model.objects.aggregate(
        rows=models.Count("id"), revisions=models.Sum("revision"), changed=models.Max("changed_at")
    )
    return (*rows.values(), model.history.aggregate(last=models.Max("history_id"))["last"])


@pytest.fixture
def importer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Importer:
    return Importer(tmp_path, capsys)


def source(name: str, encoding: str, delimiter: str = ",") -> list[dict[str, str]]:
    """The file as Python's own reader sees it, once its encoding and separator are known."""
    with (DATA / name).open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()


class TestRequirements:
    def test_customer_requirements(self, importer: Importer) -> None:
        summary = importer.twice("requirements", "registers/customer-requirements.csv")
        rows = source("registers/customer-requirements.csv", "utf-8")
        assert summary["created"] == len(rows) == 969
        stored = {r.external_id: r for r in Requirement.objects.select_related("interested_party")}
        for row in rows:
            found = stored[row["Ref"]]
            assert (found.statement, found.category, found.source) == (
                tidy(row["Statement"]),
                row["Category"],
                row["Source"],
            )
            assert found.interested_party is not None and found.interested_party.name == row["Customer"]
        assert Counter(r.kind for r in stored.values()) == Counter(row["Kind"] for row in rows)
        assert InterestedParty.objects.count() == len({row["Customer"] for row in rows})
        assert RequirementVersion.objects.count() == 969

    def test_statutory_requirements(self, importer: Importer) -> None:
        name = "registers/statutory-21cfr.csv"
        assert importer.twice("requirements", name, {"kind": {"value": "statutory"}})["created"] == 85
        rows = source(name, "utf-8-sig")
        assert Counter(Requirement.objects.values_list("source", "statement")) == Counter(
            (row["Citation"], tidy(row["Text"])) for row in rows
        )
        days = Counter(
            datetime.strptime(row["Effective"], "%d.%m.%Y").date() if row["Effective"] else None for row in rows
        )
        assert Counter(Requirement.objects.values_list("effective_on", flat=True)) == days
        assert None in days

    def test_regulatory_requirements(self, importer: Importer) -> None:
        name = "registers/regulatory-nist-800-53-low.csv"
        assert (
            importer.twice(
                "requirements",
                name,
                {"kind": {"value": "regulatory"}, "external_id": "Control", "source_clause": "Control"},
            )["created"]
            == 149
        )
        rows = source(name, "utf-8", ";")
        stored = {r.external_id: r for r in Requirement.objects.all()}
        for row in rows:
            found = stored[row["Control"]]
            assert (found.title, found.category, found.source_clause) == (row["Title"], row["Family"], row["Control"])
            assert (found.statement, found.guidance) == (tidy(row["Statement"]), tidy(row["Guidance"]))
        assert any("\n" in r.statement or "\n" in r.guidance for r in stored.values())

    def test_german_law(self, importer: Importer) -> None:
        name = "registers/gesetzlich-dsgvo.csv"
        summary = importer.twice("requirements", name, {"kind": {"value": "statutory"}})
        assert (summary["created"], summary["found"]["encoding"], summary["found"]["delimiter"]) == (99, "cp1252", ";")
        rows = source(name, "cp1252", ";")
        assert Counter(Requirement.objects.values_list("title", "statement")) == Counter(
            (row["Überschrift"], tidy(row["Wortlaut"])) for row in rows
        )
        assert set(Requirement.objects.values_list("effective_on", flat=True)) == {date(2018, 5, 25)}
        assert Requirement.objects.filter(statement__contains="natürlicher").exists()
        assert not Requirement.objects.filter(statement__contains="\ufffd").exists()

    def test_all_four_without_a_mapping(self, importer: Importer) -> None:
        names = ("customer-requirements", "statutory-21cfr", "regulatory-nist-800-53-low", "gesetzlich-dsgvo")
        assert [importer.twice("requirements", f"registers/{name}.csv")["created"] for name in names] == [
            969,
            85,
            149,
            99,
        ]
        assert Requirement.objects.count() == 1302


class TestRisks:
    def test_openventilator(self, importer: Importer) -> None:
        summary = importer.twice("risks", "risk_openventilator_fmea/FMEA.xlsx", {"ratings": {"value": "percent"}})
        assert (summary["created"], summary["found"]["header_row"], summary["found"]["sheet"]) == (35, 5, "Sheet1")
        assert "Spartan model Risk priority (RPN)" in summary["unmapped"]
        risk = Risk.objects.get(event="Disconnected patient")
        assert (risk.consequence, risk.severity, risk.occurrence, risk.detection, risk.ratings) == (
            "No air to patient",
            100,
            80,
            100,
            "percent",
        )
        assert risk.inherent is not None

    def test_cern_cooling(self, importer: Importer) -> None:
        mapping = {
            "item": ["Component", "Fonction"],
            "consequence": {"columns": ["Local effect", "Global effect"], "join": "; "},
        }
        summary = importer.twice("risks", "risk_cern_cooling_fmea/FMEA.xlsx", mapping)
        assert (summary["created"], summary["unmapped"]) == (18, [])
        assert any("merged" in note for note in summary["found"]["notes"])
        risk = Risk.objects.order_by("id").first()
        assert risk is not None
        assert (risk.item, risk.event, risk.severity) == (
            "Temperature and humidity sensor Measuring temprature",
            "No output",
            None,
        )
        assert risk.consequence.startswith(
            "No measurment of the temperature; If all temperature sensors are not working"
        )


class TestFeedback:
    def test_comcast(self, importer: Importer) -> None:
        summary = importer.twice("feedback", COMCAST, COMCAST_MAPPING)
        rows = source(COMCAST, "utf-8-sig")
        assert summary["created"] == len(rows) == 2224
        stored = {item.external_id: item for item in FeedbackItem.objects.all()}
        for row in rows:
            item = stored[row["Ticket #"]]
            local = datetime.strptime(f"{row['Date']} {row['Time']}", "%d-%m-%Y %I:%M:%S %p")
            assert item.collected_at.astimezone(ZONE).replace(tzinfo=None) == local
            assert (item.text, item.place, item.channel) == (
                tidy(row["Customer Complaint"]),
                f"{row['City'].strip()} {row['State'].strip()}",
                row["Received Via"],
            )
            assert f"Zip code: {row['Zip code']}" in item.source_data
        assert Counter(item.source_status for item in stored.values()) == {
            "Solved": 973,
            "Closed": 734,
            "Open": 363,
            "Pending": 154,
        }

    def test_comcast_both_date_columns_say_the_same(self, importer: Importer) -> None:
        importer("feedback", COMCAST, COMCAST_MAPPING)
        days = dict(FeedbackItem.objects.values_list("external_id", "collected_at__date"))
        importer("feedback", COMCAST, {**COMCAST_MAPPING, "collected_at": ["Date_month_year", "Time"]})
        assert dict(FeedbackItem.objects.values_list("external_id", "collected_at__date")) == days

    def test_movielens(self, importer: Importer, tmp_path: Path) -> None:
        summary = importer("feedback", MOVIELENS, MOVIELENS_MAPPING)
        assert summary["created"] == FeedbackItem.objects.count() == FeedbackItem.history.count() == 100_836
        rows = source(MOVIELENS, "utf-8")
        expected = Counter(Decimal(row["rating"]) for row in rows)
        assert Counter(FeedbackItem.objects.values_list("score", flat=True).iterator()) == expected
        row = rows[70_000]
        item = FeedbackItem.objects.get(external_id=f"{row['user_id']}-{row['item_id']}")
        assert item.collected_at == datetime.fromtimestamp(int(row["timestamp"]), UTC)
        assert (item.scale_min, item.scale_max, item.score, item.product) == (
            Decimal("0.5"),
            5,
            Decimal(row["rating"]),
            row["item_id"],
        )
        assert set(FeedbackItem.objects.filter(score=Decimal("2.75")).values_list("normalized")) <= {(Decimal(50),)}
        before = state_of("feedback")
        with real(MOVIELENS).open(encoding="utf-8") as whole:
            (tmp_path / "some.csv").write_text("".join(islice(whole, 20_001)), encoding="utf-8")
        again = importer("feedback", str(tmp_path / "some.csv"), MOVIELENS_MAPPING)
        assert (again["unchanged"], again["rows"]) == (20_000, 20_000)
        assert state_of("feedback") == before


#: The register that the files of a folder are about; the rest are looked at as requirements.
FITTING = {"fb_comcast_complaints": "feedback", "fb_cfpb_narratives": "feedback", "fb_movielens_2018": "feedback",
           "risk_cern_cooling_fmea": "risks", "risk_openventilator_fmea": "risks"}  # fmt: skip
#: Files of more bytes have tests of their own above.
SMALL = 2_000_000
SMALL_FILES = [path for path in sorted(DATA.rglob("*")) if path.is_file() and path.stat().st_size < SMALL]


@pytest.mark.parametrize("path", SMALL_FILES, ids=lambda path: str(path.relative_to(DATA)))
def test_every_real_file_can_be_looked_through_or_ends_in_a_sentence(path: Path, people: People) -> None:
    """As on the pages: no traceback, nothing written, and either counts, or what is missing or asked, or a sentence."""
    slug = FITTING.get(path.parent.name, "requirements")
    register = registry[slug]
    with path.open("rb") as file:
        content = SimpleUploadedFile(path.name, file.read() or b" ")
    job = services.upload(register, content, ImportMapping(), by=people.quality_manager)
    process(job)
    job.refresh_from_db()
    assert job.status == job.Status.READY, job.failure
    result = job.result
    told = result.get("counts") or result.get("missing") or result.get(ASKED)
    assert told or all(error.endswith(".") for error in result["errors"])
    assert sum(result.get("counts", {}).values()) == (job.found["rows"] if result.get("counts") else 0)
    assert not register.model.objects.exists()
