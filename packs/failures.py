"""Words for a pack that can't be built: what went wrong, and what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from packs.seal import CertificateReplaced
from packs.signing.certificate import CertificateUnusable
from packs.signing.timestamp import TimestampError
from packs.workbook.sheet_xml import ContentsChanged
from trail.time_travel.travel import NoSuchMoment
from typesetting import ReportError

#: Kind of error, what went wrong, what to do. The first that fits counts, so OSError comes after what is one, too.
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
        NoSuchMoment,
        gettext_noop("The moment that was asked for has not come yet, or the organization did not exist then."),
        gettext_noop(
            "Ask for a pack as of another moment; if it has passed, the operator finds a worker's clock wrong."
        ),
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


class PartFailed(RuntimeError):
    """A part of a pack failed, in whatever worker; says what went wrong and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


def explained(error: Exception) -> dict[str, str]:
    """Return what went wrong and what to do, in words for a person.

    Returns:
        The arguments of :meth:`organizations.jobs.Lease.fail`.
    """
    if isinstance(error, PartFailed):
        return {"what": error.what, "remedy": error.remedy}
    what, remedy = next((texts for kind, *texts in FAILURES if isinstance(error, kind)), UNKNOWN)
    return {"what": _(what), "remedy": _(remedy)}
