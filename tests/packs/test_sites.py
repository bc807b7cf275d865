"""A pack of some sites: nothing of others is in it, neither files, nor samples, nor what was signed or decided about all."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audits.models import Sample
from audits.services import draw_sample
from clauses.assertion import Period
from evidence.services import attach
from organizations.models import Organization, Site
from packs.models import EvidencePack
from registers.register import registry
from requirements_registry.models import Requirement
from tests.packs.test_packs import built, verify
from tests.people import People
from tests.support.factories import make
from tests.support.sign_off import signed_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sites(in_acme: Organization, people: People) -> dict[str, Site]:
    """Two sites, each with a requirement, its file and a sample; a sample of both; and a signature."""
    sites = {code: Site.objects.create(code=code, name=code) for code in ("North", "South")}
    for number, (code, site) in enumerate(sites.items()):
        record = make(Requirement, number, title=f"Of {code}", status="active", site=site)
        attach(record, SimpleUploadedFile(f"{code}.txt", f"secret of {code}".encode()), by=people.quality_manager)
        drawn(people, f"site={site.pk}")
    drawn(people, "")
    signed_off(people.top_management, Period(date(2026, 4, 1), date(2026, 6, 30)))
    return sites


def drawn(people: People, query: str) -> Sample:
    sample = Sample(purpose="Why?", method="simple", size=1, seed="1984")
    return draw_sample(sample, register=registry["requirements"], query=query, by=people.auditor)


def inside(pack: EvidencePack) -> tuple[dict[str, Any], bytes]:
    """What pack.json tells, and everything in the pack, unpacked, behind each other."""
    with zipfile.ZipFile(Path(default_storage.path(pack.path))) as archive:
        told = json.loads(archive.read(f"acme-{pack.reference}/data/pack.json"))
        return told, b"".join(archive.read(name) for name in archive.namelist())


PERIOD = {"period_from": date(2026, 4, 1), "period_to": date(2026, 6, 30)}


def test_a_pack_of_a_site_holds_nothing_of_another(sites: dict[str, Site], people: People) -> None:
    pack = EvidencePack(**PERIOD, sites=[sites["North"].pk], samples=["SA-0001", "SA-0002", "SA-0003"])
    pack = built(people, sites=pack.sites, samples=pack.samples)
    told, content = inside(pack)
    assert [each["name"] for each in told["attachments"]] == ["North.txt"]
    assert [each["reference"] for each in told["documents"]] == ["SA-0001"]
    assert b"secret of North" in content and b"secret of South" not in content and b"Of South" not in content
    assert verify(default_storage.path(pack.path)).returncode == 0


def test_a_pack_of_all_sites_holds_all_of_it(sites: dict[str, Site], people: People) -> None:
    told, _content = inside(built(people, samples=["SA-0001", "SA-0002", "SA-0003"]))
    assert [each["name"] for each in told["attachments"]] and len(told["attachments"]) == 2
    assert {each["folder"] for each in told["documents"]} >= {"samples"}
    assert [e["reference"] for e in told["documents"] if e["folder"] == "samples"] == ["SA-0001", "SA-0002", "SA-0003"]


def test_a_sample_of_other_sites_is_refused_where_a_pack_of_a_site_is_asked_for(
    sites: dict[str, Site], people: People, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packs.views.build_pack.delay", lambda *ids: None)
    asked = {"period_from": "2026-07-01", "period_to": "2026-09-30", "sub_clauses": ["a"], "language": "en"}
    manager, site = client_of(people.quality_manager), sites["North"].pk
    answer = manager.post("/o/acme/packs/new/", asked | {"sites": [site], "samples": ["SA-0001", "SA-0003"]})
    assert answer.status_code == 422
    assert "SA-0003: drawn from rows of other sites too" in answer.content.decode()
    answer = manager.post("/o/acme/packs/new/", asked | {"sites": [site], "samples": ["SA-0001"]})
    assert answer.status_code == 302
