"""State changes of attachments and packs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from evidence import files
from evidence.models import Attachment, EvidencePack, PackPart
from organizations import clock
from organizations.models import User
from registers.models import Record
from trail.actor import acting
from trail.history import bulk_create
from trail.models import Seal, record_event
from trail.sealing import seals

#: Evidence files of one record.
MOST_FILES = 100


@transaction.atomic
def attach(record: Record, upload: UploadedFile, *, by: User) -> Attachment:
    """Attach a file to a record; the same bytes twice are attached once.

    Raises:
        ValidationError: the file isn't taken (see :mod:`evidence.files`), or the record has too many.
    """
    stored = files.examine(upload)
    existing = Attachment.objects.filter(subject=record.reference)
    if same := existing.filter(sha256=stored.sha256).first():
        return same
    if existing.count() >= MOST_FILES:
        raise ValidationError(
            _("%(record)s has %(most)s files already.") % {"record": record.reference, "most": MOST_FILES}
        )
    attachment = Attachment(
        subject=record.reference, uploaded_by=by, organization_id=record.organization_id, **vars(stored)
    )
    attachment.full_clean(exclude=["organization"])
    files.store(upload, attachment.path)
    with acting(by):
        attachment.save()
    return attachment


@transaction.atomic
def attach_again(files_of: Sequence[tuple[Record, Sequence[int]]], *, by: User) -> None:
    """Attach files to records that other records have already; what a record has by now is left out. Two queries to read.

    Args:
        files_of: records, each with the keys of attachments whose files it is to have.
        by: who attaches them.
    """
    known = Attachment.objects.in_bulk({key for _record, keys in files_of for key in keys})
    references = [record.reference for record, _keys in files_of]
    present = set(Attachment.objects.filter(subject__in=references).values_list("subject", "sha256"))
    wanted = {(record.reference, known[key].sha256): known[key] for record, keys in files_of for key in keys}
    new = [
        Attachment(
            subject=reference,
            name=file.name,
            sha256=digest,
            size=file.size,
            media_type=file.media_type,
            uploaded_by=by,
        )
        for (reference, digest), file in wanted.items()
        if (reference, digest) not in present
    ]
    with acting(by):
        bulk_create(Attachment, new)


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
    """Give up a pack that isn't finished; the worker that has it in hand notices at its next step."""
    pending = EvidencePack.objects.filter(pk=pack.pk, status__in=EvidencePack.PENDING)
    if pending.update(status=EvidencePack.Status.CANCELLED, lease_token="", leased_until=None):
        PackPart.objects.filter(pack=pack).delete()
        with acting(by):
            record_event("gave up a pack", pack.reference)


def retry_pack(pack: EvidencePack, *, by: User, start: Any) -> None:
    """Have a pack built again that failed or was given up: the same request, as of the same moment."""
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
