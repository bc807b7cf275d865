"""The trace of a row: what was required and what became of it, in the order of the clause.

It begins at the requirements that the row is, or belongs to, and follows what hangs on them: what was reviewed,
understood, checked, done, risked, said, decided and signed. Each stage is a fixed number of queries, shows at most
:data:`MOST` marks, and holds only rows that are visible to whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from actions.models import Action, EffectivenessCheck
from evidence.models import Attachment
from feedback.models import Complaint, Enhancement, FeedbackItem
from organizations.auditor_scope import audit_scope
from registers.models import Record
from registers.register import registry
from requirements_registry.models import (
    Acknowledgement,
    ConformityCheck,
    InterestedParty,
    Requirement,
    RequirementReview,
    RequirementVersion,
)  # fmt: skip
from reviews.models import SignOff
from risks.models import Acceptance, NoSignificantRisk, Opportunity, OpportunityAssessment, Risk, RiskAssessment

#: Marks of a stage, at most.
MOST = 30


@dataclass(frozen=True)
class Mark:
    """One thing that was done: when, by whom, what it came to, and the row that shows it."""

    when: date | datetime | None
    who: Any
    what: str
    reference: str = ""
    url: str = ""
    more: str = ""


@dataclass(frozen=True)
class Stage:
    """A stage of the trace; without marks it says that nothing is recorded."""

    title: str
    marks: list[Mark] = field(default_factory=list)

    @property
    def is_cut(self) -> bool:
        """True where there may be more than is shown."""
        return len(self.marks) >= MOST


def trace(record: Record) -> list[Stage]:
    """Return the stages of a record's trace, in the order of the clause."""
    required = _requirements(record)
    checks = _own(record, ConformityCheck) or list(
        _rows(ConformityCheck).filter(requirement__in=required).order_by("pk").select_related("checker")[:MOST]
    )
    risks = [*_linked(Risk, record, required), *_linked(Opportunity, record, required)]
    said = _feedback(record, required)
    references = {each.reference for each in (record, *required, *checks, *risks, *said)}
    actions = _own(record, Action) or list(
        _rows(Action).filter(origin__in=references).order_by("pk").select_related("owner")[:MOST]
    )
    return [
        Stage(_("Requirement"), _written(required)),
        Stage(_("Review before commitment"), _reviewed(required)),
        Stage(_("Acknowledgement"), _understood(required)),
        Stage(_("Conformity checks"), [_mark(each, each.checked_on, each.checker, each.measured) for each in checks]),
        Stage(_("Actions"), _acted(actions)),
        Stage(_("Risks and opportunities"), _assessed(risks)),
        Stage(_("Feedback"), [_mark(each, _said_on(each), _author(each)) for each in said]),
        Stage(_("Decisions"), _decided(required, risks)),
        Stage(_("Evidence files"), _filed(references)),
        Stage(_("Signatures"), _signed(record, references)),
    ]


def _rows(model: type[models.Model]) -> Any:
    return registry.of(model).rows()


def _own(record: Record, model: type[models.Model]) -> list[Any]:
    return [record] if isinstance(record, model) else []


def _requirements(record: Record) -> list[Requirement]:
    """Return the requirements that a row is or belongs to.

    They are those it is linked to, those of the party it is, or those of the row it arose from.
    """
    rows = _rows(Requirement).select_related("owner").order_by("pk")
    if isinstance(record, Requirement):
        return [record]
    if isinstance(record, InterestedParty):
        return list(rows.current().filter(interested_party=record)[:MOST])
    if hasattr(record, "requirements"):
        return list(rows.filter(pk__in=record.requirements.values("pk"))[:MOST])
    if key := getattr(record, "requirement_id", None):
        return list(rows.filter(pk=key))
    origin = registry.find(record.origin) if isinstance(record, Action) and record.origin else None
    return _requirements(origin) if origin and not isinstance(origin, Action) else []


def _linked(model: type[models.Model], record: Record, required: list[Requirement]) -> list[Any]:
    if own := _own(record, model):
        return own
    rows = _rows(model).select_related("owner")
    linked = rows.filter(requirements__in=required) | rows.filter(origin=record.reference)
    return list(linked.distinct().order_by("pk")[:MOST])


def _feedback(record: Record, required: list[Requirement]) -> list[Any]:
    """Return what customers said, and what was done for them because of it."""
    if isinstance(record, FeedbackItem):
        done = _rows(Enhancement).filter(feedback=record).select_related("owner", "customer")
        return [record, *done.order_by("pk")[:MOST]]
    if isinstance(record, Complaint | Enhancement):
        return [record]
    complaints = _rows(Complaint).filter(requirements__in=required).distinct()
    return list(complaints.select_related("owner", "customer").order_by("received_at")[:MOST])


def _mark(record: Record, when: Any, who: Any, more: str = "") -> Mark:
    return Mark(when, who, record.title_text, record.reference, record.get_absolute_url(), more)


def _said_on(record: Any) -> Any:
    return getattr(record, "received_at", None) or getattr(record, "collected_at", None) or record.done_on


def _author(record: Record) -> Any:
    return getattr(record, "owner", None) or getattr(record, "customer", None)


def _by_requirement(model: Any, required: list[Requirement], *people: str) -> Any:
    return model.objects.filter(requirement__in=required).select_related("requirement", *people).order_by("pk")[:MOST]


def _written(required: list[Requirement]) -> list[Mark]:
    marks = []
    for version in _by_requirement(RequirementVersion, required, "author"):
        what = _("Version %(number)s: %(title)s") % {"number": version.number, "title": version.requirement.title_text}
        marks.append(_of(version.requirement, version.written_at, version.author, what, version.reason))
    return marks


def _of(record: Record, when: datetime, who: object, what: object, more: object = "") -> Mark:
    return Mark(when, who, str(what), record.reference, record.get_absolute_url(), str(more or ""))


def _reviewed(required: list[Requirement]) -> list[Mark]:
    return [
        _of(each.requirement, each.reviewed_on, each.reviewer, each.get_result_display(), each.note)
        for each in _by_requirement(RequirementReview, required, "reviewer")
    ]


def _understood(required: list[Requirement]) -> list[Mark]:
    found = _by_requirement(Acknowledgement, required, "person")
    return [_of(e.requirement, e.acknowledged_at, e.person, _("Version %(number)s understood") % {"number": e.version}, e.words) for e in found]  # fmt: skip


def _acted(actions: list[Action]) -> list[Mark]:
    marks = [_mark(each, each.done_on or each.due_on, each.owner, str(each.get_status_display())) for each in actions]
    checks = EffectivenessCheck.objects.filter(action__in=actions).select_related("action", "checker").order_by("pk")
    return marks + [
        _of(each.action, each.checked_on, each.checker, each.get_verdict_display(), each.evidence)
        for each in checks[:MOST]
    ]


def _assessed(risks: list[Any]) -> list[Mark]:
    marks = [_mark(each, each.determined_on, each.owner) for each in risks]
    models: tuple[tuple[Any, Any, str], ...] = (
        (RiskAssessment, Risk, "risk"), (OpportunityAssessment, Opportunity, "opportunity"),
    )  # fmt: skip
    for model, of, key in models:
        chosen = [each for each in risks if isinstance(each, of)]
        rows = model.objects.filter(**{f"{key}__in": chosen}).select_related(key, "assessor", "scale").order_by("pk")
        marks += [
            _of(each.record, each.assessed_on, each.assessor, f"{each.get_stage_display()}: {each}", each.rationale)
            for each in rows[:MOST]
        ]
    return marks


def _decided(required: list[Requirement], risks: list[Any]) -> list[Mark]:
    chosen = [each for each in risks if isinstance(each, Risk)]
    accepted = Acceptance.objects.filter(risk__in=chosen).select_related("risk", "accepted_by").order_by("pk")[:MOST]
    marks = [
        _of(e.risk, e.accepted_on, e.accepted_by, _("Risk accepted: %(level)s") % {"level": e.level_name}, e.rationale)
        for e in accepted
    ]
    return marks + [
        _of(each.requirement, each.decided_on, each.decided_by, _("No significant risk"), each.rationale)
        for each in _by_requirement(NoSignificantRisk, required, "decided_by")
    ]


def _filed(references: Iterable[str]) -> list[Mark]:
    found = Attachment.objects.filter(subject__in=references).select_related("uploaded_by").order_by("pk")[:MOST]
    return [
        Mark(each.uploaded_at, each.uploaded_by, each.name, each.subject, each.get_absolute_url()) for each in found
    ]


def _signed(record: Record, references: set[str]) -> list[Mark]:
    """Return the valid sign-offs since the row was there.

    Each says which rows of the trace it names as exceptions.
    """
    if audit_scope():  # a sign-off is about all sub-clauses and sites
        return []
    found = SignOff.objects.valid().filter(signed_at__gte=record.created_at).order_by("signed_at")[:MOST]
    return [
        Mark(
            each.signed_at, f"{each.printed_name}, {each.job_title}", _named(each, references), each.reference, each.get_absolute_url()
        )
        for each in found
    ]  # fmt: skip


def _named(signed: SignOff, references: set[str]) -> str:
    codes = [
        entry["code"]
        for entry in signed.content["evaluation"]["assertions"]
        if references & set(entry["exceptions"].get("references", ()))
    ]
    if not codes:
        return _("Signed; nothing of this trace stood among the exceptions")
    return _("Signed with exceptions of %(codes)s from this trace") % {"codes": ", ".join(codes)}
