"""The signing key's file, and what stands beside it."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import CommandError, call_command

from trail.sealing import keys


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    """Where the key is; there is none yet."""
    settings.SIGNING_KEY_FILE = str(tmp_path / "keys" / "signing.pem")
    return Path(settings.SIGNING_KEY_FILE)


def raw(key: Any) -> bytes:
    return bytes(key.public_bytes_raw())


def test_the_key_is_made_on_first_run_for_its_owner_alone(file: Path) -> None:
    first = keys.signing_key()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["signing.pem"]
    assert raw(keys.signing_key().public_key()) == raw(first.public_key())


def test_many_who_need_the_first_key_at_once_get_the_same(file: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: raw(keys.signing_key().public_key()), range(32)))
    assert len(set(found)) == 1


def test_a_replaced_file_is_noticed(file: Path) -> None:
    first = keys.fingerprint()
    file.unlink()
    assert keys.fingerprint() != first


def test_after_a_rotation_the_old_public_half_stays_and_nothing_secret(file: Path) -> None:
    old = keys.signing_key().public_key()
    new = keys.rotate()
    assert raw(keys.signing_key().public_key()) == raw(new) != raw(old)
    assert [raw(key) for key in keys.public_keys()] == [raw(new), raw(old)]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secret = [path for path in file.parent.rglob("*") if path.is_file() and b"PRIVATE" in path.read_bytes()]
    assert secret == [file]


def test_the_command_says_both_fingerprints(file: Path) -> None:
    old, said = keys.fingerprint(), StringIO()
    call_command("rotate_key", stdout=said)
    assert old in said.getvalue()
    assert keys.fingerprint() in said.getvalue()


def test_a_fingerprint_can_be_read_out(file: Path) -> None:
    groups = keys.fingerprint().split(" ")
    assert len(groups) == 10
    assert all(len(group) == 4 and set(group) <= set("0123456789ABCDEF") for group in groups)


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", generate_private_key(SECP256R1()).private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())])  # fmt: skip
def test_a_file_that_holds_no_such_key_is_refused(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(keys.KeyUnusable, match=r"signing\.pem holds"):
        keys.signing_key()
    with pytest.raises(CommandError, match=r"signing\.pem holds"):
        call_command("rotate_key")
    assert file.read_bytes() == content


def test_the_latest_head_is_kept_and_an_earlier_one_does_not_replace_it(file: Path) -> None:
    assert keys.kept_head("acme") is None
    for size in (3, 7, 5):
        keys.keep_head("acme", f"origin\n{size}\n", size)
    assert keys.kept_head("acme") == "origin\n7\n"


def test_a_kept_head_that_can_not_be_read_is_replaced(file: Path) -> None:
    keys.keep_head("acme", "rubbish", 1)
    keys.keep_head("acme", "origin\n1\n", 1)
    assert keys.kept_head("acme") == "origin\n1\n"
