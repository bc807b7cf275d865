"""The application's Celery app with imports held up, so that a test can kill the worker there.

``SLOW_AT`` says where: ``portion 2`` (rows are being made ready, the second portion of them), ``written`` (all rows are
written and nothing is committed), ``undone`` (the same of an undoing) or ``index`` (all is committed, and the search's index catches up). ``SLOW_MARK`` is a
file that is made when that is reached.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from customerfocus.celery import app

__all__ = ["app"]


@app.on_after_finalize.connect
def hold_up(**_: object) -> None:
    """Make the step take its time when it is reached for the time that ``SLOW_AT`` says."""
    from imports import worker  # only now are the apps loaded
    from imports.ready import Ready
    from registers.lists import search_later

    step, _space, turn = os.environ["SLOW_AT"].partition(" ")
    place, name = {
        "portion": (Ready, "take"),
        "written": (worker, "write_all"),
        "undone": (worker, "undo"),
        "index": (search_later, "_take_portion"),
    }[step]
    setattr(place, name, _slow(getattr(place, name), int(turn or 1)))


def _slow(step: Callable[..., Any], turn: int) -> Callable[..., Any]:
    turns = iter(range(1, 1000))

    def slow(*args: Any, **kwargs: Any) -> Any:
        done = step(*args, **kwargs)
        # Where there was nothing to take, it wasn't reached.
        if done is not False and next(turns) == turn:
            Path(os.environ["SLOW_MARK"]).touch()
            time.sleep(120)
        return done

    return slow
