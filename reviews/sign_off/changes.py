"""The changes behind a signature: rows, one by one, and what the clause comes to now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache

from actions.models import Action
from clauses.evaluation import FRESH
from organizations import clock
from organizations.scope import current_organization
from reviews.audit_entries import AuditEntry, entries_of
from reviews.models import SignOff
from reviews.sign_off.newer_versions import newer
from reviews.sign_off.snapshot import Difference, Plain, differences, evaluated, evaluated_lately
from trail.cache_version import position
from trail.time_travel.travel import time_travel

#: Facts that are told one by one; what goes beyond is counted.
LIMIT = 300


@dataclass(frozen=True)
class Changes:
    """What has changed behind a sign-off.

    Attributes:
        entries: what was done to rows, newest first.
        total: how many things were done, those beyond ``LIMIT`` included.
        results: statements that come to something else now.
        by_time: those of them that changed though no row did: only because time passed.
    """

    entries: tuple[AuditEntry, ...] = ()
    total: int = 0
    results: tuple[Difference, ...] = ()
    by_time: tuple[Difference, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.total or self.results or self.by_time)

    @property
    def more(self) -> int:
        """How many things were done besides the entries."""
        return self.total - len(self.entries)

    @property
    def rows(self) -> list[tuple[AuditEntry, list[AuditEntry]]]:
        """The entries row by row, last changed first.

        Each with the newest entry of the row, which names it, and all of them.
        """
        found: dict[str, list[AuditEntry]] = {}
        for entry in self.entries:
            found.setdefault(entry.subject or entry.title, []).append(entry)
        return [(entries[0], entries) for entries in found.values()]


def changes_since(
    sign_off: SignOff, *, size: int | None = None, until: int | None = None, moment: datetime | None = None
) -> Changes:
    """Return what has changed behind a sign-off.

    A fixed number of queries for each kind of row that changed.

    Args:
        sign_off: the signed evaluation.
        size: leaves after which to begin, where not at the seal that was signed.
        until: leaves at which to end, see :func:`reviews.sign_off.newer_versions.newer`.
        moment: the moment of the evaluation to compare with; now, as pages know it, unless given.
    """
    found = newer(sign_off.seal_size if size is None else size, until=until, limit=LIMIT, without=_made(sign_off))
    entries = tuple(entries_of(found.keys))
    now = evaluated(sign_off.period, moment) if moment else evaluated_lately(sign_off.period)
    results = differences(sign_off.content["evaluation"], now)
    # Where no row changed, time alone made every difference: nothing to judge again.
    passed = _by_time(sign_off, now, moment) if results and found.total else results
    return Changes(
        entries,
        found.total,
        tuple(each for each in results if each not in passed),
        tuple(each for each in results if each in passed),
    )


def _by_time(sign_off: SignOff, now: Plain, moment: datetime | None) -> list[Difference]:
    """Return the differences that would be there if no row had changed.

    To find them, the signed rows are judged at the later moment.

    Of the past none is told apart: its rows can't be left for those of another moment.
    """
    if clock.travelled_to():
        return []
    moment = moment or clock.now()
    with time_travel(sign_off.signed_at):
        then = evaluated(sign_off.period, moment)
    outcomes = {entry["code"]: (entry["result"], entry["exceptions"]["references"]) for entry in now["assertions"]}
    same = {
        entry["code"]
        for entry in then["assertions"]
        if outcomes.get(entry["code"]) == (entry["result"], entry["exceptions"]["references"])
    }
    return [each for each in differences(sign_off.content["evaluation"], now) if each.code in same]


def changes_lately(sign_off: SignOff) -> Changes:
    """Return the same from the cache, for pages, which ask for it often.

    Found again when a row changed, after midnight, or after some minutes; of the past, always.
    """
    if clock.travelled_to():
        return changes_since(sign_off)
    organization = current_organization()
    key = f"changes:{organization.pk}:{sign_off.pk}:{position()}:{organization.today():%Y-%m-%d}"
    found: Changes | None = cache.get(key)
    if found is None:
        found = changes_since(sign_off)
        cache.set(key, found, FRESH)
    return found


def _made(sign_off: SignOff) -> list[tuple[str, int]]:
    """Return the first versions of the actions that the signer made while signing.

    They are part of what was signed, and so no changes.
    """
    made = [gap["action"]["reference"] for gap in sign_off.content["gaps"] if gap["action"] and gap["action"]["made"]]
    if not made:
        return []
    history = Action.history.model
    keys = history.objects.filter(reference__in=made, history_type="+").values_list("pk", flat=True)
    return [(history._meta.db_table, key) for key in keys]
