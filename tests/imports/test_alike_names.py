"""Names that differ by legal form or signs alone are asked about together, and make no second customer unasked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from imports.models import ImportJob
from organizations.models import User
from registers.parsing.alike_names import core_of
from requirements_registry.models import InterestedParty, Requirement
from risks.models import SupplierReview
from tests.imports.test_pages import form_of, uploaded
from tests.people import People
from tests.support.factories import make
from tests.support.imports import run_import, text_file

pytestmark = pytest.mark.usefixtures("in_acme")

TWO = "Nr;Anforderung;Kunde\n1;It holds;Bosch Rexroth\n2;It lasts;Bosch Rexroth AG\n3;It shines;Trumpf\n"


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bosch Rexroth", "Bosch Rexroth AG"), ("Festo", "FESTO SE & Co. KG"), ("Miele", "Miele & Cie. KG"), ("Acme Inc.", "ACME, Inc"),
        ("Michelin", "Michelin S.A."), ("Dupont S.à r.l.", "Dupont SARL"), ("Endress+Hauser", "Endress Hauser"), ("Weber GmbH", "Weber UG (haftungsbeschränkt)"),
        ("Smith Ltd", "Smith Limited"), ("Novak s.r.o.", "Novak"), ("Kowalski Sp. z o.o.", "Kowalski"), ("Maersk A/S", "Maersk"), ("Bosch-Rexroth", "BoschRexroth"),
    ],
)  # fmt: skip
def test_names_are_alike_but_for_legal_form_and_signs(one: str, other: str) -> None:
    assert core_of(one) == core_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Sick AG", "Sickinger AG"), ("Weber", "Weber Technik"), ("AG", "SE"), ("Müller", "Miller"), ("A", "B")],
)
def test_other_names_are_not(one: str, other: str) -> None:
    assert core_of(one) != core_of(other)


def alike(slug: str, path: Path, said: dict[str, Any] | None = None) -> Any:
    return run_import(slug, path, said, dry_run=True).report.as_json()["alike"]


def test_names_of_one_file_and_of_the_register_are_held_together(tmp_path: Path) -> None:
    path = text_file(tmp_path, TWO)
    group = {"fields": ["interested_party"], "names": ["Bosch Rexroth", "Bosch Rexroth AG"], "known": ""}
    assert alike("requirements", path) == [group]
    assert alike("requirements", path, {"options": {"create": []}}) == []
    make(InterestedParty, name="TRUMPF GmbH")
    assert alike("requirements", path)[1] == {
        "fields": ["interested_party"],
        "names": ["Trumpf"],
        "known": "TRUMPF GmbH",
    }
    own = {"values": {"interested_party": {"Trumpf": "Trumpf", "Bosch Rexroth": "Bosch Rexroth AG"}}}
    assert alike("requirements", path, own) == []


@pytest.mark.parametrize(
    ("slug", "text"),
    [
        ("supplier-reviews", "Lieferant;Datum;Ergebnis\nWeber;2026-01-05;approved\nWeber GmbH;2026-02-05;approved\n"),
        ("feedback", "Date;Customer;Comment;Source\n2026-01-05;Weber;good;survey\n2026-01-06;Weber GmbH;bad;survey\n"),
        ("complaints", "Date;Customer;Complaint\n2026-01-05;Weber;Late\n2026-01-06;Weber GmbH;Late again\n"),
    ],
)
def test_so_it_is_in_every_register_that_records_who_is_missing(slug: str, text: str, tmp_path: Path) -> None:
    (group,) = alike(slug, text_file(tmp_path, text))
    assert group["names"] == ["Weber", "Weber GmbH"]


class TestPage:
    def test_it_is_asked_with_a_proposal_and_makes_one(self, browser: Client) -> None:
        job, page = uploaded(browser, TWO, register="requirements")
        assert "Are these the same?" in page.content.decode()
        assert page.context["alike_form"].fields["alike-0"].initial == "Bosch Rexroth AG"
        # Nothing goes in before it is said.
        browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
        job.refresh_from_db()
        assert job.status == ImportJob.Status.READY and not Requirement.objects.exists()
        page = browser.get(job.get_absolute_url())
        assert page.context["alike_form"] is None
        shown = [
            row["cells"][page.context["table"]["columns"].index("Interested party")]["text"]
            for row in page.context["table"]["rows"]
        ]
        assert shown == ["Bosch Rexroth AG", "Bosch Rexroth AG", "Trumpf"]
        browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
        assert sorted(InterestedParty.objects.values_list("name", flat=True)) == ["Bosch Rexroth AG", "Trumpf"]

    def test_two_of_their_own_stay_two_however_alike(self, browser: Client) -> None:
        text = TWO.replace("Bosch Rexroth AG", "Bosch-Rexroth")
        job, page = uploaded(browser, text, register="requirements")
        browser.post(job.get_absolute_url(), form_of(page, **{"alike-0": "own"}) | {"check": "1"})
        page = browser.get(job.get_absolute_url())
        assert page.context["alike_form"] is None
        browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
        assert sorted(InterestedParty.objects.values_list("name", flat=True)) == [
            "Bosch Rexroth",
            "Bosch-Rexroth",
            "Trumpf",
        ]
        assert not SupplierReview.objects.exists()
