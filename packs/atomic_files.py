"""Files that several workers may be making at once: a piece has its name only when it is whole."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_file(to: Path) -> Iterator[BinaryIO]:
    """A file to write to, that gets its name when the block ends without an error, whoever else writes the same one meanwhile."""
    part = to.with_name(f"{to.name}.{secrets.token_hex(4)}.part")
    with part.open("wb") as file:
        yield file
    os.replace(part, to)
