"""The commands of the trail: ``seal``, ``verify_trail``, ``rotate_key``."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from organizations.models import Organization
from organizations.scope import in_organization
from tests.support.triggers import lifted
from trail.models import Event, Seal, record_event
from trail.sealing import keys, signed_notes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_key(settings: Any, tmp_path: Path) -> None:
    settings.SIGNING_KEY_FILE = str(tmp_path / "keys" / "seal.pem")


def run(*arguments: str) -> str:
    said = StringIO()
    call_command(*arguments, stdout=said)
    return said.getvalue()


def test_sealing_prints_the_signed_head_of_each_organization(acme: Organization, other: Organization) -> None:
    assert run("seal").count("— 127.0.0.1:8000/o/") == 2
    note = run("seal", "--organization", "acme")
    assert signed_notes.verify(signed_notes.found_in(note), keys.public_keys()).origin == "127.0.0.1:8000/o/acme"


def test_a_sound_trail_is_said_to_be_so(acme: Organization, other: Organization) -> None:
    run("seal")
    said = run("verify_trail")
    assert said.count("Nothing was changed, removed or put in behind the application's back.") == 2
    assert "Acme Pumps: 2 sealed versions and events under 1 signed seals, and 2 current rows." in said


def test_a_head_from_a_mail_is_found_in_the_trail(acme: Organization, tmp_path: Path) -> None:
    run("seal")
    with in_organization(acme):
        note = Seal.objects.get().note
        record_event("looked")
    run("seal")
    mail = tmp_path / "mail.txt"
    mail.write_text(f"This is the signed head.\r\n\r\n{note}".replace("\n", "\r\n"))
    assert f"It contains the tree of {mail}." in run("verify_trail", "--organization", "acme", "--head", str(mail))


def test_what_does_not_fit_ends_the_command_with_1(acme: Organization, in_acme: Organization, capsys: Any) -> None:
    record_event("looked")
    run("seal")
    Event(organization=acme, verb="put in").save()
    with lifted():
        Event._base_manager.filter(verb="put in")._update([(Event._meta.get_field("at"), None, "2020-01-01T00:00:00Z")])
    with pytest.raises(CommandError) as raised:
        call_command("verify_trail", "--organization", "acme")
    assert raised.value.returncode == 1
    assert "it was put in later. (table trail_event, row" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--organization", "nobody"], "There is no organization nobody."),
        (["--head", "x"], "Say with --organization whose head it is."),
        (["--organization", "acme", "--head", "/nowhere"], "/nowhere can't be read"),
    ],
)
def test_what_was_asked_wrongly_ends_the_command_with_2(acme: Organization, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said) as raised:
        run("verify_trail", *arguments)
    assert raised.value.returncode == 2


def test_a_head_that_nobody_signed_is_not_relied_on(acme: Organization, tmp_path: Path, capsys: Any) -> None:
    note = run("seal")
    head = tmp_path / "head.txt"
    head.write_text(note.replace("number 1", "number 2"))
    with pytest.raises(CommandError):
        call_command("verify_trail", "--organization", "acme", "--head", str(head))
    assert "can't be relied on: The note's signature doesn't fit its text" in capsys.readouterr().out


def test_after_rotating_old_seals_still_verify(acme: Organization) -> None:
    run("seal")
    old = keys.fingerprint()
    said = run("rotate_key")
    assert f"Until now: {old}" in said
    assert f"From now on: {keys.fingerprint()}" in said
    run("seal")
    assert "Nothing was changed" in run("verify_trail")
