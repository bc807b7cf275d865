"""Sharing a pack among workers: its builder offers parts, whoever is free makes the next.

Parts are offered as rows. The row is the truth, a message a hint: the builder calls other workers by messages, and
makes parts itself until all are there. So one worker alone finishes, a lost message costs speed only, and a part whose
worker was killed is made by another once its lease runs out. See ``docs/decisions/0012-pack-at-size.md``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from organizations.jobs import Lease, LeaseLost, given_up, holding, orphans
from packs.chunks import CHUNK_ROWS, Chunk
from packs.contents import Contents, PackInfo, RegisterRows
from packs.failures import PartFailed, explained
from packs.models import EvidencePack, PackPart
from packs.parts import Task, leaves_task, make, report_task, rows_task
from packs.proofs.leaves import Unsealed
from packs.proofs.prove import versions_of
from trail.time_travel.snapshots import beside

logger = logging.getLogger(__name__)

#: Calls another worker, given the organization's and the pack's id: a task's ``delay``.
Call = Callable[[int, int], Any]
#: Seconds between two looks for a part, while others are at theirs.
LOOK = 0.2


def folder_of(pack: EvidencePack) -> Path:
    """Return the folder a pack is built in, the same for all workers and attempts."""
    return Path(settings.WORK_DIR) / f"pack-{pack.organization_id}-{pack.pk}"


def pieces_of(pack: EvidencePack) -> Path:
    """Return the folder of a pack's pieces, which outlive a killed worker."""
    return folder_of(pack) / "pieces"


class Sharing:
    """The builder's side, which offers parts while records are collected."""

    def __init__(self, pack: EvidencePack, lease: Lease, call: Call | None, write: Callable[..., Any]) -> None:
        self._pack, self._lease, self._call, self._write = pack, lease, call, write
        self._batch: list[Task] = []
        self._rows = self._parts = 0

    def offer(self, register: RegisterRows, chunk: Chunk, info: PackInfo) -> None:
        """Offer a chunk of rows; small ones go together.

        Raises:
            LeaseLost: another worker has taken the pack over.
        """
        self._lease.check()
        self._batch.append(rows_task(register, chunk, info))
        if self._pack.seal:
            self._batch.append(leaves_task(register, chunk, versions_of(register, info, self._pack.seal.size)))
        self._rows += chunk.count
        if self._rows >= CHUNK_ROWS:
            self._send()

    def offer_report(self, contents: Contents, folder: Path) -> None:
        """Offer the rows that are left, and the report, whose data is there once all is collected.

        In a pack of few rows they are one part, so that nobody is called for it.
        """
        if self._parts:
            self._send()
        self._batch.append(report_task(contents, folder))
        self._send()

    def _send(self) -> None:
        tasks, self._batch, self._rows = self._batch, [], 0
        # A builder that was killed left pieces, which serve again.
        missing = [task for task in tasks if not (pieces_of(self._pack) / task["piece"]).exists()]
        if missing:
            self._parts += 1
            self._write(PackPart(pack=self._pack, number=self._parts, task=missing).save)
            # Nobody for the first part, which the builder makes itself; then one more worker a part.
            if self._call and 1 < self._parts <= settings.PACK_WORKERS:
                self._call_others(self._call)

    def _call_others(self, call: Call) -> None:
        try:
            call(self._pack.organization_id, self._pack.pk)
        except Exception:  # whatever the queue raises: then it takes longer
            logger.warning("No other worker could be called for %s.", self._pack.reference, exc_info=True)


@contextmanager
def sharing(pack: EvidencePack, lease: Lease, call: Call | None) -> Iterator[Sharing]:
    """Share a pack that is collected inside the block.

    Parts of an earlier attempt are forgotten, its pieces are not.
    """
    PackPart.objects.filter(pack=pack).delete()
    # Beside the block's transaction, so that the parts are there for others before all is collected.
    with beside() as write:
        yield Sharing(pack, lease, call, write)


def finish_parts(pack: EvidencePack, lease: Lease, first: int, last: int) -> None:
    """Make parts until there are none left, and wait for those that others are at.

    Args:
        pack: what is built.
        lease: the builder's.
        first, last: progress in per cent, before the first part and after the last.

    Raises:
        PartFailed: a part failed, here or elsewhere.
        Unsealed: a row has no leaf under the pack's head.
        LeaseLost: the pack was given up, or taken over.
    """
    while True:
        counts = dict(PackPart.objects.filter(pack=pack).order_by().values_list("status").annotate(Count("pk")))
        total, done = sum(counts.values()), counts.get(PackPart.DONE, 0)
        if counts.get(PackPart.FAILED):
            raise PartFailed(**PackPart.objects.filter(pack=pack, status=PackPart.FAILED)[0].failure)
        if counts.get(PackPart.UNSEALED):
            raise Unsealed(f"Not all rows of {pack.reference} are under its head.")
        message = _("part %(part)s of %(parts)s") % {"part": min(done + 1, total), "parts": total}
        lease.write(progress=first + (last - first) * done // max(total, 1), message=message)
        if done == total:
            return
        if not make_next(pack):
            time.sleep(LOOK)


def help_build(pack: EvidencePack) -> None:
    """Make parts of a pack as long as its builder lives and there are parts, or may come more."""
    with suppress(LeaseLost):
        while under_way := EvidencePack.objects.filter(
            pk=pack.pk, status__in=EvidencePack.STEPS, leased_until__gte=Now()
        ).first():
            if make_next(pack):
                continue
            if under_way.status != EvidencePack.Status.COLLECTING:
                return
            time.sleep(LOOK)


def make_next(pack: EvidencePack) -> bool:
    """Make the next part that nobody is at; False where there is none."""
    for part in orphans(PackPart).filter(pack=pack)[: settings.PACK_WORKERS]:
        with suppress(LeaseLost):  # another worker was faster
            if not given_up(part):
                _make(pack, part)
            return True
    return False


def _make(pack: EvidencePack, part: PackPart) -> None:
    with holding(part) as lease:
        try:
            for task in part.task:
                make(task, pieces_of(pack))
        except Unsealed:
            lease.finish(PackPart.UNSEALED)
        except Exception as error:
            logger.exception("Part %s of %s failed.", part.number, pack.reference)
            lease.fail(**explained(error))
        else:
            lease.finish(PackPart.DONE)
