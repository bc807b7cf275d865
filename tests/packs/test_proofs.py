"""Packs of the database's rows under the trail's heads."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from actions.models import Action
from audits.models import Sample
from audits.services import draw_sample
from clauses.assertion import Period
from organizations.models import Organization
from organizations.scope import in_organization
from packs import verify
from packs.build import build
from packs.models import EvidencePack
from packs.proofs import prove
from packs.services import request_pack
from packs.signing import certificate
from registers.custom_fields.models import CustomField
from registers.custom_fields.services import add_field
from registers.register import registry
from tests.people import People
from tests.support.sign_off import signed_off
from trail.models import Seal
from trail.sealing import keys, seals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def one_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    made = _certificate()
    monkeypatch.setattr(certificate, "_made", lambda *_: made)


@cache
def _certificate() -> bytes:
    return certificate._made("Acme Pumps", timezone.now())


@pytest.fixture
def inside(acme: Organization) -> Iterator[Organization]:
    with in_organization(acme):
        yield acme


def action(people: People, title: str = "Tell the supplier") -> Action:
    row = Action(title=title, owner=people.contributor, due_on=date(2026, 9, 1))
    row.save()
    return row


def ask_for(people: People, **fields: object) -> EvidencePack:
    pack = EvidencePack(period_from=date(2026, 7, 1), period_to=date(2026, 9, 30), sub_clauses="a", **fields)
    return request_pack(pack, by=people.quality_manager)


def built(pack: EvidencePack) -> str:
    """The path of the finished pack, once verify.py has nothing against it."""
    build(pack)
    pack.refresh_from_db()
    assert pack.status == EvidencePack.Status.STORED, pack.failure
    path = default_storage.path(pack.path)
    assert verify.main([path]) == 0
    return path


def records(path: str, slug: str) -> list[dict[str, object]]:
    with zipfile.ZipFile(path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(f"data/records/{slug}.jsonl"))
        return [json.loads(line) for line in archive.read(name).splitlines()]


def test_a_pack_holds_its_rows_as_they_stood_when_it_was_asked_for(inside: Organization, people: People) -> None:
    row = action(people)
    pack = ask_for(people)
    row.title = "Tell the customer"
    row.save()
    action(people, "Too late")
    seals.seal()
    assert [row["title"] for row in records(built(pack), "actions")] == ["Tell the supplier"]


def test_what_was_committed_while_a_pack_was_asked_for_is_sealed_before_it_is_built(
    inside: Organization, people: People
) -> None:
    early = seals.seal()
    action(people)
    pack = ask_for(people)
    EvidencePack.objects.filter(pk=pack.pk).update(seal=early)
    seals.seal()
    built(pack)
    assert pack.seal is not None and pack.seal.size > early.size


def test_frozen_samples_go_into_the_pack_and_can_be_drawn_again(
    inside: Organization, people: People, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(5):
        action(people, f"Action {number}")
    sample = Sample(purpose="Are they done?", method="simple", size=2, seed="1984")
    draw_sample(sample, register=registry["actions"], query="", by=people.auditor)
    path = built(ask_for(people, samples=[sample.reference]))
    assert f"sample {sample.reference}: its 2 of 5 rows are those that its seed draws" in capsys.readouterr().out
    with zipfile.ZipFile(path) as archive:
        assert any(name.endswith(f"data/samples/{sample.reference}.json") for name in archive.namelist())


def test_sign_offs_of_the_period_go_into_the_pack_with_what_changed_behind_them(
    inside: Organization, people: People, capsys: pytest.CaptureFixture[str]
) -> None:
    row = action(people)
    sign_off = signed_off(people.top_management, Period(date(2026, 7, 1), date(2026, 9, 30)))
    row.title = "Tell the customer"
    row.save()
    path = built(ask_for(people))
    said = capsys.readouterr().out
    assert f"{sign_off.reference}: the evaluation of 2026-07-01 to 2026-09-30 was signed by" in said
    assert f"since {sign_off.reference} was signed, by the product's count, 1 change was made behind it" in said
    with zipfile.ZipFile(path) as archive:
        held = {name.partition("data/")[2] for name in archive.namelist()}
    assert {f"sign-offs/{sign_off.reference}.json", f"sign-offs/{sign_off.reference}.pdf"} <= held


def test_the_chain_holds_the_heads_that_left_the_house_and_ends_with_the_packs(
    inside: Organization, people: People
) -> None:
    made = []
    for purpose in Seal.Purpose:
        action(people)
        made.append(seals.seal(purpose))
    first = ask_for(people)
    action(people)
    second = ask_for(people)
    left = [seal.note for seal in made if seal.purpose != "schedule"]
    assert first.seal and second.seal
    assert prove._chain(second.seal) == list(dict.fromkeys([*left, first.seal.note, second.seal.note]))
    assert prove._chain(first.seal)[-1] == first.seal.note


def test_a_schedules_seal_that_a_pack_took_over_is_in_the_chain(inside: Organization, people: People) -> None:
    action(people)
    ordinary = seals.seal()
    taken = ask_for(people)
    EvidencePack.objects.filter(pk=taken.pk).update(seal=ordinary)
    action(people)
    last = ask_for(people)
    assert last.seal and ordinary.note in prove._chain(last.seal)


def test_a_key_that_was_replaced_still_stands_behind_its_heads(inside: Organization, people: People) -> None:
    action(people)
    seals.seal(Seal.Purpose.MAIL)
    keys.rotate()
    action(people)
    pack = ask_for(people)
    built(pack)
    assert pack.contents["signed"]["key"] == keys.fingerprint()


def test_fingerprints_stand_in_the_settings_and_on_the_packs_page(
    inside: Organization, people: People, client_of: Callable[..., Client], settings: Any, tmp_path: Path
) -> None:
    settings.SIGNING_KEY_FILE = tmp_path / "seal.pem"
    settings_page = client_of(people.administrator).get("/o/acme/settings/").content.decode()
    assert "Made when the first pack is built." in settings_page and keys.fingerprint() in settings_page
    pack = ask_for(people)
    built(pack)
    fingerprint = certificate.ours().signer.readable_fingerprint
    page = client_of(people.quality_manager).get(f"/o/acme/packs/{pack.reference}/").content.decode()
    assert fingerprint in page and keys.fingerprint() in page and pack.contents["signed"]["head"]["root"] in page
    assert fingerprint in client_of(people.administrator).get("/o/acme/settings/").content.decode()


def test_custom_fields_and_tags_are_in_the_pack_and_agree_with_the_leaves(inside: Organization, people: People) -> None:
    """Verifying fails where a row says another thing than its leaf."""
    for kind in ("text", "number", "date", "choice", "person"):
        choices = [{"code": "low", "label": "Low", "retired": False}]
        add_field(
            CustomField(register="actions", label=kind, kind=kind, choices=choices if kind == "choice" else []),
            by=people.quality_manager,
        )
    row = action(people)
    row.tags = "urgent; Export"
    row.custom = {"custom_text": "12", "custom_number": "12.5", "custom_date": "2026-01-02", "custom_choice": "low"}
    row.custom["custom_person"] = people.auditor.pk
    row.save()
    found = records(built(ask_for(people)), "actions")[0]
    assert {name: found[name] for name in (*row.custom, "tags")} == {
        **row.custom,
        "custom_person": people.auditor.email,
        "tags": "urgent; Export",
    }
