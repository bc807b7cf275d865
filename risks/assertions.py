"""The assertions about risks and opportunities: determined and addressed (clause 5.1.2 b)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from clauses.assertion import Assertion, Gravity, Verb, assertions, judge_each
from clauses.words import beginning
from requirements_registry.querysets import LEGAL
from risks import populations, reasons


def _noted(text: Any) -> Callable[[int], str]:
    """Return what an assertion says beside a gap: a lazy text with its number."""
    return lambda count: str(text % {"count": count})


assertions.add(
    Assertion(
        code="b1",
        verb=Verb.B_DETERMINED,
        title=_("Issues reviewed, climate change decided"),
        statement=_(
            "Internal and external issues were reviewed within their interval, and whether climate change is "
            "a relevant issue was decided with a rationale."
        ),
        clauses={"2015": ("4.1",), "2026": ("4.1",)},
        says=beginning(
            ngettext_lazy(
                "%(count)s issue wasn’t reviewed in time or is undecided",
                "%(count)s issues weren’t reviewed in time or are undecided",
                "count",
            )
        ),
        register="issues",
        population=populations.issues,
        reasons=reasons.ISSUES,
        soon=populations.issue_review_soon,
        judge=populations.judge_issues,
        judged_by=lambda terms, rows: rows.climate().values_list("pk"),
        gap=_noted(ngettext_lazy("%(count)s overdue or undecided", "%(count)s overdue or undecided", "count")),
    ),
    Assertion(
        code="b2",
        verb=Verb.B_DETERMINED,
        title=_("Risks linked to what they can affect"),
        statement=_(
            "Every open risk says whether it affects conformity, satisfaction or both, and points to a "
            "requirement or interested party that it can affect."
        ),
        clauses={"2015": ("5.1.2", "6.1.1"), "2026": ("5.1.2", "6.1.1")},
        says=beginning(
            ngettext_lazy(
                "%(count)s risk says nothing of what it can affect",
                "%(count)s risks say nothing of what they can affect",
                "count",
            )
        ),
        register="risks",
        population=populations.open_risks,
        reasons=reasons.LINKED,
        gap=_noted(ngettext_lazy("%(count)s not linked", "%(count)s not linked", "count")),
    ),
    Assertion(
        code="b3",
        verb=Verb.B_DETERMINED,
        title=_("Risks owned and assessed"),
        statement=_(
            "Every open risk has an owner who is a member, and a current assessment inside its interval, on "
            "the scale in force; an inherent one says nothing of how it stands now."
        ),
        clauses={"2015": ("6.1.1",), "2026": ("6.1.2",)},
        says=beginning(
            ngettext_lazy(
                "%(count)s risk has no owner or no current assessment",
                "%(count)s risks have no owner or no current assessment",
                "count",
            )
        ),
        register="risks",
        population=populations.open_risks,
        reasons=reasons.RISK_ASSESSED,
        soon=populations.assessment_soon,
        given=populations.risk_axes,
        gap=_noted(
            ngettext_lazy(
                "%(count)s without owner or current assessment",
                "%(count)s without owner or current assessment",
                "count",
            )
        ),
    ),
    Assertion(
        code="b4",
        verb=Verb.B_DETERMINED,
        title=_("Risks of critical requirements considered"),
        statement=_(
            "Every critical requirement has an assessed risk, or a decision within the assessment interval "
            "that none is significant."
        ),
        clauses={"2015": ("5.1.2", "6.1.1"), "2026": ("5.1.2", "6.1.1")},
        gravity=Gravity.DUTY,
        says=beginning(
            ngettext_lazy(
                "%(count)s critical requirement was never looked at for risks",
                "%(count)s critical requirements were never looked at for risks",
                "count",
            )
        ),
        legal=lambda rows: rows.filter(kind__in=LEGAL),
        register="requirements",
        population=populations.critical,
        reasons=reasons.CONSIDERED,
        soon=populations.decision_lapses,
        judge=partial(judge_each, nothing=_("no requirement in force is critical")),
        gap=_noted(ngettext_lazy("%(count)s not considered", "%(count)s not considered", "count")),
    ),
    Assertion(
        code="b5",
        verb=Verb.B_DETERMINED,
        title=_("Opportunities looked for and decided"),
        statement=_(
            "Opportunities were looked for: at least one was determined or assessed in the period, and each, open or "
            "closed, has a decision to pursue, share, defer or reject it."
        ),
        clauses={"2015": ("6.1.1", "6.1.2"), "2026": ("6.1.3",)},
        says=beginning(
            ngettext_lazy(
                "%(count)s opportunity isn’t decided on", "%(count)s opportunities aren’t decided on", "count"
            )
        ),
        register="opportunities",
        population=populations.opportunities,
        reasons=reasons.DECIDED,
        judge=populations.judge_opportunities,
        judged_by=lambda terms, rows: populations.looked_at(terms, rows).values_list("pk"),
        gap=_noted(ngettext_lazy("%(count)s undecided", "%(count)s undecided", "count")),
    ),
    Assertion(
        code="b6",
        verb=Verb.B_DETERMINED,
        title=_("Key suppliers reviewed"),
        statement=_(
            "Every relevant external provider, other than those found not to be key suppliers, was reviewed "
            "within its interval."
        ),
        clauses={"2015": ("8.4.1",), "2026": ("8.4.1",)},
        gravity=Gravity.DUTY,
        says=beginning(
            ngettext_lazy(
                "%(count)s key supplier wasn’t reviewed in time",
                "%(count)s key suppliers weren’t reviewed in time",
                "count",
            )
        ),
        register="interested-parties",
        population=populations.key_suppliers,
        reasons=reasons.SUPPLIERS,
        soon=populations.supplier_soon,
        gap=_noted(ngettext_lazy("%(count)s review overdue", "%(count)s reviews overdue", "count")),
    ),
    Assertion(
        code="b8",
        verb=Verb.B_ADDRESSED,
        title=_("Risks above appetite addressed"),
        statement=_(
            "Every open risk is assessed, and where it stands above the organization's appetite it has an open action "
            "with an owner and a due date, or an unexpired acceptance by top management for that level. It stands where its current assessment "
            "says, or where the inherent one does while there is no current one."
        ),
        clauses={"2015": ("6.1.2",), "2026": ("6.1.2",)},
        gravity=Gravity.HARM,
        says=beginning(
            ngettext_lazy(
                "%(count)s risk stands above what is accepted, and nobody treats it",
                "%(count)s risks stand above what is accepted, and nobody treats them",
                "count",
            )
        ),
        register="risks",
        population=populations.open_risks,
        reasons=reasons.ADDRESSED,
        judge=populations.judge_addressed,
        judged_by=lambda terms, rows: populations.never_assessed(rows).values_list("pk"),
        soon=populations.acceptance_ends,
        given=populations.risk_axes,
        gap=_noted(
            ngettext_lazy(
                "%(count)s above appetite, neither treated nor accepted",
                "%(count)s above appetite, neither treated nor accepted",
                "count",
            )
        ),
    ),
    Assertion(
        code="b12",
        verb=Verb.B_ADDRESSED,
        title=_("Risks assessed again after treatment"),
        statement=_(
            "Every open risk with a finished action was assessed on or after the day the last of them was finished."
        ),
        clauses={"2015": ("6.1.2", "9.1.3"), "2026": ("6.1.2", "9.1.3")},
        gravity=Gravity.DUTY,
        says=beginning(
            ngettext_lazy(
                "%(count)s risk wasn’t assessed again after its treatment",
                "%(count)s risks weren’t assessed again after their treatment",
                "count",
            )
        ),
        register="risks",
        population=populations.treated,
        reasons=reasons.REASSESSED,
        judge=partial(judge_each, nothing=_("nothing to judge: no open risk has a finished action")),
        gap=_noted(ngettext_lazy("%(count)s not assessed since", "%(count)s not assessed since", "count")),
    ),
    Assertion(
        code="b13",
        verb=Verb.B_ADDRESSED,
        title=_("Results of pursued opportunities recorded"),
        statement=_(
            "Every opportunity that is pursued records the result expected of it and, once closed, the result realised."
        ),
        clauses={"2015": ("6.1.2",), "2026": ("6.1.3",)},
        says=beginning(
            ngettext_lazy(
                "%(count)s pursued opportunity doesn’t say its result",
                "%(count)s pursued opportunities don’t say their results",
                "count",
            )
        ),
        register="opportunities",
        population=populations.pursued,
        reasons=reasons.RESULTS,
        judge=partial(judge_each, nothing=_("nothing to judge: no opportunity is pursued")),
        gap=_noted(ngettext_lazy("%(count)s without result", "%(count)s without result", "count")),
    ),
    Assertion(
        code="b14",
        verb=Verb.B_DETERMINED,
        title=_("Opportunities linked to what they can affect"),
        statement=_(
            "Every open opportunity says whether it affects conformity, satisfaction or both, and points to a "
            "requirement or interested party that it can affect."
        ),
        clauses={"2015": ("5.1.2", "6.1.1"), "2026": ("5.1.2", "6.1.1")},
        says=beginning(
            ngettext_lazy(
                "%(count)s opportunity says nothing of what it can affect",
                "%(count)s opportunities say nothing of what they can affect",
                "count",
            )
        ),
        register="opportunities",
        population=populations.open_opportunities,
        reasons=reasons.LINKED,
        gap=_noted(ngettext_lazy("%(count)s not linked", "%(count)s not linked", "count")),
    ),
    Assertion(
        code="b15",
        verb=Verb.B_DETERMINED,
        title=_("Opportunities owned and assessed"),
        statement=_(
            "Every open opportunity has an owner who is a member, and a current assessment inside its "
            "interval, on the scale in force; an inherent one says nothing of how it stands now."
        ),
        clauses={"2015": ("6.1.1",), "2026": ("6.1.3",)},
        says=beginning(
            ngettext_lazy(
                "%(count)s opportunity has no owner or no current assessment",
                "%(count)s opportunities have no owner or no current assessment",
                "count",
            )
        ),
        register="opportunities",
        population=populations.open_opportunities,
        reasons=reasons.OPPORTUNITY_ASSESSED,
        soon=populations.assessment_soon,
        given=populations.opportunity_axes,
        gap=_noted(
            ngettext_lazy(
                "%(count)s without owner or current assessment",
                "%(count)s without owner or current assessment",
                "count",
            )
        ),
    ),
)
