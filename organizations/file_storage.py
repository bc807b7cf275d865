"""The folder in which files of people are kept: a file has its name only when all of it is on disk.

A disk that fills up, or a machine that stops, leaves no half file under a whole file's name. Others read the folder
meanwhile, so that nothing is ever seen half written either.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.core.files.storage import default_storage as default
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

#: Bytes read at once.
CHUNK = 1 << 20


class Damaged(OSError):
    """What was written isn't what was to be stored: bytes were lost on their way."""


class DurableStorage(FileSystemStorage):
    """Django's storage in a folder; what is saved is written aside, synced, and then gets its name."""

    def _save(self, name: str, content: File) -> str:
        with self._aside(name) as file:
            for chunk in content.chunks():
                file.write(chunk)
        return name

    def put(self, name: str, content: File, sha256: str) -> None:
        """Store bytes of a digest under a name, unless they are there already.

        A half file of that name, as a full disk used to leave it, is replaced.

        Raises:
            Damaged: the bytes that came to the disk aren't those of the digest.
            OSError: there is no room for them, or the folder can't be written to.
        """
        if self.exists(name):
            if self.sha256(name) == sha256:
                return
            logger.error("file.restored: %s was not what its name says, and is written anew.", name)
        with self._aside(name, sha256) as file:
            for chunk in content.chunks():
                file.write(chunk)
        content.seek(0)

    def sha256(self, name: str) -> str | None:
        """Return the digest of a stored file in hexadecimal, or None where there is none."""
        try:
            with self.open(name) as file:
                return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        except FileNotFoundError:
            return None

    @contextmanager
    def _aside(self, name: str, sha256: str = "") -> Iterator[BinaryIO]:
        """Give a file to write, which gets its name when the block ends without an error."""
        to = Path(self.path(name))
        new = [folder for folder in (to.parent, *to.parent.parents) if not folder.exists()]
        to.parent.mkdir(parents=True, exist_ok=True)
        part = to.with_name(f".{to.name[:40]}.{secrets.token_hex(8)}.part")
        try:
            with part.open("x+b") as file:
                os.chmod(part, self.file_permissions_mode or 0o600)
                yield file
                file.flush()
                os.fsync(file.fileno())
                file.seek(0)
                if sha256 and hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    raise Damaged(f"{name} came to the disk with other bytes than it was sent with.")
            part.replace(to)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        # The name is on disk only when its folder is, and that of a new folder when the one that holds it is.
        for folder in (to.parent, *(each.parent for each in new)):
            _sync(folder)


def _sync(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except (OSError, AttributeError):  # folders can't be opened everywhere
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put(name: str, content: File, sha256: str) -> None:
    """Store bytes in the default storage: see :meth:`DurableStorage.put`."""
    cast("DurableStorage", default).put(name, content, sha256)


def refused(error: OSError) -> ValidationError:
    """Return what a person is told whose file can't be stored; the log has the reason."""
    logger.error("storage.failed: a file could not be stored: %s", error)
    return ValidationError(
        _(
            "The file could not be stored, so nothing was kept of it: the storage is full or can't be written to. Try again "
            "later; if it stays so, tell whoever runs this installation."
        )
    )
