"""The application's Celery app with imports held up in the middle of their transaction, so that a test can kill the worker there.

``SLOW_MARK`` is a file that is made when all rows are written and nothing is committed.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from customerfocus.celery import app

__all__ = ["app"]


@app.on_after_finalize.connect
def hold_up(**_: object) -> None:
    """Make writing take its time when it is done, before it counts."""
    from imports import worker  # only now are the apps loaded

    write_all = worker.write_all

    def slow(*args: Any, **kwargs: Any) -> Any:
        moment = write_all(*args, **kwargs)
        Path(os.environ["SLOW_MARK"]).touch()
        time.sleep(120)
        return moment

    worker.write_all = slow
