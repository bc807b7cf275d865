"""State changes of packs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from organizations import clock
from organizations.models import User
from packs.models import EvidencePack, PackPart
from trail.actor import acting
from trail.models import Seal, record_event
from trail.sealing import seals


@transaction.atomic
def request_pack(
    pack: EvidencePack, *, by: User | None, as_of: datetime | None = None, start: Any = None
) -> EvidencePack:
    """Ask for a pack of the records as of now, and seal what was written until now.

    Args:
        pack: an unsaved request with its period, sub-clauses, sites and language.
        by: who asks; None for the command line.
        as_of: the moment whose records go in; now unless given.
        start: called with organization and pack id after the commit, to have it built; nothing where None.
    """
    pack.as_of = as_of or clock.now()
    pack.requested_by = by
    pack.full_clean(exclude=["organization", "reference", "requested_by", "seal"])
    pack.seal = seals.seal(Seal.Purpose.PACK)
    pack.save()
    with acting(by):
        record_event(
            "asked for a pack",
            pack.reference,
            period=f"{pack.period_from:%Y-%m-%d}/{pack.period_to:%Y-%m-%d}",
            sub_clauses=pack.sub_clauses,
        )
    if start is not None:
        transaction.on_commit(partial(start, pack.organization_id, pack.pk))
    return pack


def cancel_pack(pack: EvidencePack, *, by: User) -> None:
    """Give up a pack that isn't finished.

    The worker that has it in hand notices at its next step.
    """
    # One statement looks and writes, so a pack that is finished meanwhile stays finished.
    pending = EvidencePack.objects.filter(pk=pack.pk, status__in=EvidencePack.PENDING)
    if pending.update(status=EvidencePack.Status.CANCELLED, lease_token="", leased_until=None):
        PackPart.objects.filter(pack=pack).delete()
        with acting(by):
            record_event("gave up a pack", pack.reference)


def retry_pack(pack: EvidencePack, *, by: User, start: Callable[..., Any]) -> None:
    """Have a pack built again that failed or was given up.

    It is the same request, as of the same moment.
    """
    ended = EvidencePack.objects.filter(
        pk=pack.pk, status__in=(EvidencePack.Status.FAILED, EvidencePack.Status.CANCELLED)
    )
    if ended.update(
        status=EvidencePack.Status.QUEUED,
        failure={},
        steps={},
        progress=0,
        attempts=0,
        lease_token="",
        leased_until=None,
    ):
        with acting(by):
            record_event("tried a pack again", pack.reference)
        transaction.on_commit(partial(start, pack.organization_id, pack.pk))
