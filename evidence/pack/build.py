"""Building a pack: ``store(seal(render(collect(request))))``, resumable, with its progress in the row.

A worker that is killed leaves a folder of its own and a row whose lease runs out; whoever takes the row up begins anew.
The bytes depend only on the request and the records, so it doesn't matter who finishes, or how often.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from evidence.models import EvidencePack
from evidence.pack import certificate, timestamp
from evidence.pack.certificate import CertificateUnusable
from evidence.pack.collect import collect
from evidence.pack.contents import Contents
from evidence.pack.prove import Unsealed
from evidence.pack.render import ContentsChanged, render
from evidence.pack.seal import CertificateReplaced, bag_name, seal, zip_bag
from evidence.pack.store import keep, store
from evidence.pack.timestamp import TimestampError
from organizations.clock import present
from registers.jobs import Lease, LeaseLost, holding
from registers.typesetting import ReportError
from registers.typesetting.fonts import Fonts
from trail import seals
from trail.models import Seal

logger = logging.getLogger(__name__)

#: What to tell a person when a step fails: exception → (what, remedy).
FAILURES: tuple[tuple[type[Exception], str, str], ...] = (
    (
        FileNotFoundError,
        gettext_noop("A file that belongs in the pack is missing."),
        gettext_noop("Ask the operator to restore the evidence files, then try again."),
    ),
    (
        ContentsChanged,
        gettext_noop("An evidence file isn't what was stored, or rows changed while they were written."),
        gettext_noop("Try again; if it happens twice, ask the operator to restore the evidence files."),
    ),
    (
        ReportError,
        gettext_noop("The report couldn't be typeset."),
        gettext_noop("Try again with fewer sub-clauses; the operator finds the reason in the worker's log."),
    ),
    (
        CertificateUnusable,
        gettext_noop("There is no certificate that the pack can be signed with."),
        gettext_noop("Ask the operator to look at PACK_CERTIFICATE; the worker's log says what is wrong with it."),
    ),
    (
        CertificateReplaced,
        gettext_noop("The certificate was replaced while the pack was built."),
        gettext_noop("Try again; the pack will name the new certificate."),
    ),
    (
        TimestampError,
        gettext_noop("The time-stamp authority gave no time stamp that holds."),
        gettext_noop("Try again later. If the authority is gone, ask the operator to change or empty TIMESTAMP_URL."),
    ),
    (
        OSError,
        gettext_noop("The pack couldn't be written to disk."),
        gettext_noop("Ask the operator to look at the free space, then try again."),
    ),
)
UNKNOWN = (
    gettext_noop("Something went wrong that we didn't foresee."),
    gettext_noop("Try again; the operator finds the reason in the worker's log."),
)


def build(pack: EvidencePack) -> None:
    """Build the pack of a request, unless it is finished or another worker has it in hand."""
    try:
        with holding(pack) as lease:
            try:
                with _folder() as folder:
                    _pipeline(pack, lease, folder)
            except LeaseLost:
                raise
            except Exception as error:
                logger.exception("%s failed.", pack.reference)
                what, remedy = next((texts for kind, *texts in FAILURES if isinstance(error, kind)), UNKNOWN)
                lease.fail(what=_(what), remedy=_(remedy))
    except LeaseLost:
        logger.info("%s is finished, given up, or in the hands of another worker.", pack.reference)


def _pipeline(pack: EvidencePack, lease: Lease, folder: Path) -> None:
    fonts = Fonts.found_in(settings.PACK_FONT_DIRS)
    rows, bag, zipped = folder / "rows", folder / "bag", folder / "pack.zip"
    rows.mkdir()
    bag.mkdir()
    with _step(pack, lease, EvidencePack.Status.COLLECTING):
        contents = _collected(pack, lease, rows)
    with _step(pack, lease, EvidencePack.Status.RENDERING):
        render(contents, bag, fonts)
    with _step(pack, lease, EvidencePack.Status.SEALING):
        seal(contents.info, bag, certificate.ours(), _stamp if contents.info.timestamped else None)
        digest = zip_bag(bag, zipped, bag_name(contents.info))
    with _step(pack, lease, EvidencePack.Status.STORING):
        keep(pack, zipped, digest)
    store(pack, lease, contents, zipped.stat().st_size, digest)


def _collected(pack: EvidencePack, lease: Lease, folder: Path) -> Contents:
    """Collect; what was committed while the pack was asked for is sealed first, so that all of it can be proved."""
    try:
        return collect(pack, _made(folder / "first"))
    except Unsealed:
        lease.write(seal=seals.seal(Seal.Purpose.PACK))
        return collect(pack, _made(folder / "second"))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _stamp(content: bytes) -> bytes:
    return timestamp.stamp(content, settings.TIMESTAMP_URL, present())


@contextmanager
def _step(pack: EvidencePack, lease: Lease, status: EvidencePack.Status) -> Iterator[None]:
    """Say on the row that a step has begun, and how long it took when it ends; stop if another worker took over."""
    began = time.monotonic()
    lease.write(status=status, progress=100 * EvidencePack.STEPS.index(status) // len(EvidencePack.STEPS))
    yield
    lease.write(steps={**pack.steps, str(status): round(time.monotonic() - began, 1)})


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder of this attempt's own, gone afterwards."""
    settings.WORK_DIR.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="pack-", dir=settings.WORK_DIR))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
