"""Building a pack, ``store(seal(render(collect(request))))``, with its progress in the row.

It is resumable: a worker that is killed leaves a row whose lease runs out; whoever takes the row up collects anew and
uses the pieces that were made. The bytes depend only on the request and the records, so it doesn't matter who finishes,
or how often.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction

from organizations.clock import present
from organizations.jobs import Lease, LeaseLost, holding
from organizations.models import Organization
from organizations.scope import in_organization
from packs.collect import collect
from packs.contents import Contents
from packs.failures import explained
from packs.models import EvidencePack, PackPart
from packs.part_workers import Call, finish_parts, folder_of, pieces_of, sharing
from packs.proofs.leaves import Unsealed
from packs.proofs.prove import prove
from packs.render import render
from packs.seal import bag_name, seal, zip_bag
from packs.signing import certificate, timestamp
from packs.store import keep, store
from trail.models import Seal
from trail.sealing import seals
from typesetting import Fonts

logger = logging.getLogger(__name__)


def build(pack: EvidencePack, call: Call | None = None) -> None:
    """Build the pack of a request, unless it is finished or another worker has it in hand.

    Args:
        pack: the request.
        call: calls another worker to help, see :mod:`packs.part_workers`; nobody is called where None.
    """
    try:
        with holding(pack) as lease:
            try:
                _pipeline(pack, lease, _folder(pack), call)
            except LeaseLost:
                raise
            except Exception as error:
                logger.exception("%s failed.", pack.reference)
                _give_up(pack, lease, error)
    except LeaseLost:
        logger.info("%s is finished, given up, or in the hands of another worker.", pack.reference)
    # The pieces of a pack that is still pending serve the worker who takes it up next.
    if not EvidencePack.objects.filter(pk=pack.pk, status__in=EvidencePack.PENDING).exists():
        shutil.rmtree(folder_of(pack), ignore_errors=True)


def _pipeline(pack: EvidencePack, lease: Lease, folder: Path, call: Call | None) -> None:
    bag, zipped = _made(folder / "bag"), folder / "pack.zip"
    try:
        contents = _rendered(pack, lease, _made(folder / "first"), bag, call)
    except Unsealed:  # it was committed while the pack was asked for: sealed now, so that all of it can be proved
        lease.write(seal=seals.seal(Seal.Purpose.PACK))
        contents = _rendered(pack, lease, _made(folder / "second"), bag, call)
    with _step(pack, lease, EvidencePack.Status.SEALING):
        seal(contents.info, bag, certificate.ours(), _stamp if contents.info.timestamped else None)
        digest = zip_bag(bag, zipped, bag_name(contents.info))
    with _step(pack, lease, EvidencePack.Status.STORING):
        keep(pack, zipped, digest)
    # Only now the row says that the pack is there; a worker that dies before it leaves a file that nobody asks for.
    store(pack, lease, contents, zipped.stat().st_size, digest)


def _rendered(pack: EvidencePack, lease: Lease, folder: Path, bag: Path, call: Call | None) -> Contents:
    """Collect while others make parts, see that all are made, and render them into the bag.

    Raises:
        Unsealed: a row isn't under the pack's head; nothing is in the bag then.
    """
    fonts, pieces = Fonts.found_in(settings.PACK_FONT_DIRS), pieces_of(pack)
    with _step(pack, lease, EvidencePack.Status.COLLECTING), sharing(pack, lease, call) as shared:
        contents = collect(pack, folder, shared.offer)
        shared.offer_report(contents, folder)
    with _step(pack, lease, EvidencePack.Status.RENDERING) as (first, last):
        finish_parts(pack, lease, first, last)
        prove(contents, pieces)
        render(contents, bag, fonts, pieces)
    return contents


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _stamp(content: bytes) -> bytes:
    return timestamp.stamp(content, settings.TIMESTAMP_URL, present())


@contextmanager
def _step(pack: EvidencePack, lease: Lease, status: EvidencePack.Status) -> Iterator[tuple[int, int]]:
    """Say on the row that a step has begun, and when it ends how long it took.

    A step that is done twice counts both times. It gives the progress, in per cent, at the step's begin and end.

    Raises:
        LeaseLost: another worker took over.
    """
    began, at, steps = time.monotonic(), EvidencePack.STEPS.index(status), len(EvidencePack.STEPS)
    lease.write(status=status, progress=100 * at // steps, message="")
    yield 100 * at // steps, 100 * (at + 1) // steps
    took = pack.steps.get(str(status), 0) + time.monotonic() - began
    lease.write(steps={**pack.steps, str(status): round(took, 1)})


def _folder(pack: EvidencePack) -> Path:
    """Make a folder of this attempt's own, and remove those of earlier ones.

    Pieces that an earlier attempt made are used, its other files are not.
    """
    home, pieces = folder_of(pack), pieces_of(pack)
    pieces.mkdir(parents=True, exist_ok=True)
    for old in home.glob("attempt-*"):
        shutil.rmtree(old, ignore_errors=True)
    folder = home / f"attempt-{pack.attempts}-{secrets.token_hex(4)}"
    folder.mkdir()
    return folder


def _give_up(pack: EvidencePack, lease: Lease, error: Exception) -> None:
    with transaction.atomic():
        PackPart.objects.filter(pack=pack).delete()  # workers who help notice this between two parts
        lease.fail(**explained(error))


def remove_leftovers() -> None:
    """Remove the folders of packs that nobody builds any more.

    These were given up, or finished by a worker that was then killed.
    """
    for organization in Organization.objects.all():
        with in_organization(organization):
            # Folders first: one that is made after this is not in the set, and the pack of any other is still found.
            folders = set(Path(settings.WORK_DIR).glob(f"pack-{organization.pk}-*"))
            for pack in EvidencePack.objects.filter(status__in=EvidencePack.PENDING):
                folders.discard(folder_of(pack))
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
