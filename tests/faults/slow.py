"""The application's Celery app with one step of a pack held up, so that a test can kill the worker inside it.

``SLOW_STEP`` names the step, ``SLOW_MARK`` a file that is made when the step is reached. The step goes on when there is
a file of the name ``SLOW_UNTIL``, or else never. Packs are cut into parts of one row.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from customerfocus.celery import app

__all__ = ["app"]

#: The steps by name: in which module the function is, and what it is called there.
STEPS = {
    "collecting": ("build", "collect"),
    "part": ("sharing", "make"),
    "waiting": ("build", "finish_parts"),
    "rendering": ("build", "render"),
    "sealing": ("build", "zip_bag"),
    "storing": ("build", "keep"),
    "stored": ("build", "store"),
}


@app.on_after_finalize.connect
def hold_up(**_: object) -> None:
    """Cut packs into parts of one row, and replace the step by one that says it was reached and then takes its time."""
    from packs import build, chunks, part_workers  # only now are the apps loaded

    chunks.CHUNK_ROWS = part_workers.CHUNK_ROWS = 1
    if "SLOW_STEP" in os.environ:
        module, name = STEPS[os.environ["SLOW_STEP"]]
        place = {"build": build, "sharing": part_workers}[module]
        setattr(place, name, _slow(getattr(place, name)))


def _slow(step: Callable[..., Any]) -> Callable[..., Any]:
    def slow(*args: Any, **kwargs: Any) -> Any:
        Path(os.environ["SLOW_MARK"]).touch()
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not Path(os.environ.get("SLOW_UNTIL", "/nowhere")).exists():
            time.sleep(0.1)
        return step(*args, **kwargs)

    return slow
