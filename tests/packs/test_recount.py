"""verify.py counts the statements again from the rows of a pack: as the product does, and by itself."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from customerfocus.demonstration.build import build as build_demonstration
from organizations.models import Organization, User
from organizations.scope import in_organization
from packs import verify
from packs.build import build
from packs.models import EvidencePack
from packs.seal import write_tags
from packs.services import request_pack
from registers.services import archive
from requirements_registry.models import Requirement
from tests.packs import samples
from trail.sealing.canonical import canonical_bytes

pytestmark = pytest.mark.django_db(transaction=True)

WHOLE = ["a2", "a3", "a4", "a13", "b1", "b2", "b5", "b9", "b13", "b14", "c3", "c5", "c9", "c10"]
PART = ["a1", "a8", "a9", "a12", "b3", "b4", "b15", "c1", "c2"]


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack of the demonstration, unpacked."""
    monkeypatch.setenv("PATH", "/nowhere")
    build_demonstration(12, 1)
    today = timezone.now().date()
    return packed(today - timedelta(days=200), today, tmp_path)


def packed(first: date, last: date, folder: Path) -> Path:
    """A pack of the demonstration's period, unpacked into a folder."""
    with in_organization(Organization.objects.get(slug="demo")):
        asked = EvidencePack(period_from=first, period_to=last)
        request_pack(asked, by=None)
        build(asked)
        asked.refresh_from_db()
        assert asked.status == EvidencePack.Status.STORED, asked.failure
        with zipfile.ZipFile(default_storage.path(asked.path)) as archive:
            archive.extractall(folder)
    (unpacked,) = folder.iterdir()
    return unpacked


def test_a_period_that_is_over_is_counted_again_as_of_its_last_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was said later is left out on both sides; what can't be told from the last versions is said to be so."""
    monkeypatch.setenv("PATH", "/nowhere")
    build_demonstration(12, 1)
    last = timezone.now().date() - timedelta(days=40)
    with in_organization(Organization.objects.get(slug="demo")):
        reviewed, *_rest = Requirement.objects.filter(status="active").exclude(last_reviewed_on=None)
        reviewed.last_reviewed_on = last + timedelta(days=20)
        reviewed.save()
        put_away = Requirement.objects.filter(status="active").last()
        archive(put_away, by=User.objects.get(email="quality@demo.example"), reason="No longer made")
    pack = packed(last - timedelta(days=90), last, tmp_path)
    assert verify.main([str(pack)]) == 0, capsys.readouterr().out
    said = capsys.readouterr().out
    assert f"recomputed from the rows, population, exceptions and result: {', '.join(WHOLE)}." in said
    assert "said on the judged day: changed on a later one" in said


def test_statements_are_counted_again_from_the_rows(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(pack)]) == 0, capsys.readouterr().out
    said = capsys.readouterr().out
    assert f"recomputed from the rows, population, exceptions and result: {', '.join(WHOLE)}." in said
    assert f"recomputed in part, the population and what the columns tell: {', '.join(PART)}." in said
    assert "Can't be recomputed: all exceptions of a12, b4, c1, c2, a14, b6, b8, b12: it takes rows of two" in said
    assert "Can't be recomputed: all exceptions of c13: it takes sign-offs of the period before." in said
    found = {each["code"]: each for each in json.loads((pack / "data" / "evaluation.json").read_bytes())["assertions"]}
    failing = next(code for code in WHOLE if found[code]["exceptions"]["count"])
    (decided, *_others) = sorted((pack / "data" / "decisions").glob("*.json"))
    assert misquoted(pack, decided, capsys).count(decided.name) > 0
    for code, change, told in [(failing, without_one, "is an exception by its row, and isn't named"), *FORGERIES]:
        assert told in forged(pack, code, change, capsys), (code, told)


def misquoted(pack: Path, paper: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What is said of a pack with a decision whose reason was changed by whoever can make the manifests anew."""
    before = paper.read_bytes()
    paper.write_bytes(canonical_bytes(json.loads(before) | {"reason": "Nobody minds."}))
    write_tags(samples.info(), pack)
    assert verify.main([str(pack)]) == 1
    paper.write_bytes(before)
    write_tags(samples.info(), pack)
    return capsys.readouterr().out


def forged(pack: Path, code: str, change: Callable[[Any], None], capsys: pytest.CaptureFixture[str]) -> str:
    """What is said of a pack whose evaluation was changed by whoever can make the manifests anew."""
    evaluation, described = pack / "data" / "evaluation.json", pack / "data" / "pack.json"
    before = evaluation.read_bytes(), described.read_bytes()
    value, info = map(json.loads, before)
    change(next(each for each in value["assertions"] if each["code"] == code))
    evaluation.write_bytes(canonical_bytes(value))
    info["evaluation"]["sha256"] = sha256(evaluation.read_bytes()).hexdigest()
    described.write_bytes(canonical_bytes(info))
    write_tags(samples.info(), pack)
    assert verify.main([str(pack)]) == 1
    evaluation.write_bytes(before[0])
    described.write_bytes(before[1])
    return capsys.readouterr().out


def without_one(statement: Any) -> None:
    """A statement that leaves out an exception and adds up all the same."""
    statement["exceptions"]["references"].pop()
    statement["exceptions"]["count"] -= 1
    statement["numerator"] += 1


def with_one_more(statement: Any) -> None:
    row = next(iter({"REQ-0001", "REQ-0002", "REQ-0003"} - set(statement["exceptions"]["references"])))
    statement["exceptions"]["references"].append(row)
    statement["exceptions"]["count"] += 1
    statement["numerator"] -= 1


def fewer(statement: Any) -> None:
    statement["denominator"] -= 1
    statement["numerator"] -= 1


FORGERIES: list[tuple[str, Callable[[Any], None], str]] = [
    ("a2", with_one_more, "is named as an exception, and by its row it is none"),
    ("a2", fewer, "rows, and in the pack there are"),
    ("a12", fewer, "rows, and in the pack there are"),
    ("a2", lambda statement: statement.update(numerator=statement["numerator"] + 1), "exceptions are not"),
    ("a2", lambda statement: statement.update(result="no evidence"), "do not come to the result"),
    ("c3", lambda statement: statement.update(result="no evidence"), "do not come to the result"),
    ("a13", lambda statement: statement.update(result="no evidence"), "do not come to the result"),
]
