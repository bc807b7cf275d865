"""The assertion about top management's own part: that it looks at the evidence and signs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clauses import periods
from clauses.addresses import lists
from clauses.assertion import (
    Assertion,
    Counts,
    Gravity,
    Judgement,
    Period,
    Question,
    Result,
    Rows,
    Terms,
    Verb,
    assertions,
)
from clauses.reasons import Reason
from reviews.models import SignOff, Told
from reviews.sign_off.newer_versions import followed_leaves
from trail.models import Seal

#: Slug of the list of sign-offs, where assertions name a register.
LIST = "sign-offs"
#: A signer is told of changes by a mail a day; whoever wasn't told after this time wasn't told.
TOLD_WITHIN = timedelta(days=2)

lists[LIST] = "reviews:sign-offs"


def last_complete(terms: Terms) -> Period:
    """Return the quarter before the one in which the question's day lies."""
    return periods.quarters(terms.day)[1]


class Known(NamedTuple):
    """What signatures are judged by: those made up to a moment, and changes that were sealed long enough before it."""

    moment: datetime
    #: Number of leaves that a signer should have been told of by then.
    size: int


def _known(question: Question) -> Known:
    moment = min(question.moment, question.end)
    sealed = Seal.objects.filter(sealed_at__lte=moment - TOLD_WITHIN).order_by("-number").first()
    return Known(moment, sealed.size if sealed else 0)


def _signed(terms: Terms) -> Any:
    return SignOff.objects.standing(terms.given.moment).final().of(last_complete(terms))


def _not_told(terms: Terms, rows: models.QuerySet) -> Any:
    """Return the sign-offs whose signers weren't told of a change in time.

    Something changed behind them, was sealed two days ago, and isn't in any mail to the signer.
    """
    # Up to the last mail's seal, or else up to the seal that was signed, the signer knows everything.
    told = (
        Told.objects.filter(sign_off=OuterRef("pk"), on__lte=terms.day).order_by("-seal_size").values("seal_size")[:1]
    )
    known = rows.annotate(known=Coalesce(Subquery(told), F("seal_size")))
    return known.filter(Exists(followed_leaves().filter(index__gte=OuterRef("known"), index__lt=terms.given.size)))


def judge_signatures(question: Question, counts: Counts, rows: Rows) -> Judgement:
    """Judge whether as many signed as the organization asks for, soon enough after the period.

    A signer who wasn't told of a change is a gap whatever the number.
    """
    required, signed, told = question.targets.signers_required, counts.population, counts.population - counts.exceptions
    period = last_complete(question)
    words = {"period": periods.in_words(period)}
    due = period.last + timedelta(days=question.targets.sign_off_days)
    threshold = ngettext("%(count)s signature", "%(count)s signatures", required) % {"count": required}
    result, detail = Result.MET, _("%(period)s is signed off") % words
    if counts.exceptions:
        result = Result.GAP
        detail = _("%(period)s: changed since it was signed, and the signer wasn't told") % words
    elif signed < required and period.last < question.since:
        result, detail = (
            Result.NO_EVIDENCE,
            _("%(period)s ended before the first day here: nothing to sign yet") % words,
        )
    elif signed < required and question.day <= due:
        result = Result.ATTENTION
        detail = _("%(period)s, to be signed by %(day)s") % (words | {"day": date_format(due, "j M")})
    elif signed < required:
        result = Result.GAP if signed else Result.NO_EVIDENCE
        detail = _("%(period)s isn't signed off") % words
    return Judgement(result, told, signed, f"{signed}/{required}", detail, threshold)


assertions.add(
    Assertion(
        code="c13",
        verb=Verb.C_LED,
        title=gettext_lazy("Quarter before signed off by top management"),
        statement=gettext_lazy(
            "Top management signed off the quarter before the one in which the judged day lies, and nothing it signed has changed without it being told."
        ),
        clauses={"2015": ("5.1.2", "9.3.1"), "2026": ("5.1.2", "9.3.1")},
        gravity=Gravity.DUTY,
        register=LIST,
        population=_signed,
        reasons=(
            Reason(
                name="not-told",
                text=gettext_lazy("Something it signed has changed since, and its signer wasn’t told in time"),
                holds=_not_told,
            ),
        ),
        judge=judge_signatures,
        given=_known,
    ),
)
