"""Documents of a pack besides its registers: samples, sign-offs, decisions on gaps, appointments of top management.

Each is one JSON file, proved like a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from audits.models import Sample
from audits.pack_document import as_json as plain_sample
from organizations.appointments import as_json as plain_appointment
from organizations.models import Membership
from organizations.roles import Role
from packs.contents import Document
from packs.models import EvidencePack
from reviews.decisions import as_json as plain_decision
from reviews.models import GapDecision, SignOff
from reviews.sign_off.pack_document import as_json as plain_sign_off
from reviews.sign_off.pdf import sign_off_pdf
from trail.sealing.canonical import as_json as plain_values
from trail.sealing.canonical import canonical_bytes


def documents_of(pack: EvidencePack) -> Iterator[Document]:
    """Yield the samples that a request asks for, the sign-offs of its period, decisions and appointments until its moment.

    They are as of the moment in which this is called. What is signed or decided is about all sites together: it isn't in
    a pack of some of them, nor is a sample whose population holds rows of others.
    """
    for sample in Sample.objects.filter(reference__in=pack.samples).order_by("pk"):
        if not is_within(sample, pack.sites):
            continue
        content = canonical_bytes(plain_values(plain_sample(sample, pack.as_of)))
        yield Document("samples", sample.reference, content, Sample._meta.label, sample.pk)
    if pack.sites:
        return
    signed = SignOff.objects.filter(period_from__lte=pack.period_to, period_to__gte=pack.period_from)
    for sign_off in signed.select_related("withdrawal").order_by("pk"):
        yield _signed(sign_off, pack)
    for decision in GapDecision.objects.select_related("action").order_by("pk"):
        content = canonical_bytes(plain_values(plain_decision(decision)))
        yield Document("decisions", decision.reference, content, GapDecision._meta.label, decision.pk)
    appointed = Membership.objects.filter(organization=pack.organization, role=Role.TOP_MANAGEMENT)
    for membership in appointed.select_related("user", "given_by").order_by("pk"):
        told = plain_appointment(membership)
        content = canonical_bytes(plain_values(told))
        yield Document("appointments", str(told["reference"]), content, Membership._meta.label, membership.pk)


def is_within(sample: Sample, sites: Sequence[int]) -> bool:
    """Return whether all rows from which a sample was drawn are of these sites; none means all of them."""
    if not sites:
        return True
    here = set(sample.of.model.objects.filter(site__in=sites).values_list("reference", flat=True))
    return all(reference in here for reference, *_rest in sample.entries)


def _signed(sign_off: SignOff, pack: EvidencePack) -> Document:
    """Return a sign-off with what changed behind it under the pack's seal."""
    told = plain_sign_off(sign_off, until=pack.seal.size if pack.seal else None, moment=pack.as_of)
    acts = [sign_off, sign_off.withdrawal] if sign_off.is_withdrawn else [sign_off]
    return Document(
        "sign-offs",
        sign_off.reference,
        canonical_bytes(told),
        SignOff._meta.label,
        sign_off.pk,
        tuple(act.seal_note for act in acts),
        sign_off_pdf(sign_off),
    )
