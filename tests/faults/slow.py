"""The application's Celery app with one step of the pack's pipeline held up, so that a test can kill the worker inside it.

``SLOW_STEP`` names the step, ``SLOW_MARK`` a file that is made when the step is reached.
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
    """Replace the step by one that says it was reached and then takes its time."""
    from evidence.pack import build  # only now are the apps loaded

    name = {"collecting": "collect", "rendering": "render", "sealing": "zip_bag", "storing": "keep", "stored": "store"}[
        os.environ["SLOW_STEP"]
    ]
    setattr(build, name, _slow(getattr(build, name)))


def _slow(step: Callable[..., Any]) -> Callable[..., Any]:
    def slow(*args: Any, **kwargs: Any) -> Any:
        Path(os.environ["SLOW_MARK"]).touch()
        time.sleep(120)
        return step(*args, **kwargs)

    return slow
