"""The key that signs seals, and the latest signed heads beside it.

The key is kept in a file and nowhere else. Whoever can write the database but not this folder can't forge a seal, and
can't take back one: the latest head of each organization stands here too, so that seals, leaves and rows that were
cut off together are missed by `trail.sealing.verify`.

The file is made on first run, readable by its owner alone. ``rotate_key`` makes a new one; the public half of the old
stays in ``earlier/``, so that what it signed can be verified. Nothing secret is ever logged, mailed or put in a pack.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings


class KeyUnusable(RuntimeError):
    """The signing key's file can't be read, or holds something else. Says what to do."""


def signing_key() -> Ed25519PrivateKey:
    """Return the key that signs now; make it if there is none.

    Raises:
        KeyUnusable: the file is there and can't be used.
    """
    path = _path()
    with suppress(FileExistsError):  # another process made it a moment ago: that one's is used
        if not path.exists():
            _write(path, _private_pem(Ed25519PrivateKey.generate()))
    try:
        return _load(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise KeyUnusable(f"{path} can't be read: {error.strerror}. Make it readable for the application.") from error


def public_keys() -> list[Ed25519PublicKey]:
    """Return the public halves of the key that signs now and of all that signed before it."""
    return [signing_key().public_key(), *_earlier()]


def fingerprint(key: Ed25519PublicKey | None = None) -> str:
    """Return what tells a public key from any other, short enough to be read out.

    That is 160 bits of SHA-256, as hexadecimal digits in groups of four.

    Args:
        key: the key that signs now, where none is given.
    """
    digits = sha256((key or signing_key().public_key()).public_bytes_raw()).hexdigest()[:40].upper()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def public_pem(key: Ed25519PublicKey) -> bytes:
    """Return a public key as a file that ``openssl`` reads (PEM)."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def rotate() -> Ed25519PublicKey:
    """Sign with a new key from now on, and keep the old one's public half for verifying.

    Returns:
        The new key's public half.
    """
    old, new = signing_key().public_key(), Ed25519PrivateKey.generate()
    # The old public half first: if this stops halfway, what the old key signed can still be verified.
    with suppress(FileExistsError):  # where it stopped halfway before
        _write(_path().parent / "earlier" / f"{fingerprint(old).replace(' ', '')}.pem", public_pem(old))
    _replace(_path(), _private_pem(new))
    return new.public_key()


def keep_head(name: str, note: str, size: int) -> None:
    """Put an organization's latest head beside the key, unless a later one is there.

    Args:
        name: the organization's slug.
        note: the signed head.
        size: its tree's size.
    """
    kept = kept_head(name)
    if kept is None or _size(kept) < size:
        _replace(_head_path(name), note.encode())


def kept_head(name: str) -> str | None:
    """Return the latest head that was put beside the key, unverified; None where there is none."""
    try:
        return _head_path(name).read_text()
    except FileNotFoundError:
        return None


def _size(note: str) -> int:
    with suppress(IndexError, ValueError):
        return int(note.split("\n")[1])
    return -1


def _path() -> Path:
    return Path(settings.SIGNING_KEY_FILE)


def _head_path(name: str) -> Path:
    return _path().parent / "heads" / name


def _earlier() -> Iterator[Ed25519PublicKey]:
    for path in sorted((_path().parent / "earlier").glob("*.pem")):
        with suppress(ValueError):
            key = load_pem_public_key(path.read_bytes())
            if isinstance(key, Ed25519PublicKey):
                yield key


@lru_cache(maxsize=1)
def _load(path: Path, changed: int) -> Ed25519PrivateKey:
    """Read the key's file; ``changed`` makes a file that was replaced be read again."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise KeyUnusable(f"{path} holds no private key without a password in PEM.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{path} holds a key of another kind than Ed25519.")
    return key


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, data: bytes) -> None:
    """Write a new file whole, or not at all.

    Raises:
        FileExistsError: it is there already, perhaps since a moment ago.
    """
    temporary = _temporary(path, data)
    try:
        # A link never replaces a file, as a move would: of two processes that make the first key, one wins.
        os.link(temporary, path)
    finally:
        temporary.unlink()


def _replace(path: Path, data: bytes) -> None:
    """Write a file in the place of what is there, so that no reader ever sees half of it."""
    _temporary(path, data).replace(path)


def _temporary(path: Path, data: bytes) -> Path:
    """Write a file beside ``path`` under a name of its own, readable by its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # In the same folder, since links and moves don't cross file systems.
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return Path(file.name)
