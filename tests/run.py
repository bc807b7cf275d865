"""``make test``: the whole suite on SQLite, then what uses a database again on PostgreSQL, but for generated rules.

Exit status 0: everything that took part passed; 1: a test failed; 2: ``REQUIRE_SERVICES=1`` and something is missing.
Further arguments go to pytest.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.services import Service, chromium, postgresql, redis_server
from tests.support.templates import migrated_template

PROJECT = Path(__file__).resolve().parent.parent
#: Rules generated over all models, and files read whole, take minutes; what they ask a database, the tests of the apps ask
#: both. Numbers of queries don't depend on which one it is.
ON_SQLITE_ALONE = (
    *(
        f"tests/rules/test_{rule}.py"
        for rule in ("bare_rows", "imports", "judged_day", "markup", "query_counts", "reasons", "sentences")
    ),
    "tests/real/test_cases.py",
    "tests/real/test_cases_both_ways.py",
)
#: What pytest says where nothing was left to run: no failure, as when arguments choose tests that use no database.
NOTHING_TO_RUN = 5


def main(arguments: list[str]) -> int:
    """Run the suite on each database and say which services took part."""
    with postgresql(os.environ) as database, redis_server(os.environ) as queue:
        browser = chromium(os.environ)
        missing = [service for service in (database, queue, browser) if service.missing]
        if missing and os.environ.get("REQUIRE_SERVICES") == "1":
            print("REQUIRE_SERVICES=1, but:", *missing, sep="\n  ", file=sys.stderr)
            return 2
        environment = {**os.environ, "REDIS_URL": queue.url, "CHROMIUM": browser.url}
        results = {"SQLite": run(arguments, environment | {"DATABASE_URL": ""})}
        if not database.missing:
            left = [f"--ignore={path}" for path in ON_SQLITE_ALONE]
            with migrated_template(database.url) as template:
                given = environment | {"DATABASE_URL": database.url, "DATABASE_TEMPLATE": template}
                results[str(database)] = run([*arguments, "--database-only", *left], given)
        report(results, database, queue, browser)
    return int(any(results.values()))


def run(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run pytest once, with real migrations; give its exit status."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        environment.get("TEST_PROCESSES", "2"),
        "--migrations",
        *arguments,
    ]
    given = {name: value for name, value in environment.items() if value and name != "PYTHONDONTWRITEBYTECODE"}
    status = subprocess.run(command, cwd=PROJECT, env=given, check=False).returncode
    return 0 if status == NOTHING_TO_RUN else status


def report(results: Mapping[str, int], *services: Service) -> None:
    """The last lines of a run."""
    print()
    for name, status in results.items():
        print(f"On {name}: {'passed' if status == 0 else f'FAILED (pytest exit status {status})'}")
    for service in services:
        if service.missing or str(service) not in results:
            print(service if service.missing else f"{service} took part")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the services are stopped as well
    sys.exit(main(sys.argv[1:]))
