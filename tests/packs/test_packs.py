"""Packs from request to download, built in this process; killed workers are in tests/faults."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from actions.models import Action
from clauses.assertion import Period
from clauses.evaluation import ask, evaluate
from evidence.models import Attachment
from evidence.services import attach
from organizations.models import Membership, Organization
from organizations.scope import in_organization
from packs import build as pipeline
from packs import verify as verifier
from packs.build import build
from packs.models import EvidencePack
from packs.services import cancel_pack, request_pack, retry_pack
from packs.signing import certificate
from registers.register import registry
from tests.people import People
from tests.support.moments import standing_clock
from trail.models import Event

ClientOf = Callable[..., Client]
VERIFY = Path(__file__).resolve().parents[2] / "packs" / "verify.py"
HOSTILE = (
    '#import "x"',
    "$x$ *b* _i_ `c`",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "nul \x01 and \u202e bidi",
    "Ωμέγα Größe façade 质量 😀",
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def one_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making a key takes a second; for most tests any will do."""
    made = _certificate()
    monkeypatch.setattr(certificate, "_made", lambda *_: made)


@cache
def _certificate() -> bytes:
    return certificate._made("Acme Pumps", timezone.now())


@pytest.fixture
def inside(acme: Organization, people: People) -> Iterator[Organization]:
    with in_organization(acme):
        for text in HOSTILE:
            Action(title=text, description=text, owner=people.contributor, due_on=date(2026, 9, 1)).save()
        attach(Action.objects.first(), SimpleUploadedFile("record.txt", b"12 of 12"), by=people.quality_manager)
        yield acme


def ask_for(people: People, **fields: object) -> EvidencePack:
    pack = EvidencePack(period_from=date(2026, 7, 1), period_to=date(2026, 9, 30), **fields)
    return request_pack(pack, by=people.quality_manager)


def built(people: People, **fields: object) -> EvidencePack:
    pack = ask_for(people, **fields)
    build(pack)
    pack.refresh_from_db()
    return pack


def verify(path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", str(VERIFY), path], capture_output=True, text=True)


def test_a_pack_holds_as_many_rows_as_the_database_and_verifies(inside: Organization, people: People) -> None:
    pack = built(people)
    assert pack.status == EvidencePack.Status.STORED, pack.failure
    path = default_storage.path(pack.path)
    with zipfile.ZipFile(path) as archive:
        for register in registry:
            lines = archive.read(f"acme-{pack.reference}/data/records/{register.slug}.jsonl").splitlines()
            assert len(lines) == register.model.objects.count()
        titles = [
            json.loads(line)["title"]
            for line in archive.read(f"acme-{pack.reference}/data/records/actions.jsonl").splitlines()
        ]
    assert titles == list(HOSTILE)
    assert verify(path).returncode == 0


def test_a_pack_tells_who_is_top_management_and_who_gave_it(inside: Organization, people: People) -> None:
    held = Membership.objects.create(
        organization=inside,
        user=people.contributor,
        role="top_management",
        job_title="Owner",
        valid_from=inside.today(),
        given_by=people.top_management,
        given_at=timezone.now(),
    )
    pack = built(people)
    path = default_storage.path(pack.path)
    with zipfile.ZipFile(path) as archive:
        told = archive.read(f"acme-{pack.reference}/data/appointments/TM-{held.pk}.json")
        report = archive.read(f"acme-{pack.reference}/data/report.pdf")
    assert json.loads(told)["given_by"] == {"id": people.top_management.pk, "name": "Top Management"}
    said = verify(path)
    assert said.returncode == 0
    gave = "Contributor, Owner, is top management from 2026"
    assert gave in said.stdout.replace("'", "")
    assert "given by 'Top Management' at" in said.stdout
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(report)).pages)
    assert "Given by" in printed


@pytest.mark.parametrize(
    "change", [{"job_title": "Chair"}, {"valid_from": "2019-01-01"}, {"given_by": None}, {"reference": "TM-9"}]
)
def test_verify_finds_another_person_in_the_directors_place(change: dict[str, Any]) -> None:
    told = {
        "reference": "TM-3", "person": {"id": 7, "name": "Mara"}, "role": "top_management", "job_title": "Director",
        "valid_from": "2020-01-01", "valid_until": None, "ended_at": None, "given_by": {"id": 8, "name": "Ida"},
        "given_at": "2020-01-01T08:00:00Z", "reason": "",
    }  # fmt: skip
    kept = ("role", "job_title", "valid_from", "valid_until", "ended_at", "given_at", "reason")
    row = {name: told[name] for name in kept} | {"id": 3, "user_id": 7, "given_by_id": 8}
    leaf = verifier.Leaf("line 1", b"0 " + json.dumps({"row": row, "table": "t"}).encode())
    check = object.__new__(verifier.Check)
    check.known = []
    check.appointment("TM-3.json", told, leaf)
    with pytest.raises(verifier.Wrong, match="another thing"):
        check.appointment("TM-3.json", told | change, leaf)


def test_the_pack_and_the_overview_say_the_same(inside: Organization, people: People) -> None:
    pack = built(people)
    evaluation = evaluate(ask(Period(pack.period_from, pack.period_to), pack.as_of))
    with zipfile.ZipFile(default_storage.path(pack.path)) as archive:
        told = json.loads(archive.read(f"acme-{pack.reference}/data/evaluation.json"))
    assert [(a["code"], a["result"], a["value"], a["exceptions"]["count"]) for a in told["assertions"]] == [
        (o.code, o.result.value, o.value, o.exceptions) for o in evaluation.outcomes
    ]


def test_two_builds_of_one_request_give_the_same_bytes(inside: Organization, people: People) -> None:
    pack = built(people)
    first = Path(default_storage.path(pack.path)).read_bytes()
    Path(default_storage.path(pack.path)).unlink()
    EvidencePack.objects.filter(pk=pack.pk).update(status="queued", lease_token="", leased_until=None, steps={})
    build(EvidencePack.objects.get(pk=pack.pk))
    again = EvidencePack.objects.get(pk=pack.pk)
    assert again.digest == pack.digest
    assert Path(default_storage.path(again.path)).read_bytes() == first


def test_a_finished_pack_is_not_built_again(inside: Organization, people: People) -> None:
    pack = built(people)
    build(pack)
    assert Event.objects.filter(verb="stored a pack").count() == 1


def test_a_pack_of_one_sub_clause_holds_its_registers_only(inside: Organization, people: People) -> None:
    pack = built(people, sub_clauses="b")
    with zipfile.ZipFile(default_storage.path(pack.path)) as archive:
        told = json.loads(archive.read(f"acme-{pack.reference}/data/pack.json"))
    assert {register["sub_clause"] for register in told["registers"]} == {"", "b"}
    assert verify(default_storage.path(pack.path)).returncode == 0


def test_a_lost_evidence_file_fails_the_pack_and_says_what_to_do(inside: Organization, people: People) -> None:
    Path(default_storage.path(Attachment.objects.get().path)).unlink()
    pack = built(people)
    assert pack.status == EvidencePack.Status.FAILED
    assert "missing" in pack.failure["what"] and "restore" in pack.failure["remedy"]


@pytest.mark.parametrize(
    ("setting", "what"), [("PACK_CERTIFICATE", "no certificate"), ("TIMESTAMP_URL", "gave no time stamp")]
)
def test_a_pack_that_cannot_be_sealed_as_is_set_fails_and_says_what_to_do(
    inside: Organization, people: People, settings: Any, setting: str, what: str
) -> None:
    setattr(settings, setting, "http://127.0.0.1:1/")
    pack = built(people)
    assert pack.status == EvidencePack.Status.FAILED
    assert what in pack.failure["what"] and setting in pack.failure["remedy"]


def test_an_unforeseen_error_fails_the_pack_and_a_retry_finishes_it(
    inside: Organization, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise ValueError("surprise")

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "render", broken)
        pack = built(people)
    assert pack.status == EvidencePack.Status.FAILED and "foresee" in pack.failure["what"]
    started: list[tuple[int, int]] = []
    retry_pack(pack, by=people.quality_manager, start=lambda *ids: started.append(ids))
    build(EvidencePack.objects.get(pk=pack.pk))
    assert started == [(pack.organization_id, pack.pk)]
    assert EvidencePack.objects.get(pk=pack.pk).is_stored


def test_a_pack_given_up_in_the_middle_is_not_stored(
    inside: Organization, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = ask_for(people)
    seal = pipeline.seal

    def sealing(*args: object) -> None:
        cancel_pack(pack, by=people.quality_manager)
        seal(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "seal", sealing)
    build(pack)
    assert EvidencePack.objects.get().status == EvidencePack.Status.CANCELLED
    assert not Event.objects.filter(verb="stored a pack").exists()


def test_work_folders_are_gone_afterwards(inside: Organization, people: People) -> None:
    built(people)
    assert list(settings.WORK_DIR.glob("pack-*")) == []


def test_the_request_page_previews_and_asks(
    inside: Organization, people: People, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[int, int]] = []
    monkeypatch.setattr("packs.views.build_pack.delay", lambda *ids: started.append(ids))
    manager = client_of(people.quality_manager)
    assert "Records for machines" in manager.get("/o/acme/packs/new/").content.decode()
    response = manager.post(
        "/o/acme/packs/new/",
        {"period_from": "2026-07-01", "period_to": "2026-09-30", "sub_clauses": ["a", "c"], "language": "en"},
    )
    pack = EvidencePack.objects.get()
    assert response.headers["Location"] == f"/o/acme/packs/{pack.reference}/"
    assert (pack.sub_clauses, started) == ("ac", [(inside.pk, pack.pk)])


def test_a_period_that_ends_before_it_begins_is_refused_at_its_field(
    inside: Organization, people: People, client_of: ClientOf
) -> None:
    response = client_of(people.quality_manager).post(
        "/o/acme/packs/new/",
        {"period_from": "2026-09-30", "period_to": "2026-07-01", "sub_clauses": ["a"], "language": "en"},
    )
    assert response.status_code == 422
    assert "ends before it begins" in response.content.decode()
    assert not EvidencePack.objects.exists()


def test_a_pack_of_a_past_moment_is_asked_for_on_the_page(
    inside: Organization, people: People, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packs.views.build_pack.delay", lambda *ids: None)
    an_hour_later = timezone.localtime(timezone.now() + timedelta(hours=1), inside.zone).replace(
        second=0, microsecond=0
    )
    asked = {"period_from": "2026-07-01", "period_to": "2026-09-30", "sub_clauses": ["a"], "language": "en"}
    moment = {"moment": f"{an_hour_later:%Y-%m-%dT%H:%M}"}
    with standing_clock(timezone.now() + timedelta(hours=2)):
        Action(title="Too late", owner=people.contributor, due_on=date(2026, 9, 1)).save()
        manager = client_of(people.quality_manager)
        counted = manager.get("/o/acme/packs/new/", moment).context["inside"][3]["value"]
        manager.post("/o/acme/packs/new/", asked | moment)
    assert (EvidencePack.objects.get().as_of, counted) == (an_hour_later, str(len(HOSTILE)))


@pytest.mark.parametrize(
    ("moment", "says"),
    [("2999-01-01T00:00", "has not come yet"), ("1999-01-01T00:00", "not there yet"), ("yesterday", "valid date")],
)
def test_a_moment_that_cannot_be_looked_at_is_refused_at_its_field(
    inside: Organization, people: People, client_of: ClientOf, moment: str, says: str
) -> None:
    manager = client_of(people.quality_manager)
    asked = {"period_from": "2026-07-01", "period_to": "2026-09-30", "sub_clauses": ["a"], "language": "en"}
    response = manager.post("/o/acme/packs/new/", asked | {"moment": moment})
    assert (response.status_code, says in response.content.decode()) == (422, True)
    assert manager.get("/o/acme/packs/new/", {"moment": moment}).status_code == 200


def test_a_finished_pack_is_downloaded_by_those_who_may_and_the_trail_says_so(
    inside: Organization, people: People, client_of: ClientOf
) -> None:
    pack = built(people)
    response = client_of(people.auditor).get(f"/o/acme/packs/{pack.reference}/download/")
    assert b"".join(response.streaming_content)[:2] == b"PK"
    assert Event.objects.filter(verb="downloaded a pack", actor=people.auditor).exists()
    assert client_of(people.administrator).get(f"/o/acme/packs/{pack.reference}/download/").status_code == 403


def test_an_unfinished_pack_cannot_be_downloaded(inside: Organization, people: People, client_of: ClientOf) -> None:
    pack = ask_for(people)
    assert client_of(people.quality_manager).get(f"/o/acme/packs/{pack.reference}/download/").status_code == 404


def test_the_moment_of_a_pack_is_kept(inside: Organization, people: People) -> None:
    moment = datetime(2026, 10, 9, 12, 2, tzinfo=UTC)
    pack = EvidencePack(period_from=date(2026, 7, 1), period_to=date(2026, 9, 30))
    assert request_pack(pack, by=None, as_of=moment).as_of == moment
    assert ask_for(people).as_of <= timezone.now()
