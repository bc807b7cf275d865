"""The assertions about requirements: determined, understood, consistently met."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from clauses.assertion import (
    NOTHING,
    Assertion,
    Counts,
    Gravity,
    Judgement,
    Question,
    Result,
    Rows,
    Terms,
    Text,
    Verb,
    assertions,
    judge_each,
)
from clauses.statistics import wilson
from clauses.waiting import beside_waiting
from clauses.words import beginning
from requirements_registry import reasons
from requirements_registry.models import ConformityCheck, InterestedParty, Requirement
from requirements_registry.querysets import LEGAL


def _legal(rows: Any) -> Any:
    return rows.filter(kind__in=LEGAL)


def _legal_checks(rows: Any) -> Any:
    return rows.filter(requirement__kind__in=LEGAL)


def _active(terms: Terms) -> Any:
    return Requirement.objects.active(terms.day, terms.until)


def _critical(terms: Terms) -> Any:
    return _active(terms).filter(criticality=Requirement.Criticality.CRITICAL)


def _review_soon(terms: Terms, rows: Any) -> Any:
    return rows.review_due(terms.day, terms.soon(), terms.day, terms.targets.review_days)


def _check_soon(terms: Terms, rows: Any) -> Any:
    return rows.check_due(terms.day, terms.soon(), terms.day, terms.targets.check_days, terms.until)


def judge_conformity(question: Question, counts: Counts, rows: Rows) -> Judgement:
    """Hold the share of checks that found a requirement met against the target.

    With fewer checks than the organization wants for a score the share is only called a gap if even the upper end of its
    interval lies below the target; otherwise the sample is too small to say.
    """
    target = question.targets.conformity_target
    threshold = _("at least %(target)s %%") % {"target": f"{target.normalize():f}"}
    total, met = counts.population, counts.population - counts.exceptions
    if not total:
        return Judgement(Result.NO_EVIDENCE, 0, 0, "–", _("no check in twelve months"), threshold)
    interval = wilson(met, total)
    between = _("95 %% interval %(low)s to %(high)s %%, n = %(n)s") % {
        "low": f"{100 * interval.low:.1f}",
        "high": f"{100 * interval.high:.1f}",
        "n": total,
    }
    few = total < question.targets.minimum_answers
    if few and 100 * interval.high >= target:
        return Judgement(
            Result.ATTENTION,
            met,
            total,
            _percent(met, total),
            _("too few checks to say: %(interval)s") % {"interval": between},
            threshold,
        )
    result = Result.MET if 100 * met >= target * total else Result.GAP
    return Judgement(result, met, total, _percent(met, total), between, threshold)


def judge_acknowledged(
    question: Question, counts: Counts, rows: Rows, unread: Any, nothing: Text = NOTHING
) -> Judgement:
    """Count those that were acknowledged; whoever still has days to do it hasn't."""
    in_time = unread(question, rows()).count() - counts.exceptions
    words = ngettext("%(count)s not acknowledged yet, in time", "%(count)s not acknowledged yet, in time", in_time)
    late = ngettext("%(count)s late", "%(count)s late", counts.exceptions) % {"count": counts.exceptions}
    judged = judge_each(question, counts, rows, nothing)
    return beside_waiting(judged, counts, in_time, words % {"count": in_time}, late)


def _by_owner(terms: Terms, rows: Any) -> Any:
    return rows.not_acknowledged_by_owner(terms.until)


def _by_top_management(terms: Terms, rows: Any) -> Any:
    return rows.not_acknowledged_by_top_management(terms.day, terms.until)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"


assertions.add(
    Assertion(
        code="a1",
        verb=Verb.A_DETERMINED,
        title=gettext_lazy("Source, kind, owner, date and party named"),
        statement=gettext_lazy(
            "Every requirement in force names its source, its kind, an owner who is a member, the day from which it holds, and the interested party whose it is."
        ),
        clauses={"2015": ("4.2", "8.2.2"), "2026": ("4.2", "8.2.2")},
        says=beginning(
            ngettext_lazy(
                "%(count)s requirement can’t be traced to whoever asks for it",
                "%(count)s requirements can’t be traced to whoever asks for them",
                "count",
            )
        ),
        legal=_legal,
        register="requirements",
        population=_active,
        reasons=reasons.TRACED,
        gap=lambda count: ngettext("%(count)s incomplete", "%(count)s incomplete", count) % {"count": count},
    ),
    Assertion(
        code="a2",
        verb=Verb.A_DETERMINED,
        title=gettext_lazy("Requirements reviewed within their interval"),
        statement=gettext_lazy("Every requirement in force was reviewed within its interval."),
        clauses={"2015": ("8.2.2", "8.2.3"), "2026": ("8.2.2", "8.2.3")},
        says=beginning(
            ngettext_lazy(
                "%(count)s requirement wasn’t reviewed in time",
                "%(count)s requirements weren’t reviewed in time",
                "count",
            )
        ),
        legal=_legal,
        register="requirements",
        population=_active,
        reasons=reasons.REVIEWED,
        soon=_review_soon,
        gap=lambda count: ngettext("%(count)s review overdue", "%(count)s reviews overdue", count) % {"count": count},
    ),
    Assertion(
        code="a3",
        verb=Verb.A_DETERMINED,
        title=gettext_lazy("Interested parties reviewed and decided about"),
        statement=gettext_lazy(
            "Every relevant interested party was reviewed within its interval, with a decision which of its requirements the quality management system addresses."
        ),
        clauses={"2015": ("4.2",), "2026": ("4.2",)},
        says=beginning(
            ngettext_lazy(
                "%(count)s interested party wasn’t reviewed in time or is undecided",
                "%(count)s interested parties weren’t reviewed in time or are undecided",
                "count",
            )
        ),
        register="interested-parties",
        population=lambda terms: InterestedParty.objects.relevant(terms.until),
        reasons=reasons.PARTY_DECIDED,
        soon=_review_soon,
        gap=lambda count: (
            ngettext("%(count)s overdue or undecided", "%(count)s overdue or undecided", count) % {"count": count}
        ),
    ),
    Assertion(
        code="a4",
        verb=Verb.A_DETERMINED,
        title=gettext_lazy("Applicability of law decided"),
        statement=gettext_lazy(
            "Every statutory or regulatory requirement that is in force or was set aside has an applicability decision with decider and justification, and names its jurisdiction."
        ),
        clauses={"2015": ("4.2", "8.2.2"), "2026": ("4.2", "8.2.2")},
        gravity=Gravity.DUTY,
        says=beginning(
            ngettext_lazy(
                "%(count)s law isn’t decided on: whether it applies, why, by whom and where",
                "%(count)s laws aren’t decided on: whether they apply, why, by whom and where",
                "count",
            )
        ),
        legal=lambda rows: rows,
        register="requirements",
        population=lambda terms: Requirement.objects.decided_about(terms.day, terms.until),
        reasons=reasons.APPLICABLE,
        gap=lambda count: ngettext("%(count)s undecided", "%(count)s undecided", count) % {"count": count},
    ),
    Assertion(
        code="a8",
        verb=Verb.A_UNDERSTOOD,
        title=gettext_lazy("Owners acknowledged the current version"),
        statement=gettext_lazy(
            "Every owner of a requirement in force acknowledged its current version, within the days the organization set."
        ),
        clauses={"2015": ("5.1.2", "7.3"), "2026": ("5.1.2", "7.3")},
        gravity=Gravity.DUTY,
        says=beginning(
            ngettext_lazy(
                "%(count)s requirement isn’t acknowledged by its owner as it reads now",
                "%(count)s requirements aren’t acknowledged by their owners as they read now",
                "count",
            )
        ),
        legal=_legal,
        register="requirements",
        population=lambda terms: _active(terms).owned(),
        reasons=reasons.ACKNOWLEDGED_BY_OWNER,
        judge=partial(judge_acknowledged, unread=_by_owner),
        judged_by=lambda terms, rows: _by_owner(terms, rows).values_list("pk"),
        soon=lambda terms, rows: reasons.late_soon(terms, _by_owner(terms, rows)),
        gap=lambda count: (
            ngettext("%(count)s not acknowledged", "%(count)s not acknowledged", count) % {"count": count}
        ),
    ),
    Assertion(
        code="a9",
        verb=Verb.A_UNDERSTOOD,
        title=gettext_lazy("Top management acknowledged what is critical"),
        statement=gettext_lazy("Top management acknowledged the current version of every critical requirement."),
        clauses={"2015": ("5.1.1", "5.1.2"), "2026": ("5.1.1", "5.1.2")},
        gravity=Gravity.DUTY,
        says=beginning(
            ngettext_lazy(
                "%(count)s critical requirement isn’t acknowledged by top management",
                "%(count)s critical requirements aren’t acknowledged by top management",
                "count",
            )
        ),
        legal=_legal,
        register="requirements",
        population=_critical,
        reasons=reasons.ACKNOWLEDGED_BY_TOP_MANAGEMENT,
        judge=partial(
            judge_acknowledged, unread=_by_top_management, nothing=gettext_lazy("no requirement in force is critical")
        ),
        judged_by=lambda terms, rows: _by_top_management(terms, rows).values_list("pk"),
        soon=lambda terms, rows: reasons.late_soon(terms, _by_top_management(terms, rows)),
        gap=lambda count: (
            ngettext("%(count)s not acknowledged", "%(count)s not acknowledged", count) % {"count": count}
        ),
    ),
    Assertion(
        code="a12",
        verb=Verb.A_MET,
        title=gettext_lazy("Checked within their interval"),
        statement=gettext_lazy("Every requirement in force has a conformity check inside its interval."),
        clauses={"2015": ("8.6", "9.1.1"), "2026": ("8.6", "9.1.1")},
        gravity=Gravity.DUTY,
        says=beginning(
            ngettext_lazy(
                "%(count)s requirement wasn’t checked in time",
                "%(count)s requirements weren’t checked in time",
                "count",
            )
        ),
        legal=_legal,
        register="requirements",
        population=_active,
        reasons=reasons.CHECKED,
        soon=_check_soon,
        gap=lambda count: (
            ngettext("%(count)s not checked in time", "%(count)s not checked in time", count) % {"count": count}
        ),
    ),
    Assertion(
        code="a13",
        verb=Verb.A_MET,
        title=gettext_lazy("Conformity rate on target"),
        statement=gettext_lazy(
            "Of the conformity checks of the last twelve months, at least the target share found the requirement met."
        ),
        clauses={"2015": ("9.1.1", "9.1.3"), "2026": ("9.1.1", "9.1.3")},
        gravity=Gravity.HARM,
        legal=_legal_checks,
        register="checks",
        population=lambda terms: ConformityCheck.objects.rolling(terms.day, terms.until),
        reasons=reasons.CHECK_PASSED,
        judge=judge_conformity,
    ),
    Assertion(
        code="a14",
        verb=Verb.A_MET,
        title=gettext_lazy("No requirement failed twice in a row"),
        statement=gettext_lazy(
            "No requirement in force that was checked at least twice was found not met by its last two conformity checks."
        ),
        clauses={"2015": ("9.1.3", "10.2.1"), "2026": ("9.1.3", "10.2.1")},
        gravity=Gravity.HARM,
        says=beginning(
            ngettext_lazy(
                "%(count)s requirement was found not met twice in a row",
                "%(count)s requirements were found not met twice in a row",
                "count",
            )
        ),
        legal=_legal,
        register="requirements",
        population=lambda terms: _active(terms).checked_twice(terms.day, terms.until),
        reasons=reasons.NOT_FAILED_TWICE,
        judge=partial(judge_each, nothing=gettext_lazy("nothing to judge yet: no requirement was checked twice")),
        gap=lambda count: ngettext("%(count)s failed twice", "%(count)s failed twice", count) % {"count": count},
    ),
)
