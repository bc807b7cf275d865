"""State changes of evidence files."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from evidence import files
from evidence.models import Attachment
from organizations.models import User
from registers.models import Record
from trail.actor import acting
from trail.history import bulk_create

#: Evidence files of one record.
MOST_FILES = 100


def attach(record: Record, upload: UploadedFile, *, by: User) -> Attachment:
    """Attach a file to a record; the same bytes twice are attached once.

    Raises:
        ValidationError: the file isn't taken (see :mod:`evidence.files`), can't be stored, or the record has too many.
    """
    stored = files.examine(upload)
    attachment = Attachment(
        subject=record.reference, uploaded_by=by, organization_id=record.organization_id, **vars(stored)
    )
    attachment.full_clean(exclude=["organization"], validate_constraints=False)
    _attached(attachment)  # whoever has too many needn't fill the disk
    # The bytes go first, and before anybody has to wait: a row must never name a file that isn't there. Those of a file
    # that is attached already are looked at, too: a full disk used to leave half of them.
    files.store(upload, attachment.path, attachment.sha256)
    with transaction.atomic():
        # One at a time: of two who attach the same file, or the last one, the second sees what the first did.
        type(record).objects.select_for_update().get(pk=record.pk)
        if same := _attached(attachment):
            return same
        with acting(by):
            attachment.save()
    return attachment


def _attached(attachment: Attachment) -> Attachment | None:
    """Return the row that attaches these bytes already.

    Raises:
        ValidationError: there is none, and no room for one more.
    """
    existing = Attachment.objects.filter(subject=attachment.subject)
    same = existing.filter(sha256=attachment.sha256).first()
    if same is None and existing.count() >= MOST_FILES:
        told = {"record": attachment.subject, "most": MOST_FILES}
        raise ValidationError(_("%(record)s has %(most)s files already.") % told)
    return same


@transaction.atomic
def attach_again(files_of: Sequence[tuple[Record, Sequence[int]]], *, by: User) -> None:
    """Attach files to records that other records have already.

    Files that a record has by now are left out. Two queries to read.

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
