"""The registers of sub-clause b."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from registers.panels import panels
from registers.register import Child, Column, Register, registry
from risks.filters import IssueFilter, OpportunityFilter, RiskFilter, SupplierReviewFilter
from risks.forms import IssueForm, OpportunityAssessmentForm, OpportunityForm, RiskAssessmentForm, RiskForm, SupplierReviewForm
from risks.models import ContextIssue, Opportunity, Risk, SupplierReview
from risks.panels import related
from risks.views import OpportunityPage, RiskPage, SupplierReviewPage

WHAT, DECISION, REVIEW = _("What"), _("Decision"), _("Review")
EVENT, AFFECTS, RESPONSE, RESULT, STATE, FMEA = (
    _("What may happen"), _("What it can affect"), _("Who, and what is done"), _("Result"), _("State"), _("Failure mode and effects analysis"),
)  # fmt: skip
WHO, RATINGS, OUTCOME = _("Who"), _("How it does"), _("Outcome")
STATUS_TONES = {"open": "info", "closed": "none"}
DECISION_TONES = {"pursue": "met", "share": "info", "defer": "neutral", "reject": "none"}

issues = registry.add(
    Register(
        slug="issues",
        sub_clause="b",
        model=ContextIssue,
        form=IssueForm,
        filterset=IssueFilter,
        title=_("Issues"),
        singular=_("Issue"),
        new_label=_("New issue"),
        description=_("What inside and outside of the organization bears on its results, climate change among it. Shows that risks and opportunities are determined."),
        search=("title", "description"),
        columns=(
            Column("title", words=("issue", "topic", "thema", "aspekt")),
            Column("side", group=WHAT, words=("internal or external", "context", "intern extern", "kontext")),
            Column("category", group=WHAT, words=("kategorie", "area", "bereich")),
            Column("direction", group=WHAT, words=("effect", "wirkung", "richtung"), tones={"helps": "met", "hinders": "attention", "both": "info"}),
            Column("description", shown=False, group=WHAT, words=("details", "beschreibung")),
            Column("relevance", group=DECISION, words=("relevant", "relevanz"), tones={"relevant": "info", "not_relevant": "none"}),
            Column("relevance_rationale", shown=False, group=DECISION, words=("rationale", "begründung")),
            Column("owner", group=REVIEW, words=("responsible", "verantwortlich")),
            Column("reviewed_on", group=REVIEW, words=("last review", "reviewed", "letzte prüfung", "überprüft am")),
            Column("review_days", shown=False, group=REVIEW, words=("review cycle", "prüfintervall")),
        ),
    )
)


def _assessments(form: Any, parent: str, empty: Any) -> Child:
    return Child(
        name="assessments",
        title=_("Assessments"),
        related_name="assessments",
        parent_field=parent,
        form=form,
        columns=(
            Column("assessed_on"), Column("stage"), Column("likelihood_text", label=_("Likelihood")), Column("consequence_text", label=_("Consequence")),
            Column("score"), Column("level", label=_("Level"), kind="badge_of"), Column("rationale"), Column("assessor"),
        ),
        add_label=_("Assess"),
        empty=empty,
    )  # fmt: skip


def _texts(consequence: tuple[str, ...]) -> tuple[Column, ...]:
    return (
        Column("event", words=("risk", "opportunity", "failure mode", "problem", "failure", "fehler", "fehlerart", "risiko", "chance", "modo de falha", "titel", "title")),
        Column("level", label=_("Level"), kind="badge_of", path="level_name", sort="score", group=EVENT),
        Column("score", group=EVENT, importable=False, shown=False),
        Column("assessed_on", group=EVENT, importable=False),
        Column("cause", shown=False, group=EVENT, words=("causes", "potential cause", "root cause", "ursache", "fehlerursache", "causa")),
        Column("consequence", shown=False, group=EVENT, words=consequence),
    )


def _affects() -> tuple[Column, ...]:
    return (
        Column("affects", group=AFFECTS, words=("affects", "betrifft")),
        Column("requirements", shown=False, words=("requirement", "requirements", "anforderung", "anforderungen", "req")),
        Column("issues", shown=False, words=("issue", "issues", "themen")),
        Column("parties", shown=False, words=("interested parties", "customer", "supplier", "kunde", "lieferant")),
    )


def _state() -> tuple[Column, ...]:
    return (
        Column("status", words=("state", "stand", "status"), tones=STATUS_TONES),
        Column("determined_on", shown=False, group=STATE, words=("date", "identified on", "datum", "ermittelt am", "erkannt am")),
        Column("origin", shown=False, group=STATE, words=("source", "arises from", "quelle", "herkunft")),
        Column("review_days", shown=False, group=STATE, words=("review cycle", "prüfintervall")),
        Column("closing_note", shown=False, group=STATE),
    )


def _with_priority(rows: Any) -> Any:
    return rows.select_related("scale").with_priority()


risks = registry.add(
    Register(
        slug="risks",
        sub_clause="b",
        model=Risk,
        form=RiskForm,
        filterset=RiskFilter,
        title=_("Risks"),
        singular=_("Risk"),
        new_label=_("New risk"),
        description=_("What may harm the conformity of products and services or customers' satisfaction, how grave it is, and what is done. Shows that risks are determined and addressed."),
        search=("event", "cause", "consequence", "item"),
        links=("requirements", "issues", "parties"),
        status="status",
        annotate=_with_priority,
        views={"detail": RiskPage},
        columns=(
            *_texts(("consequences", "effect", "effects", "potential effect", "local effect", "global effect", "impact", "folge", "folgen", "auswirkung", "fehlerfolge", "efeito")),
            *_affects(),
            Column("owner", group=RESPONSE, words=("responsible", "risk owner", "verantwortlich", "eigner", "responsável")),
            Column("response", group=RESPONSE, words=("treatment", "strategy", "maßnahme", "behandlung")),
            Column("response_note", shown=False, group=RESPONSE, words=("comment", "comments", "remark", "remarks", "note", "notes", "bemerkung", "anmerkung", "kommentar")),
            *_state(),
            Column("item", shown=False, group=FMEA, words=("item", "function", "component", "part", "process step", "funktion", "bauteil", "prozessschritt", "fonction", "item function")),
            Column("current_control", shown=False, group=FMEA, words=("current controls", "control", "controls", "failure detection", "detection method", "prevention", "prüfmaßnahme", "vermeidungsmaßnahme")),
            Column("ratings", shown=False, group=FMEA, words=("rating scale",)),
            Column("severity", shown=False, group=FMEA, words=("sev", "s", "bedeutung", "schwere", "severidade")),
            Column("occurrence", shown=False, group=FMEA, words=("occ", "o", "likeliness", "likelihood", "probability", "auftreten", "häufigkeit", "ocorrência")),
            Column("detection", shown=False, group=FMEA, words=("det", "d", "detectability", "detection %", "entdeckung", "detecção")),
            Column("rpn", label=_("Risk priority number"), kind="number", path="rpn", shown=False, group=FMEA, importable=False),
            Column("recommended_action", shown=False, group=FMEA, words=("recommended actions", "action", "actions", "abstellmaßnahme", "empfohlene maßnahme")),
        ),
        children=(
            _assessments(RiskAssessmentForm, "risk", _("Nobody has assessed yet how likely and how grave it is.")),
            Child(
                name="acceptances",
                title=_("Accepted by top management"),
                related_name="acceptances",
                parent_field="risk",
                columns=(
                    Column("accepted_on"), Column("expires_on"), Column("level_name"), Column("score"), Column("rationale"), Column("accepted_by"),
                ),
                add_label=_("Accept"),
                empty=_("Top management has not accepted it."),
            ),
        ),
    )
)  # fmt: skip


def _with_scale(rows: Any) -> Any:
    return rows.select_related("scale")


opportunities = registry.add(
    Register(
        slug="opportunities",
        sub_clause="b",
        model=Opportunity,
        form=OpportunityForm,
        filterset=OpportunityFilter,
        title=_("Opportunities"),
        singular=_("Opportunity"),
        new_label=_("New opportunity"),
        description=_("What could raise conformity or customers' satisfaction, what was decided about it, and what came of it. Shows that opportunities are determined and addressed."),
        search=("event", "cause", "consequence"),
        links=("requirements", "issues", "parties"),
        status="status",
        annotate=_with_scale,
        views={"detail": OpportunityPage},
        columns=(
            *_texts(("benefit", "effect", "nutzen", "impact", "wirkung")),
            *_affects(),
            Column("owner", group=RESPONSE, words=("responsible", "verantwortlich", "eigner")),
            Column("response", group=RESPONSE, words=("decision", "entscheidung"), tones=DECISION_TONES),
            Column("response_note", shown=False, group=RESPONSE, words=("comment", "remark", "bemerkung", "kommentar")),
            Column("expected_result", shown=False, group=RESULT, words=("expected", "expected result", "erwartetes ergebnis")),
            Column("realised_result", shown=False, group=RESULT, words=("realised", "result", "ergebnis")),
            *_state(),
        ),
        children=(_assessments(OpportunityAssessmentForm, "opportunity", _("Nobody has assessed yet how probable and how beneficial it is.")),),
    )
)

supplier_reviews = registry.add(
    Register(
        slug="supplier-reviews",
        sub_clause="b",
        model=SupplierReview,
        form=SupplierReviewForm,
        filterset=SupplierReviewFilter,
        title=_("Suppliers"),
        singular=_("Supplier review"),
        new_label=_("New supplier review"),
        description=_("Periodic looks at external providers and what they mean for customers. Findings become risks or opportunities. Shows that risks are determined."),
        search=("conclusion", "findings", "supplier__name"),
        views={"detail": SupplierReviewPage},
        columns=(
            Column("supplier", group=WHO, words=("external provider", "vendor", "lieferant", "anbieter"), creates={"kind": "external_provider"}),
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

panels.append(related)
