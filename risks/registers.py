"""The registers of sub-clause b."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from registers.columns import Column
from registers.register import Child, Register, registry
from risks.columns import RESPONSE, RESULT, affected, analysis, assessments, state, texts
from risks.filters import IssueFilter, OpportunityFilter, RiskFilter, SupplierReviewFilter
from risks.forms import (
    IssueForm,
    OpportunityAssessmentForm,
    OpportunityForm,
    RiskAssessmentForm,
    RiskForm,
    SupplierReviewForm,
)
from risks.models import ContextIssue, Opportunity, Risk, SupplierReview
from risks.models.stages import INHERENT
from risks.models.told import ToldType
from risks.told_columns import told
from risks.told_headers import recognised, recognised_risks
from risks.views import OpportunityPage, RiskPage, SupplierReviewPage

WHAT, DECISION, REVIEW = _("What"), _("Decision"), _("Review")
WHO, RATINGS, OUTCOME = _("Who"), _("How it does"), _("Outcome")
DECISION_TONES = {"pursue": "met", "share": "info", "defer": "neutral", "reject": "none"}

issues = registry.add(
    Register(
        slug="issues",
        file_words=("kontext", "issue", "swot"),
        sub_clause="b",
        model=ContextIssue,
        form=IssueForm,
        filterset=IssueFilter,
        title=_("Issues"),
        singular=_("Issue"),
        new_label=_("New issue"),
        description=_(
            "What inside and outside of the organization bears on its results, climate change among it. Shows "
            "that risks and opportunities are determined."
        ),
        search=("title", "description"),
        columns=(
            Column("title", words=("issue", "topic", "thema", "aspekt")),
            Column("side", group=WHAT, words=("internal or external", "context", "intern extern", "kontext")),
            Column("category", group=WHAT, words=("kategorie", "area", "bereich")),
            Column(
                "direction",
                group=WHAT,
                words=("effect", "wirkung", "richtung"),
                tones={"helps": "met", "hinders": "attention", "both": "info"},
            ),
            Column("description", shown=False, group=WHAT, words=("details", "beschreibung")),
            Column(
                "relevance",
                group=DECISION,
                words=("relevant", "relevanz"),
                tones={"relevant": "info", "not_relevant": "none"},
            ),
            Column("relevance_rationale", shown=False, group=DECISION, words=("rationale", "begründung")),
            Column("owner", group=REVIEW, words=("responsible", "verantwortlich")),
            Column("reviewed_on", group=REVIEW, words=("last review", "reviewed", "letzte prüfung", "überprüft am")),
            Column("review_days", shown=False, group=REVIEW, words=("review cycle", "prüfintervall")),
        ),
    )
)


def _with_priority() -> Any:
    return Risk.objects.select_related("scale").with_priority()


risks = registry.add(
    Register(
        slug="risks",
        file_words=("risik", "risk", "fmea"),
        sub_clause="b",
        model=Risk,
        form=RiskForm,
        filterset=RiskFilter,
        title=_("Risks"),
        singular=_("Risk"),
        new_label=_("New risk"),
        description=_(
            "What may harm the conformity of products and services or customers' satisfaction, how grave it "
            "is, and what is done. Shows that risks are determined and addressed."
        ),
        search=("event", "cause", "consequence", "item"),
        id_words=("risk id", "risk no", "risk number", "risk ref", "risiko nr", "risiko id", "risikonummer", "fmea nr"),
        links=("requirements", "issues", "parties"),
        status="status",
        annotate=_with_priority,
        beside=told("risk_grid", {ToldType.OPPORTUNITY: "opportunities"}),
        recognises=recognised_risks,
        views={"detail": RiskPage},
        columns=(
            *texts(
                (
                    "consequences",
                    "effect",
                    "effects",
                    "potential effect",
                    "local effect",
                    "global effect",
                    "impact",
                    "folge",
                    "folgen",
                    "auswirkung",
                    "fehlerfolge",
                    "efeito",
                )
            ),
            *affected(),
            Column(
                "owner", group=RESPONSE, words=("responsible", "risk owner", "verantwortlich", "eigner", "responsável")
            ),
            Column("response", group=RESPONSE, words=("treatment", "strategy", "behandlung")),
            Column(
                "response_note",
                shown=False,
                group=RESPONSE,
                words=(
                    *("comment", "comments", "remark", "remarks", "note", "notes"),
                    *("bemerkung", "anmerkung", "kommentar"),
                ),
            ),
            *state(),
            *analysis(),
        ),
        children=(
            assessments(RiskAssessmentForm, "risk", _("Nobody has assessed yet how likely and how grave it is.")),
            Child(
                name="acceptances",
                title=_("Accepted by top management"),
                related_name="acceptances",
                parent_field="risk",
                columns=(
                    Column("accepted_on"),
                    Column("expires_on"),
                    Column("level_name"),
                    Column("score"),
                    Column("rationale"),
                    Column("accepted_by"),
                ),
                add_label=_("Accept"),
                empty=_("Top management has not accepted it."),
            ),
        ),
    )
)


def _with_scale() -> Any:
    # A row reads its level off its scale: without this, a query a row.
    return Opportunity.objects.select_related("scale")


opportunities = registry.add(
    Register(
        slug="opportunities",
        file_words=("chance", "opportunit"),
        sub_clause="b",
        model=Opportunity,
        form=OpportunityForm,
        filterset=OpportunityFilter,
        title=_("Opportunities"),
        singular=_("Opportunity"),
        new_label=_("New opportunity"),
        description=_(
            "What could raise conformity or customers' satisfaction, what was decided about it, and what came "
            "of it. Shows that opportunities are determined and addressed."
        ),
        search=("event", "cause", "consequence"),
        id_words=("opportunity id", "opportunity no", "chance nr", "chancen nr"),
        links=("requirements", "issues", "parties"),
        status="status",
        annotate=_with_scale,
        beside=told("opportunity_grid", {ToldType.RISK: "risks"}),
        recognises=lambda table, said: recognised(table, without_stage=INHERENT),
        views={"detail": OpportunityPage},
        columns=(
            *texts(("benefit", "effect", "nutzen", "impact", "wirkung")),
            *affected(),
            Column("owner", group=RESPONSE, words=("responsible", "verantwortlich", "eigner")),
            Column("response", group=RESPONSE, words=("decision", "entscheidung"), tones=DECISION_TONES),
            Column("response_note", shown=False, group=RESPONSE, words=("comment", "remark", "bemerkung", "kommentar")),
            Column(
                "expected_result",
                shown=False,
                group=RESULT,
                words=("expected", "expected result", "erwartetes ergebnis"),
            ),
            Column("realised_result", shown=False, group=RESULT, words=("realised", "result", "ergebnis")),
            *state(),
        ),
        children=(
            assessments(
                OpportunityAssessmentForm,
                "opportunity",
                _("Nobody has assessed yet how probable and how beneficial it is."),
            ),
        ),
    )
)

supplier_reviews = registry.add(
    Register(
        slug="supplier-reviews",
        file_words=("lieferant", "supplier", "vendor"),
        sub_clause="b",
        model=SupplierReview,
        form=SupplierReviewForm,
        filterset=SupplierReviewFilter,
        title=_("Suppliers"),
        singular=_("Supplier review"),
        new_label=_("New supplier review"),
        description=_(
            "Periodic looks at external providers and what they mean for customers. Findings become risks or "
            "opportunities. Shows that risks are determined."
        ),
        search=("conclusion", "findings", "supplier__name"),
        views={"detail": SupplierReviewPage},
        columns=(
            Column(
                "supplier",
                group=WHO,
                words=("external provider", "vendor", "lieferant", "anbieter"),
                creates={"kind": "external_provider"},
            ),
            Column("conclusion", group=OUTCOME, words=("result", "verdict", "ergebnis", "fazit")),
            Column("reviewed_on", group=WHO, words=("date", "review date", "datum", "bewertet am")),
            Column("reviewer", shown=False, group=WHO, words=("reviewed by", "bewertet von")),
            Column("is_key", group=WHO, words=("key supplier", "schlüssellieferant")),
            Column("delivery", group=RATINGS, words=("lieferung", "liefertreue", "termintreue")),
            Column("quality", group=RATINGS, words=("qualität",)),
            Column("responsiveness", group=RATINGS, words=("service", "reaktion", "reaktionsfähigkeit")),
            Column("dependency", group=RATINGS, words=("dependence", "abhängigkeit")),
            Column("findings", shown=False, group=OUTCOME, words=("finding", "feststellung", "feststellungen")),
            Column("next_review_on", group=WHO, words=("next", "next review", "nächste bewertung")),
        ),
    )
)
