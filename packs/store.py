"""Storing: the last step of a pack.

It is written once under its digest; storing the same pack again changes nothing.
"""

from __future__ import annotations

from pathlib import Path

from django.core.files import File
from django.db import transaction

from organizations import clock, file_storage
from organizations.jobs import Lease
from packs.contents import Contents
from packs.models import EvidencePack, PackPart
from trail.models import record_event


def keep(pack: EvidencePack, zipped: Path, digest: str) -> None:
    """Write the finished pack to the storage, once: its name is its digest."""
    with zipped.open("rb") as file:
        file_storage.put(pack.path_of(digest), File(file), digest)


def store(pack: EvidencePack, lease: Lease, contents: Contents, size: int, digest: str) -> None:
    """Say on the row that the pack is there, in one transaction with the event.

    A lost lease writes neither.

    Raises:
        LeaseLost: another worker has taken the request over.
    """
    with transaction.atomic():
        PackPart.objects.filter(pack=pack).delete()
        lease.finish(
            EvidencePack.Status.STORED,
            digest=digest,
            size=size,
            contents=_inside(contents),
            stored_at=clock.now(),
            progress=100,
        )
        record_event("stored a pack", pack.reference, digest=digest, size=size)


def _inside(contents: Contents) -> dict[str, object]:
    """Return what is in the pack, for its page."""
    return {
        "registers": [{"title": register.title, "count": register.count} for register in contents.registers],
        "rows": sum(register.count for register in contents.registers),
        "attachments": len(contents.attachments),
        "assertions": len(contents.evaluation["assertions"]),
        "signed": _signed(contents),
    }


def _signed(contents: Contents) -> dict[str, object]:
    """Return under which head the pack's rows stand, and whose signatures it bears."""
    head, signer = contents.proofs.head, contents.info.signer
    return {
        "head": {"number": head.number, "size": head.size, "root": head.root.hex()},
        "signer": signer.name,
        "certificate": signer.readable_fingerprint,
        "key": contents.proofs.signed_by.fingerprint,
    }
