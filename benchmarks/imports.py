"""One size on one database: a workbook of 20 columns imported, imported again, changed, and undone, beside row-by-row ways.

What stands beside is django-import-export on the same file and model; and, as the least that any
importer needs which goes row by row, openpyxl and a ``save`` with history for each row. Each step runs in a process of its
own, so that its memory is its own. Run by ``python -m benchmarks imports`` with the environment of an installation of its
own; prints its figures as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerfocus.settings")
django.setup()

import openpyxl
import xlsxwriter
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from import_export import fields, resources, widgets
from tablib import Dataset

from feedback.models import FeedbackItem
from imports.examination import examine
from imports.mapping import ImportMapping
from imports.pipeline import examination, read_table, ready_to_write, write_all
from imports.report import Report
from imports.undo.undo import undo
from organizations.models import Organization, Site, User
from organizations.scope import in_organization
from organizations.services import create_organization
from registers.register import registry
from registers.services import archive
from requirements_registry.models import InterestedParty
from trail.actor import acting

COLUMNS = (
    "external_id", "text", "product", "themes", "language", "source", "collected_at", "customer", "respondent", "question",
    "score", "scale_min", "scale_max", "higher_is_better", "shared_on", "shared_with", "channel", "place", "source_status", "site",
)  # fmt: skip
CUSTOMERS = 200
#: Rows of the ways that go row by row, if nobody says otherwise of django-import-export; their time is taken to grow with the rows.
MOST_BESIDE = 10_000


def values(number: int, text: str = "The seal holds, the paint doesn't.") -> list[Any]:
    """A row of the file."""
    day = datetime(2026, 1, 5, 9) + timedelta(minutes=number)
    return [
        f"F-{number:07}", f"{text} Note {number}.", f"Pump {number % 40}", "paint, seal", "en", "survey", day, f"Customer {number % CUSTOMERS}",
        f"Person {number % 5000}", "How satisfied are you?", number % 11, 0, 10, "yes", day.date(), "Sales", "mail", "Hamburg", "closed", "HH",
    ]  # fmt: skip


def write_file(path: Path, rows: int, text: str = "The seal holds, the paint doesn't.") -> Path:
    """The workbook that is imported."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet, day = book.add_worksheet("Feedback"), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(0, 0, COLUMNS)
    for number in range(rows):
        for column, value in enumerate(values(number, text)):
            if hasattr(value, "year"):
                sheet.write_datetime(number + 1, column, value, day)
            else:
                sheet.write(number + 1, column, value)
    book.close()
    return path


def ours(path: Path) -> datetime | None:
    """Read, look through with preview, and write."""
    register, mapping = registry["feedback"], ImportMapping(fields={})
    table = read_table(path, path.name, register, mapping)
    with examination(register, table, mapping) as examined:
        report = Report(examined)
        examine(examined, on_drafts=report.see)
        assert not report.counts["refused"], report.problems[:3]
        report.as_json()
        with ready_to_write(examined, filename=path.name) as ready, transaction.atomic():
            return write_all(ready, filename=path.name, sha256="0" * 64)


def by_row(path: Path) -> None:
    """The least that goes row by row: read with openpyxl, save each row with its history."""
    parties = {party.name: party for party in InterestedParty.objects.all()}
    site = Site.objects.get(code="HH")
    book = openpyxl.load_workbook(path, read_only=True)
    lines = book.worksheets[0].iter_rows(min_row=2, values_only=True)
    with transaction.atomic():
        for line in lines:
            row = dict(zip(COLUMNS, line, strict=True)) | {"site": site, "higher_is_better": True}
            row |= {"customer": parties[row["customer"]], "collected_at": timezone.make_aware(row["collected_at"])}
            FeedbackItem(**row | {"shared_on": row["shared_on"].date()}).save()


def import_export(path: Path) -> None:
    """django-import-export as its documentation has it: a resource, a dry run for the preview, then the import."""

    class FeedbackResource(resources.ModelResource):
        customer = fields.Field("customer", "customer", widgets.ForeignKeyWidget(InterestedParty, "name"))
        site = fields.Field("site", "site", widgets.ForeignKeyWidget(Site, "code"))

        class Meta:
            model = FeedbackItem
            fields = COLUMNS
            import_id_fields = ("external_id",)
            clean_model_instances = True
            skip_unchanged = True

        def get_queryset(self) -> Any:
            # The index of external ids holds those that were given; SQLite uses it where the query says so too.
            return super().get_queryset().exclude(external_id="")

    with path.open("rb") as file:
        data = Dataset().load(file, format="xlsx")
    for dry_run in (True, False):
        result = FeedbackResource().import_data(data, dry_run=dry_run, raise_errors=True, use_transactions=True)
        assert not result.has_errors() and not result.has_validation_errors()


def archive_each(user: User) -> None:
    """Undoing row by row: each row is archived on its own."""
    with transaction.atomic():
        for row in FeedbackItem.objects.current():
            archive(row, by=user, reason="Imported by mistake")


def alone(step: Callable[[], Any]) -> dict[str, Any]:
    """A step in a process of its own: seconds of processor and by the clock, most memory, and what it gave."""
    connection.close()
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with os.fdopen(reading) as pipe:
            said = pipe.read()
        _pid, status = os.waitpid(child, 0)
        if status:
            raise SystemExit("A step of the benchmark failed.")
        found: dict[str, Any] = json.loads(said)
        return found
    began, used = time.perf_counter(), time.process_time()
    gave = step()
    whole = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    figures = {
        "seconds": time.perf_counter() - began,
        "processor": time.process_time() - used + whole[1].ru_utime + whole[1].ru_stime,
        "mib": round(max(usage.ru_maxrss for usage in whole) / 1024),
        "gave": gave.isoformat() if isinstance(gave, datetime) else None,
    }
    with os.fdopen(writing, "w") as pipe:
        json.dump(figures, pipe)
    os._exit(0)


def furnish(slug: str) -> tuple[Organization, User]:
    """An organization with the customers and the site that the file names."""
    user = User.objects.create_user(f"quality@{slug}.example", "", name="Quality")
    organization = create_organization(slug, slug.title(), administrator=user)
    with in_organization(organization):
        Site.objects.create(code="HH", name="Hamburg")
        for number in range(CUSTOMERS):
            InterestedParty(name=f"Customer {number}", kind="customer").save()
    return organization, user


def measure_ours(rows: int, folder: Path) -> list[dict[str, Any]]:
    """Our figures: the first import, the same file again, another text in every row, and undoing that and the first."""
    organization, user = furnish("ours")
    first, second = write_file(folder / "a.xlsx", rows), write_file(folder / "b.xlsx", rows, "The paint holds as well.")
    figures = []
    moments = {}

    def run(what: str, step: Callable[[], Any]) -> None:
        with in_organization(organization), timezone.override(organization.zone), acting(user):
            figures.append({"what": what, "rows": rows, **alone(step)})
        moments[what] = figures[-1].pop("gave")

    def undoing(what: str) -> Callable[[], Any]:
        moment = datetime.fromisoformat(moments[what])
        return lambda: undo(registry["feedback"], moment, filename="a.xlsx", by=user, also=None)

    run("import", lambda: ours(first))
    run("the same file again", lambda: ours(first))
    run("every row changed", lambda: ours(second))
    run("undo of the change", undoing("every row changed"))
    run("undo of the import", undoing("import"))
    return figures


def measure_beside(whole: int, folder: Path) -> list[dict[str, Any]]:
    """What stands beside, on as many rows as bearable."""
    figures = []
    for name, way, most in (
        ("django-import-export", import_export, int(os.environ.get("BENCH_BESIDE", MOST_BESIDE))),
        ("row by row", by_row, MOST_BESIDE),
    ):
        rows = min(whole, most)
        path = write_file(folder / "beside.xlsx", rows)
        organization, user = furnish(name.replace(" ", "-"))
        with in_organization(organization), timezone.override(organization.zone), acting(user):
            figures.append({"what": name, "rows": rows, **alone(partial(way, path))})
            if way is by_row:
                figures.append({"what": "row by row, undone", "rows": rows, **alone(partial(archive_each, user))})
    return figures


def main(rows: int) -> None:
    """Make the files, measure, print."""
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory(prefix="imports-") as folder:
        figures, beside = measure_ours(rows, Path(folder)), measure_beside(rows, Path(folder))
    print(json.dumps({"database": connection.display_name, "rows": rows, "figures": figures, "beside": beside}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
