"""State changes of the auditor's bench. Each is one transaction with its event."""

from __future__ import annotations

import secrets
from collections import Counter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from audits.models import AuditNote, EvidenceRequest, Reply, Sample, SampledRow
from audits.population import Member, is_weighable, parameters_of, population, strata, versions
from audits.sampling import Entry, digest, draw
from evidence.services import attach
from organizations import clock
from organizations.models import User
from registers.register import Register, registry
from trail.actor import acting
from trail.history import bulk_create
from trail.models import record_event

#: Rows of a population, and of a sample, at most.
MOST_ROWS, MOST_DRAWN = 200_000, 500


@transaction.atomic
def draw_sample(sample: Sample, *, register: Register, query: str, by: User) -> Sample:
    """Draw the rows of an unsaved sample from a register's list, and freeze them.

    Args:
        sample: its purpose, method, stratum, size and seed; a seed is made where none is given.
        register: whose rows.
        query: the query string of the list that is the population.
        by: the auditor.

    Raises:
        ValidationError: the sample can't be drawn as asked.
    """
    sample.register, sample.query = register.slug, parameters_of(query).urlencode()
    sample.drawn_by, sample.as_of = by, clock.now()
    sample.seed_given = bool(sample.seed)
    # Made only now: a seed that was shown before could be thrown again until the rows suit.
    sample.seed = sample.seed or secrets.token_hex(16)
    _check_method(sample, register)
    members = population(register, query, sample.stratified_by, weighted=sample.method == Sample.Method.RISK)
    entries = [member.entry for member in members]
    _check_size(sample, entries)
    sample.population, sample.digest = len(entries), digest(entries)
    sample.entries = [[entry.reference, entry.stratum, entry.weight] for entry in entries]
    sample.full_clean(exclude=["organization", "reference", "drawn_by"])
    drawn = draw(sample.method, entries, sample.size, sample.seed)  # type: ignore[arg-type]
    with acting(by):
        sample.save()
        bulk_create(SampledRow, _frozen(sample, drawn, members))
        told = {"register": register.slug, "query": sample.query, "method": sample.method, "seed": sample.seed}
        record_event("drew a sample", sample.reference, size=sample.size, population=sample.population, **told)
    return sample


def _check_method(sample: Sample, register: Register) -> None:
    if sample.method != Sample.Method.STRATIFIED:
        sample.stratified_by = ""
    elif sample.stratified_by not in {column.name for column in strata(register)}:
        raise ValidationError({"stratified_by": _("Say by what the rows are grouped.")})
    if sample.method == Sample.Method.RISK and not is_weighable(register):
        raise ValidationError({"method": _("No risks are linked to rows of this register. Choose another method.")})


def _check_size(sample: Sample, entries: list[Entry]) -> None:
    if not entries:
        raise ValidationError(_("No row fits the filter, so there is nothing to draw from. Take a filter away."))
    if len(entries) > MOST_ROWS:
        words = _("%(count)s rows are more than can be drawn from at once. Narrow the list by a filter.")
        raise ValidationError(words % {"count": f"{len(entries):,}"})
    most = min(len(entries), MOST_DRAWN)
    if sample.size > most:
        words = _("At most %(most)s rows can be drawn from %(count)s.")
        raise ValidationError({"size": words % {"most": f"{most:,}", "count": f"{len(entries):,}"}})
    groups = len({entry.stratum for entry in entries})
    if sample.size < groups:
        words = _("There are %(groups)s groups, and each gives at least one row: draw at least %(groups)s.")
        raise ValidationError({"size": words % {"groups": groups}})


def _frozen(sample: Sample, drawn: list[Entry], members: list[Member]) -> list[SampledRow]:
    """Return the drawn rows with title, revision and version as they stand now."""
    by_reference = {member.entry.reference: member for member in members}
    chosen = [by_reference[entry.reference] for entry in drawn]
    keys = [member.pk for member in chosen]
    titles, latest = sample.of.model.objects.in_bulk(keys), versions(sample.of, keys)
    return [
        SampledRow(
            organization=sample.organization, sample=sample, position=position, reference=entry.reference, stratum=entry.stratum,
            weight=entry.weight, title=titles[member.pk].title_text, revision=member.revision, version=latest[member.pk],
        )
        for position, (entry, member) in enumerate(zip(drawn, chosen, strict=True), start=1)
    ]  # fmt: skip


@transaction.atomic
def add_note(note: AuditNote, *, by: User) -> AuditNote:
    """Write down what an auditor found of a row of a sample of theirs."""
    note.written_by = by
    note.full_clean(exclude=["organization", "written_by"])
    with acting(by):
        note.save()
        record_event("noted", note.row.reference, sample=note.row.sample.reference, finding=note.finding)
    return note


@transaction.atomic
def ask_for_evidence(request: EvidenceRequest, *, by: User) -> EvidenceRequest:
    """Ask the quality manager to show something of a row."""
    request.asked_by = by
    request.full_clean(exclude=["organization", "reference", "asked_by"])
    with acting(by):
        request.save()
    return request


@transaction.atomic
def answer(request: EvidenceRequest, reply: Reply, *, by: User, upload: UploadedFile | None = None) -> Reply:
    """Answer a request: in words, with a file of the row, or with a new one.

    A new file is attached to the row first.

    Raises:
        ValidationError: the request waits for no answer, or the file isn't taken.
    """
    locked = _locked(request, EvidenceRequest.Status.OPEN)
    if upload:
        record = registry.find(request.subject)
        if record is None:
            raise ValidationError(_("The row is gone, so no file can be attached to it."))
        reply.attachment = attach(record, upload, by=by)
    return _turn(locked, reply, Reply.Kind.ANSWER, EvidenceRequest.Status.ANSWERED, by)


@transaction.atomic
def accept(request: EvidenceRequest, reply: Reply, *, by: User) -> Reply:
    """Say that the answer shows what was asked for: the request is closed.

    Raises:
        ValidationError: there is no answer to accept.
    """
    locked = _locked(request, EvidenceRequest.Status.ANSWERED)
    return _turn(locked, reply, Reply.Kind.ACCEPTANCE, EvidenceRequest.Status.ACCEPTED, by)


@transaction.atomic
def reopen(request: EvidenceRequest, reply: Reply, *, by: User) -> Reply:
    """Say why the answer isn't enough: the request waits again.

    Raises:
        ValidationError: there is no answer to refuse, or no reason.
    """
    if not reply.text.strip():
        raise ValidationError({"text": _("Say what is missing.")})
    locked = _locked(request, EvidenceRequest.Status.ANSWERED)
    return _turn(locked, reply, Reply.Kind.REOPENING, EvidenceRequest.Status.OPEN, by)


def _locked(request: EvidenceRequest, status: str) -> EvidenceRequest:
    """Return the request as it stands now, locked until the end of the transaction.

    So two people don't answer it at once.

    Raises:
        ValidationError: somebody took a turn meanwhile.
    """
    locked: EvidenceRequest = EvidenceRequest.objects.select_for_update().get(pk=request.pk)
    if locked.status != status:
        raise ValidationError(_("Somebody was faster. Look at the request again."))
    return locked


def _turn(request: EvidenceRequest, reply: Reply, kind: str, status: str, by: User) -> Reply:
    reply.request, reply.kind, reply.written_by, request.status = request, kind, by, status
    reply.full_clean(exclude=["organization", "written_by"])
    with acting(by):
        reply.save()
        request.save()
    return reply


def group_sizes(sample: Sample) -> list[dict[str, Any]]:
    """Return how many rows each stratum has and how many were drawn, in the order of names."""
    held = Counter(stratum for _reference, stratum, _weight in sample.entries)
    drawn = Counter(row.stratum for row in sample.rows.all())
    return [{"stratum": name, "population": held[name], "drawn": drawn[name]} for name in sorted(held)]
