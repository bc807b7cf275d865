"""Time stamps from an authority that speaks the protocol, and from ones that lie."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from asn1crypto import tsp, x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from packs import seal, verify
from packs.contents import Contents
from packs.signing.timestamp import TimestampError, stamp
from tests.packs import samples
from tests.packs.authority import Authority, authority
from tests.packs.test_verify import change_json, flip

BYTES = b"a tag manifest\n"


@pytest.fixture(scope="module")
def running() -> Iterator[Authority]:
    with authority() as here:
        yield here


@pytest.fixture
def tsa(running: Authority) -> Iterator[Authority]:
    """An honest authority, honest again after each test."""
    yield running
    running.answer = running.honest


@pytest.fixture
def stamped(bag: Path, contents: Contents, tsa: Authority, tmp_path: Path) -> Path:
    """Acme's pack with a time stamp."""
    copy = Path(shutil.copytree(bag, tmp_path / "stamped"))
    change_json(copy, "pack.json", lambda value: value["signature"].update(timestamped=True))
    info = replace(contents.info, timestamped=True)
    seal.close(info, copy, samples.certificate(), partial(stamp, url=tsa.url, now=timezone.now()))
    return copy


def refused(tsa: Authority, **other: object) -> str:
    with pytest.raises(TimestampError) as error:
        stamp(BYTES, **{"url": tsa.url, "now": timezone.now()} | other)  # type: ignore[arg-type]
    return str(error.value)


def test_openssl_verifies_the_stamp(tsa: Authority, tmp_path: Path) -> None:
    (tmp_path / "content").write_bytes(BYTES)
    (tmp_path / "reply").write_bytes(stamp(BYTES, tsa.url, timezone.now()))
    command = ["openssl", "ts", "-verify", "-data", "content", "-in", "reply", "-CAfile", str(tsa.certificate)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "Verification: OK" in done.stdout + done.stderr


def test_pack_with_a_stamp_says_when_it_was_seen(stamped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(stamped)]) == 0
    said = capsys.readouterr().out
    assert "Proved: openssl agrees with tagmanifest-sha256.txt.tsr." in said
    assert "a time-stamp authority saw the pack by" in said and f"{timezone.now():%Y}" in said


@pytest.mark.parametrize("where", ["first", "middle", "last"])
def test_a_changed_stamp_is_found(stamped: Path, capsys: pytest.CaptureFixture[str], where: str) -> None:
    file = stamped / "tagmanifest-sha256.txt.tsr"
    flip(file, {"first": 0, "middle": file.stat().st_size // 2, "last": file.stat().st_size - 1}[where])
    assert verify.main([str(stamped)]) == 1
    assert "tagmanifest-sha256.txt.tsr: openssl says" in capsys.readouterr().out


def test_a_stamp_of_another_pack_is_found(stamped: Path, tsa: Authority, capsys: pytest.CaptureFixture[str]) -> None:
    (stamped / "tagmanifest-sha256.txt.tsr").write_bytes(stamp(BYTES, tsa.url, timezone.now()))
    assert verify.main([str(stamped)]) == 1
    assert "tagmanifest-sha256.txt.tsr: openssl says" in capsys.readouterr().out


def test_a_stamp_taken_away_is_missed(stamped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stamped / "tagmanifest-sha256.txt.tsr").unlink()
    assert verify.main([str(stamped)]) == 1
    assert "tagmanifest-sha256.txt.tsr is missing; it announces one" in capsys.readouterr().out


def test_an_authority_that_cannot_be_reached_is_told(tsa: Authority) -> None:
    assert "can't be reached" in refused(tsa, url="http://127.0.0.1:1/")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "nonsense"])
def test_only_http_is_asked(tsa: Authority, url: str) -> None:
    assert "must begin with" in refused(tsa, url=url)


def test_a_stamp_on_other_bytes_is_refused(tsa: Authority) -> None:
    digest = hashlib.sha256(BYTES).digest()
    tsa.answer = lambda query: tsa.honest(query.replace(digest, b"\x11" * 32))
    assert "other bytes" in refused(tsa)


def test_an_old_answer_is_refused(tsa: Authority) -> None:
    kept: list[bytes] = []
    tsa.answer = lambda query: kept.append(tsa.honest(query)) or kept[0]  # type: ignore[func-returns-value]
    stamp(BYTES, tsa.url, timezone.now())
    assert "another question" in refused(tsa)


def test_a_clock_that_is_wrong_is_refused(tsa: Authority) -> None:
    assert "says it is" in refused(tsa, now=timezone.now() + timedelta(hours=1))


def test_a_changed_signature_is_refused(tsa: Authority) -> None:
    tsa.answer = lambda query: tsa.honest(query)[:-1] + b"\0"
    assert "isn't signed" in refused(tsa)


@pytest.mark.parametrize(
    "answer", [b"", b"<html>busy</html>", b"0\x05\x30\x03\x02\x01\x02", b"\x30\x84\xff\xff\xff\xff", b"x" * (1 << 21)]
)
def test_an_answer_that_is_no_stamp_is_refused(tsa: Authority, answer: bytes) -> None:
    tsa.answer = lambda _query: answer
    assert refused(tsa)


def test_a_refusal_is_told(tsa: Authority) -> None:
    tsa.answer = lambda _query: bytes.fromhex("30053003020102")  # a PKIStatus alone: rejection
    assert "refused: rejection" in refused(tsa)


def test_an_exchanged_certificate_is_refused(tsa: Authority) -> None:
    def exchanged(query: bytes) -> bytes:
        response = tsp.TimeStampResp.load(tsa.honest(query))
        other = samples.certificate().certificate.public_bytes(Encoding.DER)
        response["time_stamp_token"]["content"]["certificates"] = [x509.Certificate.load(other)]
        return bytes(response.dump(force=True))

    tsa.answer = exchanged
    assert "is no time stamp" in refused(tsa)


def test_nothing_but_the_digest_leaves_the_house(tsa: Authority) -> None:
    asked: list[bytes] = []
    tsa.answer = lambda query: asked.append(query) or tsa.honest(query)  # type: ignore[func-returns-value]
    stamp(BYTES, tsa.url, timezone.now())
    assert len(asked[0]) < 100 and BYTES not in asked[0]
