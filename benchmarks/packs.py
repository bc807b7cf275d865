"""Packs of one size on one database, built by one real worker and by two, beside what can't be left out of them.

What can't be left out: typesetting the report, writing the workbooks and hashing, each alone. Run by ``python -m benchmarks
packs`` with the environment of an installation of its own; prints its figures as JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerfocus.settings")
django.setup()

import xlsxwriter
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from customerfocus.demonstration.build import build
from organizations.models import Organization, User
from organizations.scope import in_organization
from packs.collect import collect
from packs.contents import Contents, RegisterRows, read_rows
from packs.models import EvidencePack
from packs.report.report import named_report, write_named_report
from packs.services import request_pack
from packs.tasks import build_pack
from packs.workbook.workbook import write_workbook
from tests.support.installation import Installation
from typesetting import Fonts

#: Seconds between two looks at what is going on.
LOOK = 0.1


class Memory:
    """Watches how much memory each process of some process groups takes at most, in MiB: resident, as the kernel counts it."""

    def __init__(self) -> None:
        self.groups: dict[int, str] = {}
        self.peaks: Counter[str] = Counter()

    def look(self) -> None:
        """Note the peaks of the processes that live now."""
        for process in Path("/proc").glob("[0-9]*"):
            try:
                group = int((process / "stat").read_text().rpartition(")")[2].split()[2])
                if name := self.groups.get(group):
                    command = (process / "cmdline").read_bytes()
                    name = name if b"celery" in command else "typesetter"
                    status = (process / "status").read_text()
            except OSError:  # it ended meanwhile
                continue
            if name and "VmHWM:" in status:
                peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
                self.peaks[name] = max(self.peaks[name], peak)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look all the time while the block runs."""
        over = Event()

        def watch() -> None:
            while not over.wait(LOOK):
                self.look()

        watcher = Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()


def wanted() -> EvidencePack:
    """A request for everything there is, up to now."""
    today = Organization.objects.get(slug="demo").today()
    return EvidencePack(period_from=today.replace(month=1, day=1), period_to=today)


def by_workers(home: Installation, number: int) -> dict[str, Any]:
    """Have a pack built by so many workers of one process each, which wait for it."""
    memory = Memory()
    for log in home.folder.glob("worker-*.log"):
        log.unlink()
    with ExitStack() as stack:
        for worker in range(1, number + 1):
            process = stack.enter_context(home.worker(beat=False))
            memory.groups[process.pid] = f"worker {worker}"
        _until(lambda: sum("ready." in log.read_text() for log in home.folder.glob("worker-*.log")) == number)
        with memory.watched():
            pack = request_pack(wanted(), by=User.objects.get(email="quality@demo.example"), start=build_pack.delay)
            _until(lambda: not EvidencePack.objects.get(pk=pack.pk).is_pending)
    pack.refresh_from_db()
    assert pack.stored_at is not None, pack.failure
    seconds = (pack.stored_at - pack.requested_at).total_seconds()
    return {
        "workers": number,
        "seconds": seconds,
        "steps": pack.steps,
        "size": pack.size,
        "rows": sum(each["count"] for each in pack.contents["registers"]),
        "mib": dict(sorted(memory.peaks.items())),
    }


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(LOOK)


def alone() -> dict[str, float]:
    """Seconds of each thing that can't be left out, alone and in one process."""
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR) as name:
        folder = Path(name)
        pack = request_pack(wanted(), by=User.objects.get(email="quality@demo.example"))
        contents = collect(pack, folder)
        EvidencePack.objects.filter(pk=pack.pk).update(status=EvidencePack.Status.CANCELLED)
        return {
            "typesetting": _seconds(lambda: _typeset(contents, folder)),
            "workbooks": _seconds(lambda: _workbooks(contents, folder)),
            "workbooks by xlsxwriter": _seconds(lambda: _plain_workbooks(contents, folder)),
            "hashing": _seconds(lambda: _hash(folder)),
        }


def _typeset(contents: Contents, folder: Path) -> None:
    data = named_report(contents)[1]
    write_named_report(data, Fonts.found_in(settings.PACK_FONT_DIRS), folder / "report.pdf")


def _workbooks(contents: Contents, folder: Path) -> None:
    for register in contents.registers:
        write_workbook(register, contents.info, folder / f"{register.slug}.xlsx", folder)


def _plain_workbooks(contents: Contents, folder: Path) -> None:
    """The same rows as bare texts, in xlsxwriter's way of bounded memory."""
    for register in contents.registers:
        _plain(register, folder)


def _plain(register: RegisterRows, folder: Path) -> None:
    book = xlsxwriter.Workbook(folder / f"{register.slug}-plain.xlsx", {"constant_memory": True})
    sheet, names = book.add_worksheet(), [column.name for column in register.columns]
    for number, row in enumerate(read_rows(register.rows)):
        for at, column in enumerate(names):
            if (value := row.get(column)) is not None:
                sheet.write_string(number, at, str(value)[:32_767])
    book.close()


def _hash(folder: Path) -> None:
    """What a pack hashes: rows, workbooks and the report."""
    for file in folder.iterdir():
        if file.suffix in {".jsonl", ".xlsx", ".pdf"} and not file.name.endswith("-plain.xlsx"):
            with file.open("rb") as content:
                hashlib.file_digest(content, "sha256")


def _seconds(run: Callable[[], Any]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def main(rows: int) -> None:
    """Make the registers, have the packs built, and print the figures."""
    call_command("migrate", verbosity=0)
    build(rows, 1)
    home = Installation(Path(settings.VAR_DIR), database_url=os.environ["DATABASE_URL"])
    home.environment["JOB_LEASE_SECONDS"] = "60"
    Path(settings.WORK_DIR).mkdir(exist_ok=True)
    with in_organization(Organization.objects.get(slug="demo")):
        runs = [by_workers(home, number) for number in (1, 2)]
        floor = alone()
    print(json.dumps({"database": connection.display_name, "rows": rows, "packs": runs, "alone": floor}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
