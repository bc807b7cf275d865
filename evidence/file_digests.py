"""Attachments' files against the digests in their rows, as part of verifying the trail."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from evidence.models import Attachment
from trail.sealing.findings import Finding

#: Bytes read at once.
CHUNK = 1 << 20


def files_against_digests() -> Iterator[Finding]:
    """Yield a finding for each attachment whose file is gone, or other than what was attached.

    It looks at the attachments of the current organization.
    """
    for attachment in Attachment.objects.order_by("pk").iterator(chunk_size=500):
        told = {"name": attachment.name, "subject": attachment.subject}
        found = _digest(attachment.path)
        if found is None:
            text = _("The file “%(name)s” of %(subject)s is gone.") % told
        elif found != attachment.sha256:
            text = _("The file “%(name)s” of %(subject)s isn't what was attached.") % told
        else:
            continue
        yield Finding(Attachment._meta.db_table, attachment.pk, text)


def _digest(path: str) -> str | None:
    """Return the SHA-256 of a stored file, or None where there is none."""
    if not default_storage.exists(path):
        return None
    digest = sha256()
    with default_storage.open(path) as file:
        while data := file.read(CHUNK):
            digest.update(data)
    return digest.hexdigest()
