"""Signed heads: what is written is read, and nothing else passes for it."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from trail.sealing import signed_notes
from trail.sealing.signed_notes import BadNote, Head

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key()
HEAD = Head(
    "quality.example/o/acme", 1042, b"r" * 32, 17, datetime(2026, 6, 30, 8, 15, tzinfo=UTC), 1040, b"p" * 32, "sign-off"
)
NOTE = signed_notes.sign(HEAD, KEY)

words = st.text("abcdefghijklmnopqrstuvwxyz0123456789.:/-", min_size=1, max_size=40)
sizes = st.integers(0, 2**53)
heads = st.builds(
    Head,
    origin=words,
    size=sizes,
    root=st.binary(min_size=32, max_size=32),
    number=sizes,
    time=st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)),
    previous_size=sizes,
    previous_root=st.binary(min_size=32, max_size=32),
    purpose=words,
)


@given(heads)
def test_what_is_signed_is_read_and_verified(head: Head) -> None:
    note = signed_notes.sign(head, KEY)
    assert signed_notes.parse(note) == head
    assert signed_notes.verify(note, [Ed25519PrivateKey.generate().public_key(), PUBLIC]) == head


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(0, 255))
def test_any_changed_byte_makes_it_fail(at: int, byte: int) -> None:
    changed = bytearray(NOTE.encode())
    changed[at] = byte if changed[at] != byte else byte ^ 1
    with pytest.raises(ValueError, match=r"."):  # BadNote, or no UTF-8
        signed_notes.verify(changed.decode(), [PUBLIC])


@given(st.integers(0, len(NOTE) - 1))
def test_a_note_that_was_cut_off_fails(length: int) -> None:
    with pytest.raises(BadNote):
        signed_notes.verify(NOTE[:length], [PUBLIC])


@given(st.text(max_size=300))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        signed_notes.parse(text)


def test_the_form_is_that_of_a_checkpoint_in_a_signed_note() -> None:
    text, _, signatures = NOTE.partition("\n\n")
    assert text.split("\n")[:2] == ["quality.example/o/acme", "1042"]
    mark, name, encoded = signatures.removesuffix("\n").split(" ")
    assert (mark, name) == ("—", "quality.example/o/acme")
    signature = b64decode(encoded)
    assert len(signature) == 4 + 64
    PUBLIC.verify(signature[4:], f"{text}\n".encode())


def test_the_id_of_a_key_is_that_of_the_reference() -> None:
    """A verifier key of the reference tests: name+id+Base64 of the byte 1 and the public key."""
    name, known_by, key = "PeterNeumann", "c74f20a3", "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert signed_notes.key_id(name, Ed25519PublicKey.from_public_bytes(b64decode(key)[1:])).hex() == known_by


def test_another_key_has_not_signed_it() -> None:
    with pytest.raises(BadNote, match="no key that is known"):
        signed_notes.verify(NOTE, [Ed25519PrivateKey.generate().public_key()])
    with pytest.raises(BadNote, match="no key that is known"):
        signed_notes.verify(NOTE, [])


def test_a_witness_may_have_signed_below() -> None:
    assert signed_notes.verify(f"{NOTE}— witness.example AAAAAAAA\n", [PUBLIC]) == HEAD


@pytest.mark.parametrize(
    "head",
    [
        replace(HEAD, origin="quality example"),
        replace(HEAD, origin=""),
        replace(HEAD, origin="a\nb"),
        replace(HEAD, purpose="a\nb"),
        replace(HEAD, root=b"short"),
        replace(HEAD, size=-1),
    ],
)
def test_a_head_that_could_be_read_otherwise_is_not_signed(head: Head) -> None:
    with pytest.raises(BadNote):
        signed_notes.sign(head, KEY)
