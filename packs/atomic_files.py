"""Files that several workers may make at once: one has its name only when it is whole."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_file(to: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, which gets its name when the block ends without an error.

    Others may write a file of the same name meanwhile: each writes its own, and the last to finish replaces it whole.
    """
    part = to.with_name(f"{to.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("wb") as file:
            yield file
        os.replace(part, to)
    except BaseException:  # a full disk above all: what was begun must not keep it full
        part.unlink(missing_ok=True)
        raise
