"""Twenty people record actions over HTTP while an import of so many answers is written, on one database.

Run by ``python -m benchmarks beside`` with the environment of an installation of its own; prints its figures as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerfocus.settings")
django.setup()

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test import Client

from actions.models import Action
from feedback.models import FeedbackItem
from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.services import ask_to_import, upload
from imports.tasks import import_file
from imports.worker import process
from organizations.models import Organization, User
from organizations.scope import in_organization
from organizations.services import create_organization
from registers.register import registry
from tests.support.browsers import Colleague
from tests.support.installation import Installation

CLIENTS, PAUSE = 20, 1.0
#: Seconds of work alone, to compare with.
ALONE = 20
TEXT = "The pump was delivered two weeks late, the seal held, and nobody told us when the missing gasket would come."


def file_of(rows: int) -> ContentFile[bytes]:
    """The file that is imported: an id, a text and a day."""
    lines = (f'F-{number:07},"{TEXT} Note {number}.",2026-05-{number % 28 + 1:02}\n' for number in range(rows))
    return ContentFile(("Id,Text,Collected\n" + "".join(lines)).encode(), name="answers.csv")


@contextmanager
def at_work(address: str, sessions: list[str]) -> Iterator[list[Colleague]]:
    """People who record actions as long as the block runs."""
    people = [Colleague(address, key, f"Person {number}:", PAUSE) for number, key in enumerate(sessions)]
    for each in people:
        each.start()
    try:
        yield people
    finally:
        for each in people:
            each.is_over = True
        for each in people:
            each.join()


def figures_of(what: str, people: list[Colleague], began: float) -> dict[str, Any]:
    """How long people waited for what they sent, in seconds, and how often they were told to send it again."""
    answers = [answer for each in people for answer in each.answers]
    waits = sorted(answer.seconds for answer in answers)
    at = {f"p{part}": waits[min(len(waits) - 1, len(waits) * part // 100)] for part in (50, 95, 99)}
    told = sum(answer.status == 503 for answer in answers)
    whole = time.perf_counter() - began
    return {"what": what, "writes": len(waits), **at, "most": waits[-1], "told": told, "seconds": whole}


def imported(job: ImportJob) -> None:
    """Have a worker import the file, and wait."""
    ask_to_import(job, skip_invalid=False, by=job.requested_by)
    import_file.delay(job.organization_id, job.pk)
    while ImportJob.objects.get(pk=job.pk).is_pending:
        time.sleep(0.5)
    job.refresh_from_db()
    assert job.status == ImportJob.Status.DONE, job.failure


def measure(rows: int, home: Installation) -> list[dict[str, Any]]:
    """People at work alone, and beside the import; nothing of theirs or of it is lost."""
    user = User.objects.create_user("quality@acme.example", "", name="Quality")
    with in_organization(create_organization("acme", "Acme", administrator=user)):
        job = upload(registry["feedback"], file_of(rows), ImportMapping(), by=user)
        process(job)
        clients = [Client() for _ in range(CLIENTS)]
        for client in clients:
            client.force_login(user)
        sessions = [client.cookies["sessionid"].value for client in clients]
        with home.web() as address, home.worker():
            began = time.perf_counter()
            with at_work(address, sessions) as people:
                time.sleep(ALONE)
            figures = [figures_of("alone", people, began)]
            recorded = sum(len(each.recorded) for each in people)
            began = time.perf_counter()
            with at_work(address, sessions) as people:
                imported(job)
            figures.append(figures_of("beside the import", people, began))
            recorded += sum(len(each.recorded) for each in people)
        assert (FeedbackItem.objects.count(), Action.objects.count()) == (rows, recorded)
        assert FeedbackItem.history.count() == rows
    return figures


def main(rows: int) -> None:
    """Make an installation, measure, print."""
    call_command("migrate", verbosity=0)
    assert Organization.objects.count() == 0
    home = Installation(Path(settings.VAR_DIR), database_url=os.environ["DATABASE_URL"])
    home.environment |= {"JOB_LEASE_SECONDS": "60", "LOG_LEVEL": "ERROR", "DEBUG": "1"}
    home.environment["SECRET_KEY"] = settings.SECRET_KEY  # by which sessions are signed
    (home.folder / "files").mkdir(exist_ok=True)
    print(json.dumps({"database": connection.display_name, "rows": rows, "figures": measure(rows, home)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
