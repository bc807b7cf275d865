"""Jobs: work for a row, which another worker takes up when the first one dies.

The row is the truth, a message only a hint: whoever holds the row's lease does the work. A lease is taken and kept by
compare-and-set on the row, so it needs no lock service, and its times come from the database's clock alone. A worker
that lives renews it; one that was killed doesn't, and :func:`take_up` hands its job to the next.

    def build(job):
        with holding(job) as lease:
            for step in steps:
                lease.report(progress=10, message="…")
                lease.check()
                …
            lease.finish("stored", digest=digest)

Raises :class:`LeaseLost` where the job is held by another, is over, or was taken over meanwhile: then there is nothing
to do and nothing to undo, since `finish` is the only step that counts and it too compares the lease.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from datetime import timedelta
from threading import Event, Thread
from typing import Any, ClassVar

from django.conf import settings
from django.db import DatabaseError, connection, models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.models import Organization
from organizations.scope import Scoped, in_organization

logger = logging.getLogger(__name__)

#: A job that lost this many workers is given up: it may be what kills them.
MOST_ATTEMPTS = 8
#: Seconds after which a job's progress can be read by others.
REPORT_SECONDS = 1.0


class LeaseLost(Exception):
    """The job isn't ours to do, or no longer is."""


class Job(Scoped):
    """A row that a worker works on.

    ``status`` is in :attr:`PENDING` as long as there is something to do.
    """

    QUEUED: ClassVar[str] = "queued"
    FAILED: ClassVar[str] = "failed"
    #: The statuses in which a worker has to hold the job.
    PENDING: ClassVar[tuple[str, ...]] = (QUEUED,)

    status = models.CharField(gettext_lazy("status"), max_length=20, default=QUEUED, editable=False)
    progress = models.PositiveSmallIntegerField(
        gettext_lazy("progress"), default=0, editable=False, help_text=gettext_lazy("Per cent.")
    )
    message = models.CharField(gettext_lazy("what it is doing"), max_length=300, blank=True, editable=False)
    failure = models.JSONField(
        default=dict,
        editable=False,
        help_text=gettext_lazy("What went wrong and what to do: the texts “what” and “remedy”."),
    )
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    class Meta(Scoped.Meta):
        abstract = True
        indexes = (models.Index(fields=("organization", "status"), name="%(class)s_status"),)

    @property
    def is_pending(self) -> bool:
        """Whether a worker has, or will have, it in hand."""
        return self.status in self.PENDING

    @property
    def has_failed(self) -> bool:
        """Whether it ended without a result; ``failure`` says why."""
        return self.status == self.FAILED


def claim(job: Job) -> str | None:
    """Take a pending job that nobody holds.

    Returns:
        The lease's token; None where there is nothing to take.
    """
    token = secrets.token_hex(16)
    free = Q(lease_token="") | Q(leased_until=None) | Q(leased_until__lt=Now())
    taken = (
        _rows(job)
        .filter(free, status__in=job.PENDING)
        .update(lease_token=token, leased_until=_lease_end(), attempts=F("attempts") + 1)
    )
    if not taken:
        return None
    job.refresh_from_db()
    return token


def renew(job: Job, token: str, **fields: Any) -> bool:
    """Keep the lease, and write fields along with it.

    A lease that ran out can be renewed as long as nobody took it.

    Returns:
        False where it was lost.
    """
    return bool(_rows(job).filter(lease_token=token).update(leased_until=_lease_end(), **fields))


def _rows(job: Job) -> models.QuerySet:
    return type(job)._default_manager.filter(pk=job.pk)


def _lease_end() -> Any:
    return Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


class Lease:
    """The right to work on a job. Made by :func:`holding`."""

    def __init__(self, job: Job, token: str) -> None:
        self.job = job
        self.token = token
        self._lost = False
        self._over = Event()
        self._unsaid: dict[str, Any] = {}

    def check(self) -> None:
        """Stop here if another worker has taken the job over; call it between steps.

        Raises:
            LeaseLost: it has.
        """
        if self._lost:
            raise LeaseLost(f"{self.job!r} was taken over.")

    def report(self, *, progress: int | None = None, message: str | None = None) -> None:
        """Say how far it is, in per cent and words.

        It costs nothing: the thread that renews the lease writes it, within seconds even while a long transaction runs
        (on SQLite after it).
        """
        said = {"progress": progress, "message": message and message[:300]}
        self._unsaid = self._unsaid | {name: value for name, value in said.items() if value is not None}

    def telling(self, total: int, words: str) -> Callable[[int], None]:
        """Return a function to call now and then with the number of things that are done.

        It says how far the job is, and stops it where the lease was lost.

        Args:
            total: how many things there are.
            words: the message, with the places ``done`` and ``total``.
        """

        def tell(done: int) -> None:
            self.check()
            said = {"done": f"{done:,}", "total": f"{total:,}"}
            self.report(progress=min(99, 100 * done // max(total, 1)), message=words % said)

        return tell

    def write(self, **fields: Any) -> None:
        """Write fields of the job's row now, if the lease is still ours.

        Raises:
            LeaseLost: it isn't.
        """
        if not renew(self.job, self.token, **(self._take_unsaid() | fields)):
            self._lost = True
            self.check()
        for name, value in fields.items():
            setattr(self.job, name, value)

    def finish(self, status: str, **fields: Any) -> None:
        """Write the result and give the lease back.

        Call it in the transaction that writes the result, so that both happen or neither.

        Raises:
            LeaseLost: another worker has taken the job over, so that this result must not count.
        """
        self.write(status=status, lease_token="", **fields)
        self._over.set()

    def fail(self, what: str, remedy: str, **fields: Any) -> None:
        """End the job without a result.

        Args:
            what: what went wrong.
            remedy: what a person can do about it.
            fields: further fields of the job's row to write.

        Raises:
            LeaseLost: another worker has taken the job over.
        """
        self.finish(self.job.FAILED, failure={"what": str(what), "remedy": str(remedy)}, **fields)

    def release(self) -> None:
        """Give an unfinished job back; the next worker may take it at once."""
        self._over.set()
        _rows(self.job).filter(lease_token=self.token).update(lease_token="", leased_until=None)

    def _take_unsaid(self) -> dict[str, Any]:
        unsaid, self._unsaid = self._unsaid, {}
        return unsaid

    def beat(self) -> None:
        """Renew the lease until it is over, in a thread with a connection of its own."""
        due = settings.JOB_LEASE_SECONDS / 3
        pause = min(due, REPORT_SECONDS)
        waited = 0.0
        try:
            while not self._over.wait(pause):
                waited += pause
                if waited >= due or self._unsaid:
                    waited = 0.0
                    self._renew_quietly()
        finally:
            connection.close()

    def _renew_quietly(self) -> None:
        """Renew the lease; a database that can't be written now doesn't end it.

        On SQLite that may be our own long transaction.
        """
        unsaid = self._take_unsaid()
        try:
            # finish() empties the token: a renewal right after it finds no lease, and nothing was lost.
            self._lost = not renew(self.job, self.token, **unsaid) and not self._over.is_set()
        except DatabaseError:
            logger.debug("The lease of %r could not be renewed now.", self.job, exc_info=True)
            self._unsaid = unsaid | self._unsaid  # what was said meanwhile is newer
            connection.close_if_unusable_or_obsolete()


@contextmanager
def holding(job: Job) -> Iterator[Lease]:
    """Claim a job and keep its lease while the block runs.

    A block that ends without :meth:`Lease.finish` gives the job back.

    Raises:
        LeaseLost: there is nothing to do: somebody else holds the job, or it is over.
    """
    token = claim(job)
    if token is None:
        raise LeaseLost(f"{job!r} is held by another worker, or there is nothing to do.")
    lease = Lease(job, token)
    # With the context, since a new thread is in no organization, and could not find the job.
    heart = Thread(target=copy_context().run, args=(lease.beat,), name=f"lease of {job!r}", daemon=True)
    heart.start()
    try:
        yield lease
    finally:
        if not lease._over.is_set():
            with suppress(DatabaseError):  # then the lease runs out by itself
                lease.release()
        heart.join(timeout=REPORT_SECONDS)  # longer only where the caller's own transaction keeps it waiting


def orphans(model: type[Job]) -> models.QuerySet:
    """Return the current organization's pending jobs that no living worker holds."""
    return model._default_manager.filter(Q(leased_until=None) | Q(leased_until__lt=Now()), status__in=model.PENDING)


def take_up(model: type[Job], start: Callable[[int, int], Any]) -> int:
    """Have the orphaned jobs of every organization done.

    Those that lost too many workers fail.

    Args:
        model: the kind of job.
        start: called with organization and job id: a task's ``delay``.

    Returns:
        How many were started.
    """
    started = 0
    for organization in Organization.objects.all():
        with in_organization(organization):
            for job in orphans(model):
                started += _offer(job, start)
    return started


def _offer(job: Job, start: Callable[[int, int], Any]) -> bool:
    """Start an orphan, once a lease's time however many look for orphans.

    Its message may wait for a busy worker.
    """
    # A running lease without a token: nobody offers the job again meanwhile, and any worker may claim it.
    if given_up(job) or not orphans(type(job)).filter(pk=job.pk).update(lease_token="", leased_until=_lease_end()):
        return False
    start(job.organization_id, job.pk)
    return True


def given_up(job: Job) -> bool:
    """Let an orphan fail that lost too many workers.

    Returns:
        Whether it failed.
    """
    if job.attempts < MOST_ATTEMPTS:
        return False
    what = _("It was begun %(count)s times and never finished: each time the worker stopped.") % {"count": job.attempts}
    remedy = _("Try it once more; if it fails again, the operator finds the cause in the worker's log.")
    failure = {"what": what, "remedy": remedy}
    orphans(type(job)).filter(pk=job.pk).update(status=job.FAILED, failure=failure, lease_token="")
    return True
