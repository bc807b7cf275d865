"""``make bench``: measure each size on each database, in processes of their own, and write the figures down.

``python -m benchmarks pages --rows 10000 100000``: requirements of each size; four checks and one feedback item go with each.
``python -m benchmarks packs --rows 10000``: whole packs of that size, by one worker and by two.
``python -m benchmarks time_travel --rows 10000 100000``: pages of the past, each requirement in four versions.
``python -m benchmarks lists --rows 10000 1000000 --databases postgresql``: lists of so many rows, filtered, sorted, searched, deep.
``python -m benchmarks bulk --rows 10000 100000``: so many rows changed together, with history.
``python -m benchmarks imports --rows 10000 100000``: workbooks of so many rows and 20 columns, imported and undone; beside it
django-import-export with at most ``BENCH_BESIDE`` rows (10,000), and going row by row with at most 10,000.
``python -m benchmarks beside --rows 100000``: twenty people who record actions over HTTP while so many answers are imported.
``python -m benchmarks sealing --rows 100000 1000000``: so many leaves; a quarter of them sealed, and all verified.
Figures of pages are milliseconds by the clock, medians of several turns; those of packs and seals seconds. What counts are the ratios within
one run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from tests.support.services import postgresql

PROJECT = Path(__file__).resolve().parent.parent
RESULTS = PROJECT / "benchmarks" / "results"


def main() -> None:
    """Measure, print, and write the results as JSON and Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        choices=["pages", "packs", "time_travel", "sealing", "bulk", "lists", "imports", "beside"],
        default="pages",
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    options = parser.parse_args()
    runs: list[dict[str, Any]] = []
    with postgresql(os.environ) as service, kept(options.what, runs):
        for rows in options.rows:
            if "sqlite" in options.databases:
                runs.append(measure(options.what, "", rows))
            if "postgresql" in options.databases and not service.missing:
                with database(service.url, f"bench_{rows}") as url:
                    runs.append(measure(options.what, url, rows))
        if service.missing:
            print(service, file=sys.stderr)


@contextmanager
def kept(what: str, runs: list[dict[str, Any]]) -> Iterator[None]:
    """What was measured is written down, also where a later run fails."""
    try:
        yield
    finally:
        if runs:
            write(what, runs)


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
                # Not by force: that would need a right over the server's own cleaners, which give way by themselves.
                cursor.execute(f"DROP DATABASE {name}")


def measure(what: str, database_url: str, rows: int) -> dict[str, Any]:
    """Figures of one size on one database, from a process of its own."""
    machine = {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "load": round(os.getloadavg()[0], 1),
    }
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
            [sys.executable, "-m", f"benchmarks.{what}", str(rows)],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    found: dict[str, Any] = {"machine": machine} | json.loads(done.stdout.splitlines()[-1])
    print(f"{found['database']}, {rows:,} rows: done", file=sys.stderr)
    return found


def write(what: str, runs: list[dict[str, Any]]) -> None:
    """The figures for machines and for people. Those of a database that wasn't measured this time stay."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{what}.json"
    runs = _earlier(file, {run["database"] for run in runs}) + runs
    file.write_text(json.dumps({"runs": runs}, indent=1) + "\n")
    unit = (
        "Seconds by the clock, one turn."
        if what in ("packs", "sealing", "bulk", "imports", "beside")
        else "Milliseconds by the clock, medians."
    )
    lines = [unit, ""]
    for run in runs:
        heading, *table = _TABLES[what](run)
        lines += [heading, "", _circumstances(**run["machine"]), *table]
    (RESULTS / f"{what}.md").write_text("\n".join(lines))
    print("\n".join(lines))


def _earlier(file: Path, measured: set[str]) -> list[dict[str, Any]]:
    """The runs in a file, but for those of some databases."""
    found = json.loads(file.read_text()) if file.exists() else {"runs": []}
    machine = found.get("machine", {})  # as files had it that hold one machine's runs
    return [{"machine": machine, **run} for run in found["runs"] if run["database"] not in measured]


def _circumstances(python: str, processors: int, when: str, load: float | None = None) -> str:
    busy = "" if load is None else f", load {load:.1f} when it began"
    return f"Python {python}, {processors} processors, {when}{busy}."


def _pages(run: dict[str, Any]) -> list[str]:
    return [
        f"## {run['database']}, {run['rows']:,} requirements, {run['checks']:,} checks, {run['feedback']:,} feedback items",
        "",
        "| what | ours | beside it | ratio | queries |",
        "|---|--:|--:|--:|--:|",
        *map(_line, run["figures"]),
        "",
    ]


def _time_travel(run: dict[str, Any]) -> list[str]:
    return [
        f"## {run['database']}, {run['rows']:,} requirements, {run['versions']:,} versions",
        "",
        "| what | then | today, or by hand | ratio | queries |",
        "|---|--:|--:|--:|--:|",
        *map(_line, run["figures"]),
        "",
    ]


def _packs(run: dict[str, Any]) -> list[str]:
    alone, packs = run["alone"], run["packs"]
    floor = sum(alone[name] for name in ("typesetting", "workbooks", "hashing"))
    one, two = (pack["seconds"] for pack in packs)
    return [
        f"## {run['database']}, {run['rows']:,} requirements, {packs[0]['rows']:,} rows in the pack, {packs[0]['size'] / 1e6:,.1f} MB",
        "",
        "| workers | whole | ratio to the floor | steps | most memory of a process, MiB |",
        "|--:|--:|--:|---|---|",
        *(
            f"| {pack['workers']} | {pack['seconds']:.1f} | {pack['seconds'] / floor:.2f} | {_named(pack['steps'])} | {_named(pack['mib'])} |"
            for pack in packs
        ),
        "",
        f"Alone in one process: {_named({name: round(seconds, 1) for name, seconds in alone.items()})}.",
        f"The floor is typesetting, workbooks and hashing: {floor:.1f}. Two workers are {one / two:.2f} times as fast as one.",
        "",
    ]


def _sealing(run: dict[str, Any]) -> list[str]:
    columns = ("what", "rows", "seconds", "hashing alone", "ratio", "most memory, MiB")
    return _beside_a_floor(f"{run['database']}, {run['rows']:,} leaves", columns, run["figures"])


def _bulk(run: dict[str, Any]) -> list[str]:
    columns = ("what", "rows", "seconds", "inserting as many", "ratio")
    return _beside_a_floor(f"{run['database']}, {run['rows']:,} requirements", columns, run["figures"])


def _beside_a_floor(title: str, columns: Sequence[str], figures: Iterable[dict[str, Any]]) -> list[str]:
    """A table of seconds, each beside those of the least that has to be done."""
    lines = [
        f"| {each['what']} | {each['rows']:,} | {each['seconds']:.1f} | {each['floor']:.2f} | {each['seconds'] / each['floor']:.2f} |"
        + (f" {each['mib']} |" if "mib" in each else "")
        for each in figures
    ]
    return [f"## {title}", "", f"| {' | '.join(columns)} |", "|---|" + "--:|" * (len(columns) - 1), *lines, ""]


def _imports(run: dict[str, Any]) -> list[str]:
    beside = {each["what"]: each for each in run["beside"]}
    peers = [beside[name] for name in ("django-import-export", "row by row")]
    lines = [
        f"## {run['database']}, {run['rows']:,} rows × 20 columns, XLSX",
        "",
        "| what | rows | seconds | processor | rows a second | most memory, MiB |",
        "|---|--:|--:|--:|--:|--:|",
        *(
            f"| {each['what']} | {each['rows']:,} | {each['seconds']:.1f} | {each['processor']:.1f} | {each['rows'] / each['seconds']:,.0f} | {each['mib']} |"
            for each in (*run["figures"], *run["beside"])
        ),
        "",
    ]
    lines += [
        f"For a second of processor the import takes in {_faster(run['figures'][0], peer):.1f} times the rows of {peer['what']}."
        for peer in peers
    ]
    undone = _faster(run["figures"][-1], beside["row by row, undone"])
    lines.append(f"For a second of processor its undoing takes back {undone:.1f} times the rows of archiving each.")
    return [*lines, ""]


def _beside_an_import(run: dict[str, Any]) -> list[str]:
    return [
        f"## {run['database']}, {run['rows']:,} answers, twenty people",
        "",
        "| people at work | seconds in all | writes | p50 | p95 | p99 | most | told to send it again |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
        *(
            f"| {each['what']} | {each['seconds']:.0f} | {each['writes']:,} | {each['p50']:.2f} | {each['p95']:.2f} "
            f"| {each['p99']:.2f} | {each['most']:.2f} | {each['told']} |"
            for each in run["figures"]
        ),
        "",
    ]


def _faster(ours: dict[str, Any], other: dict[str, Any]) -> float:
    ratio: float = (ours["rows"] / ours["processor"]) / (other["rows"] / other["processor"])
    return ratio


def _lists(run: dict[str, Any]) -> list[str]:
    return [
        f"## {run['database']}, {run['rows']:,} requirements",
        "",
        "Ours beside bare pages behind the same sign-in, of the same statements and of simpler ones (nine columns as the table has them).",
        "",
        "| what | ours | its rows alone | same statements, bare | ratio | of the rows alone | simpler, bare | ratio | of the rows alone | same statements, no request | simpler |",
        "|---|" + "--:|" * 10,
        *(
            f"| {each['what']} | {each['ms']:.1f} | {each['rows']:.1f} | {_beside(each, 'same_page')} | {_beside(each, 'page')} "
            f"| {each['same']:.1f} | {each['floor']:.1f} |"
            for each in run["figures"]
        ),
        "",
    ]


def _beside(figures: dict[str, float], floor: str) -> str:
    """A floor, and the ratios of the page and of its rows alone to it."""
    return f"{figures[floor]:.1f} | {figures['ms'] / figures[floor]:.2f} | {figures['rows'] / figures[floor]:.2f}"


def _named(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name} {figure}" for name, figure in figures.items())


def _line(figure: dict[str, Any]) -> str:
    floor = f"{figure['floor']:.1f}" if figure["floor"] else ""
    ratio = f"{figure['ms'] / figure['floor']:.2f}" if figure["floor"] else ""
    return f"| {figure['what']} | {figure['ms']:.1f} | {floor} | {ratio} | {figure['queries']} |"


_TABLES = {
    "pages": _pages,
    "packs": _packs,
    "time_travel": _time_travel,
    "sealing": _sealing,
    "bulk": _bulk,
    "lists": _lists,
    "imports": _imports,
    "beside": _beside_an_import,
}

if __name__ == "__main__":
    main()
