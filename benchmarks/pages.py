"""One size on one database: pages and exports, each beside the same rows by hand-written SQL and a bare writer.

Run by ``python -m benchmarks`` with the environment of an installation of its own; prints its figures as JSON.
"""

from __future__ import annotations

import csv
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerfocus.settings")
django.setup()

import xlsxwriter
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, reset_queries
from django.template import Context, Template
from django.test import Client

from clauses.assertion import Period
from clauses.evaluation import ask, evaluate
from customerfocus.demonstration.build import build
from feedback.models import FeedbackItem
from organizations.models import Organization, User
from organizations.scope import in_organization
from registers.register import registry
from requirements_registry.models import ConformityCheck, Requirement

#: A bare page of fifty rows.
BARE = Template(
    "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)
LIST_SQL = """
SELECT r.reference, r.title, r.kind, r.source, r.status, r.criticality, r.last_reviewed_on, u.name, p.name
FROM requirements_registry_requirement r
LEFT JOIN organizations_user u ON u.id = r.owner_id
LEFT JOIN requirements_registry_interestedparty p ON p.id = r.interested_party_id
WHERE r.organization_id = %s AND r.archived_at IS NULL {where}
ORDER BY {order} LIMIT 50
"""
COUNT_SQL = "SELECT count(*) FROM requirements_registry_requirement r WHERE r.organization_id = %s AND r.archived_at IS NULL {where}"


def queries_of(run: Callable[[], Any]) -> int:
    """How many queries one turn takes."""
    reset_queries()
    connection.force_debug_cursor = True
    run()
    connection.force_debug_cursor = False
    return len(connection.queries)


def wall(run: Callable[[], Any], turns: int = 7) -> float:
    """Median milliseconds by the clock, database included; the first turn, which fills caches, doesn't count."""
    run()
    times = []
    for _ in range(turns):
        began = time.perf_counter()
        run()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def in_turn(runs: dict[str, Callable[[], Any]], turns: int) -> dict[str, float]:
    """Median milliseconds by the clock of several things done in turn, so that what else goes on hits them alike."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(turns + 1):  # the first one fills caches
        for name, run in runs.items():
            began = time.perf_counter()
            run()
            if turn:
                times[name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


class Bench:
    """The pages of one organization."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.client = Client(headers={"host": "localhost"})
        self.client.force_login(User.objects.get(email="quality@demo.example"))
        self.figures: list[dict[str, Any]] = []

    def get(self, path: str, before: str = "", headers: dict[str, str] | None = None) -> None:
        """Load a page to its last byte; ``before`` goes before the organization's address."""
        response = self.client.get(f"{before}/o/{self.organization.slug}/{path}", headers=headers)
        assert response.status_code == 200, (path, response.status_code)
        if response.streaming:
            for _ in response.streaming_content:
                pass
            response.close()

    def page(self, what: str, path: str, floor: Callable[[], Any] | None = None, turns: int = 7) -> None:
        """Measure a page by the clock, beside a floor."""
        ours = wall(lambda: self.get(path), turns)
        queries = queries_of(lambda: self.get(path))
        self.figures.append(
            {"what": what, "ms": ours, "floor": wall(floor, turns) if floor else None, "queries": queries}
        )

    def by_hand(self, where: str = "", order: str = "r.id DESC") -> Callable[[], str]:
        """Fifty rows, their count and a bare table."""

        def run() -> str:
            with in_organization(self.organization), connection.cursor() as cursor:
                cursor.execute(COUNT_SQL.format(where=where), [self.organization.pk])
                cursor.fetchone()
                cursor.execute(LIST_SQL.format(where=where, order=order), [self.organization.pk])
                return BARE.render(Context({"rows": cursor.fetchall()}))

        return run

    def rows_by_hand(self) -> Any:
        """All columns of the requirements, straight from the cursor."""
        with in_organization(self.organization), connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM requirements_registry_requirement WHERE organization_id = %s ORDER BY id DESC",
                [self.organization.pk],
            )
            yield from cursor

    def csv_by_hand(self) -> None:
        """The bare writer fed from the bare query."""
        with tempfile.TemporaryFile() as file:
            csv.writer(io.TextIOWrapper(file, encoding="utf-8", newline="")).writerows(self.rows_by_hand())

    def xlsx_by_hand(self) -> None:
        """The bare workbook fed from the bare query."""
        with (
            tempfile.TemporaryFile() as file,
            xlsxwriter.Workbook(
                file, {"constant_memory": True, "remove_timezone": True, "default_date_format": "yyyy-mm-dd"}
            ) as book,
        ):
            sheet = book.add_worksheet()
            for number, row in enumerate(self.rows_by_hand()):
                sheet.write_row(number, 0, row)


def overview_anew(bench: Bench) -> Callable[[], Any]:
    """All assertions, nothing cached."""

    def run() -> Any:
        with in_organization(bench.organization):
            today = bench.organization.today()
            return evaluate(ask(Period(date(today.year, 1, 1), today)))

    return run


def main(rows: int) -> None:
    """Make the data, measure, print."""
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    organization = build(rows, seed=1)
    loading = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    settings.ALLOWED_HOSTS = ["localhost"]
    bench = Bench(organization)
    with in_organization(organization):
        middle = Requirement.objects.order_by("id")[rows // 2].reference
        counts = {
            "checks": ConformityCheck.objects.count(),
            "feedback": FeedbackItem.objects.count(),
            "loading_s": round(loading, 1),
            "registers": len(list(registry)),
        }
    bench.page("list, first page", "requirements/", bench.by_hand())
    bench.page(
        "list, filtered by kind and status",
        "requirements/?kind=customer&status=active",
        bench.by_hand("AND r.kind = 'customer' AND r.status = 'active'"),
    )
    bench.page("list, sorted by title", "requirements/?sort=title", bench.by_hand(order="r.title"))
    bench.page(
        "list, searched",
        "requirements/?q=pressure+harbour",
        bench.by_hand("AND r.title LIKE '%%ressure%%' AND r.title LIKE '%%arbour%%'"),
    )
    bench.page("list, last page", f"requirements/?page={rows // 50}")
    bench.page("list, exceptions of a8", "requirements/?assertion=a8")
    bench.page("checks, first page", "checks/")
    bench.page("feedback, first page", "feedback/")
    bench.page("record", f"requirements/{middle}/")
    bench.page("form", f"requirements/{middle}/edit/")
    bench.page("satisfaction", "satisfaction/")
    bench.page("heat map", "heat-map/")
    bench.get("")
    bench.page("overview, unchanged data", "")
    anew = overview_anew(bench)
    bench.figures.append(
        {"what": "all assertions, changed data", "ms": wall(anew, 3), "floor": None, "queries": queries_of(anew)}
    )
    cache.clear()
    bench.page("export CSV", "requirements/export.csv", bench.csv_by_hand, turns=3)
    bench.page("export XLSX", "requirements/export.xlsx", bench.xlsx_by_hand, turns=1)
    print(json.dumps({"database": connection.display_name, "rows": rows, **counts, "figures": bench.figures}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
