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
    # The bytes go first: a row must never name a file that isn't there.
    files.store(upload, attachment.path)
    with acting(by):
        attachment.save()
    return attachment


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
