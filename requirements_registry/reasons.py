"""Why rows of sub-clause a are exceptions of its statements."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from clauses.assertion import Terms
from clauses.reasons import Reason, Step, missing, part
from organizations.roles import Action, Role
from requirements_registry.intervals import DaysAfter, due
from requirements_registry.models import Requirement


def _review_overdue(terms: Terms, rows: Any) -> Any:
    return rows.review_due(None, terms.ago(1), terms.day, terms.targets.review_days)


def _next_review(terms: Terms) -> Any:
    return due("last_reviewed_on", "review_days", terms.targets.review_days)


def _late(terms: Terms, rows: Any) -> Any:
    """Return those of unacknowledged rows whose days to acknowledge are over."""
    return rows.acknowledge_between(None, terms.ago(terms.targets.acknowledgement_days + 1), terms.day)


def _acknowledge_by(terms: Terms) -> Any:
    return DaysAfter(
        Requirement.objects.all().held_on("acknowledge_from", terms.day),
        models.Value(terms.targets.acknowledgement_days),
    )


def late_soon(terms: Terms, rows: Any) -> Any:
    """Return those of unacknowledged rows whose days to acknowledge end soon."""
    given = timedelta(days=terms.targets.acknowledgement_days)
    return rows.acknowledge_between(terms.day - given, terms.soon() - given, terms.day)


def _check_overdue(terms: Terms, rows: Any) -> Any:
    return rows.check_due(None, terms.ago(1), terms.day, terms.targets.check_days, terms.until)


def _last_checked(terms: Terms) -> Any:
    return Requirement.objects.all().last_checked(terms.day, terms.until)


def _check_overdue_after(terms: Terms, rows: Any) -> Any:
    return _check_overdue(terms, rows).alias(_checked=_last_checked(terms))


def _next_check(terms: Terms) -> Any:
    return due(_last_checked(terms), "check_days", terms.targets.check_days)


def _decided_later(column: str) -> Reason:
    """Return the reason that a decision bears a later day than the judged one, and none was made before."""
    return Reason(
        name="decided-later",
        text=_("It was decided only after the day that is judged"),
        columns=(column,),
        holds=lambda terms, rows: rows.only_after(column, terms.day),
    )


_ACKNOWLEDGE = Step(
    label=_("Acknowledge"),
    page="requirements_registry:acknowledge",
    action=Action.ACKNOWLEDGE,
    subject="requirements",
)
_CHECK = Step(label=_("Record a check"), page="checks-create", action=Action.ADD, subject="checks", fills="requirement")

OWNER = (
    missing("no-owner", "owner", _("Nobody owns it"), None),
    Reason(
        name="owner-left",
        text=_("Its owner isn’t a member"),
        columns=("owner",),
        holds=lambda terms, rows: rows.owner_left(terms.day),
    ),
)
TRACED = (
    missing("no-source", "source", _("No source is named")),
    missing("no-kind", "kind", _("Its kind isn’t chosen")),
    *OWNER,
    missing("no-day", "effective_on", _("No day from which it holds"), None),
    missing("no-party", "interested_party", _("No interested party is named"), None),
)
REVIEWED = (
    Reason(
        name="never-reviewed",
        text=_("No review is recorded"),
        columns=("last_reviewed_on",),
        holds=part(_review_overdue, _reviewed_on=None),
    ),
    Reason(
        name="review-late",
        text=_("Its last review is too long ago"),
        columns=("last_reviewed_on",),
        holds=part(_review_overdue, _reviewed_on__isnull=False),
        due=_next_review,
    ),
)
PARTY_DECIDED = (
    *REVIEWED,
    missing("not-decided", "addressed", _("Nobody decided which of its requirements are addressed")),
    missing("no-decision-day", "addressed_on", _("The decision on its requirements bears no day"), None),
    _decided_later("addressed_on"),
)
APPLICABLE = (
    missing("undecided", "applicable", _("Nobody decided whether it applies"), "undecided"),
    missing("no-decider", "decided_by", _("Nobody is named who decided whether it applies"), None),
    missing("no-justification", "justification", _("No justification says why it applies or doesn’t")),
    missing("no-jurisdiction", "jurisdiction", _("No jurisdiction is named")),
    _decided_later("decided_on"),
)
ACKNOWLEDGED_BY_OWNER = (
    Reason(
        name="owner-not-acknowledged",
        text=_("Its owner hasn’t acknowledged the current version"),
        columns=("version",),
        holds=lambda terms, rows: _late(terms, rows.not_acknowledged_by_owner(terms.until)),
        due=_acknowledge_by,
        steps=(_ACKNOWLEDGE,),
    ),
)
ACKNOWLEDGED_BY_TOP_MANAGEMENT = (
    Reason(
        name="not-acknowledged-by-top-management",
        text=_("Nobody of top management has acknowledged the current version"),
        columns=("version",),
        holds=lambda terms, rows: _late(terms, rows.not_acknowledged_by_top_management(terms.day, terms.until)),
        due=_acknowledge_by,
        steps=(_ACKNOWLEDGE,),
        mended_by=Role.TOP_MANAGEMENT,
    ),
)
CHECKED = (
    Reason(
        name="never-checked",
        text=_("No check is recorded"),
        columns=("check_days",),
        holds=part(_check_overdue_after, _checked=None),
        steps=(_CHECK,),
    ),
    Reason(
        name="check-late",
        text=_("Its last check is too long ago"),
        columns=("check_days",),
        holds=part(_check_overdue_after, _checked__isnull=False),
        due=_next_check,
        steps=(_CHECK,),
    ),
)
CHECK_PASSED = (
    Reason(
        name="not-met",
        text=_("It found the requirement not met, or only partly"),
        columns=("result",),
        mends=(),
        holds=lambda terms, rows: rows.failed(),
    ),
)
NOT_FAILED_TWICE = (
    Reason(
        name="failed-twice",
        text=_("Its last two checks found it not met"),
        columns=("conformity",),
        holds=lambda terms, rows: rows.failed_twice(terms.day, terms.until),
        steps=(_CHECK,),
    ),
)
