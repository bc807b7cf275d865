"""What tests of imports share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.imports import Imported, next_transaction, run_import, text_file


@pytest.fixture
def importing(tmp_path: Path) -> Callable[..., Imported]:
    """Imports, each in a transaction of its own."""

    def run(register: str, text: str) -> Imported:
        next_transaction()
        imported = run_import(register, text_file(tmp_path, text))
        next_transaction()
        return imported

    return run
