"""A temporary folder that lives as long as something uses it."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path


class Folder:
    """A new folder, removed with all that is in it when nothing refers to this object any more, at the latest with the process.

    Whoever holds a table's rows holds the folder they are in; nobody has to know when the last reader is done.
    (:class:`tempfile.TemporaryDirectory` warns of being left to itself like that.)
    """

    def __init__(self, prefix: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
