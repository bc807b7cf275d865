"""``make bench``: measure each size on each database, in processes of their own, and write the figures down.

``python -m benchmarks --rows 10000 100000``: requirements of each size; four checks and one feedback item go with each.
Figures are milliseconds by the clock, medians of several turns; what counts are the ratios within one run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from tests.services import postgresql

PROJECT = Path(__file__).resolve().parent.parent
RESULTS = PROJECT / "benchmarks" / "results"


def main() -> None:
    """Measure, print, and write ``results/pages.json`` and ``results/pages.md``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    options = parser.parse_args()
    runs: list[dict[str, Any]] = []
    with postgresql(os.environ) as service:
        for rows in options.rows:
            if "sqlite" in options.databases:
                runs.append(measure("", rows))
            if "postgresql" in options.databases and not service.missing:
                with database(service.url, f"bench_{rows}") as url:
                    runs.append(measure(url, rows))
        if service.missing:
            print(service, file=sys.stderr)
    write(runs)


@contextmanager
def database(url: str, name: str) -> Iterator[str]:
    """A database of its own on the server, gone afterwards."""
    with closing(psycopg2.connect(url)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
            try:
                yield urlsplit(url)._replace(path=f"/{name}").geturl()
            finally:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def measure(database_url: str, rows: int) -> dict[str, Any]:
    """Figures of one size on one database, from a process of its own."""
    with tempfile.TemporaryDirectory(prefix="customerfocus-bench-") as folder:
        environment = {
            **os.environ,
            "DEBUG": "0",
            "SECRET_KEY": "only-for-figures-" * 4,
            "VAR_DIR": folder,
            "DATABASE_URL": database_url or f"sqlite:///{folder}/bench.sqlite3",
            "REDIS_URL": "",
            "LOG_LEVEL": "ERROR",
        }
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.pages", str(rows)],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{found['database']}, {rows:,} requirements: done", file=sys.stderr)
    return found


def write(runs: list[dict[str, Any]]) -> None:
    """The figures for machines and for people."""
    RESULTS.mkdir(exist_ok=True)
    machine = {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
    }
    (RESULTS / "pages.json").write_text(json.dumps({"machine": machine, "runs": runs}, indent=1) + "\n")
    lines = [
        f"Milliseconds by the clock, medians; Python {machine['python']}, {machine['processors']} processors, {machine['when']}.",
        "",
    ]
    for run in runs:
        lines += [
            f"## {run['database']}, {run['rows']:,} requirements, {run['checks']:,} checks, {run['feedback']:,} feedback items",
            "",
        ]
        lines += [
            "| what | ours | beside it | ratio | queries |",
            "|---|--:|--:|--:|--:|",
            *map(_line, run["figures"]),
            "",
        ]
    (RESULTS / "pages.md").write_text("\n".join(lines))
    print("\n".join(lines))


def _line(figure: dict[str, Any]) -> str:
    floor = f"{figure['floor']:.1f}" if figure["floor"] else ""
    ratio = f"{figure['ms'] / figure['floor']:.2f}" if figure["floor"] else ""
    return f"| {figure['what']} | {figure['ms']:.1f} | {floor} | {ratio} | {figure['queries']} |"


if __name__ == "__main__":
    main()
