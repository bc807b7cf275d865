"""The registers of sub-clause a."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from organizations.models import Targets
from organizations.scope import current_organization
from registers.columns import Column
from registers.register import Child, Register, registry
from requirements_registry.filters import (
    ConformityCheckFilter,
    InterestedPartyFilter,
    RequirementFilter,
    WatchEntryFilter,
)
from requirements_registry.forms import (
    ConformityCheckForm,
    InterestedPartyForm,
    RequirementForm,
    RequirementReviewForm,
    WatchEntryForm,
)
from requirements_registry.models import ConformityCheck, InterestedParty, Requirement, WatchEntry
from requirements_registry.querysets import with_status
from requirements_registry.views import RequirementPage

RESULT_TONES = {"met": "met", "partly": "attention", "not_met": "gap"}
WHAT, WHOSE, SOURCE, APPLICABLE = (
    _("What is required"),
    _("Whose, and who answers for it"),
    _("Source"),
    _("Applicability"),
)
TOUCHES, REVIEW = _("What it touches"), _("Review and checks")
PARTY, CUSTOMER, ADDRESSED, PARTY_REVIEW = _("Who"), _("As a customer"), _("Requirements addressed"), _("Review")
CHECKED, FOUND = _("What was checked"), _("What was found")
LOOK, IMPACT = _("The look"), _("If it has changed")


def _with_status() -> Any:
    today = current_organization().today()
    return with_status(Requirement, today, Targets.objects.in_force(today))


requirements = registry.add(
    Register(
        slug="requirements",
        file_words=("anforderung", "requirement", "rechtskataster", "norm", "gesetz"),
        sub_clause="a",
        model=Requirement,
        form=RequirementForm,
        filterset=RequirementFilter,
        title=_("Requirements"),
        singular=_("Requirement"),
        new_label=_("New requirement"),
        description=_("What customers, laws, authorities and the organization itself require of its products and services. Shows that requirements are determined, understood and consistently met."),
        search=("title", "statement", "source", "source_clause", "category"),
        id_words=("req id", "requirement id", "requirement no", "requirement number", "anforderungs nr", "anforderungs id"),
        status="status",
        annotate=_with_status,
        views={"detail": RequirementPage},
        columns=(
            Column("title", words=("heading", "name", "subject", "summary", "short text", "überschrift", "titel", "bezeichnung", "betreff", "kurztext")),
            Column("statement", shown=False, group=WHAT, words=("requirement", "text", "description", "requirement text", "shall", "wortlaut", "anforderung", "beschreibung", "inhalt")),
            Column("criterion", shown=False, group=WHAT, words=("criterion", "fit criterion", "acceptance", "verification", "abnahmekriterium", "kriterium")),
            Column("kind", group=WHAT, words=("type", "requirement type", "art", "typ")),
            Column("source_text", label=_("Stated in"), path="", sort="source"),
            Column("state", label=_("State"), kind="badge_of", path="", sort=""),
            Column("conformity", label=_("Conformity"), path="", sort=""),
            Column("category", shown=False, group=WHAT, words=("family", "part", "group", "class", "chapter", "kategorie", "kapitel", "gruppe", "teil")),
            Column("criticality", shown=False, group=WHAT, words=("priority", "importance", "priorität", "wichtigkeit", "kritikalität")),
            Column("guidance", shown=False, group=WHAT, words=("notes", "note", "remarks", "comment", "rationale", "discussion", "hinweis", "hinweise", "bemerkung", "anmerkung")),
            Column("interested_party", shown=False, group=WHOSE, words=("customer", "client", "party", "stakeholder", "kunde", "interessierte partei", "auftraggeber"), creates={"kind": "customer"}),
            Column("owner", group=WHOSE, words=("responsible", "process owner", "verantwortlich", "verantwortlicher", "eigner")),
            Column("status", shown=False, group=WHOSE, words=("lifecycle", "stand"),
                   tones={"draft": "neutral", "in_review": "info", "active": "met", "superseded": "none", "withdrawn": "none", "not_applicable": "none"}),
            Column("version", shown=False, group=WHOSE, importable=False),
            Column("source", shown=False, group=SOURCE, words=("citation", "publication", "document", "law", "gesetz", "rechtsvorschrift", "standard", "regulation", "contract", "norm", "fundstelle", "quelle", "vertrag")),
            Column("source_clause", shown=False, group=SOURCE, words=("clause", "control", "section", "paragraph", "article", "klausel", "abschnitt", "paragraf", "artikel"), second_words=("fundstelle",)),
            Column("source_link", shown=False, group=SOURCE, words=("link", "url", "address", "verweis")),
            Column("source_issued_on", shown=False, group=SOURCE, words=("issued", "issue date", "published", "ausgabe", "ausgabedatum", "stand vom")),
            Column("effective_on", shown=False, group=SOURCE, words=("effective", "effective date", "effective on", "valid from", "in force", "gültig ab", "in kraft", "gilt ab")),
            Column("jurisdiction", shown=False, group=SOURCE, words=("scope", "territory", "country", "geltungsbereich", "land", "rechtsraum")),
            Column("supersedes", shown=False, group=SOURCE, words=("replaces", "ersetzt")),
            Column("applicable", shown=False, group=APPLICABLE, words=("applicable", "applies", "anwendbar", "zutreffend")),
            Column("justification", shown=False, group=APPLICABLE, words=("reason", "begründung")),
            Column("decided_by", shown=False, group=APPLICABLE, words=("decider", "entschieden von")),
            Column("decided_on", shown=False, group=APPLICABLE, words=("decision date", "entschieden am")),
            Column("products", shown=False, group=TOUCHES, words=("product", "products", "services", "produkt", "produkte")),
            Column("processes", shown=False, group=TOUCHES, words=("process", "prozess", "prozesse")),
            Column("next_review", label=_("Next review"), kind="date"),
            Column("last_reviewed_on", shown=False, group=REVIEW, words=("reviewed", "reviewed on", "last reviewed", "letzte prüfung", "überprüft am")),
            Column("review_days", shown=False, group=REVIEW, words=("review cycle", "prüfintervall")),
            Column("check_days", shown=False, group=REVIEW, words=("check cycle", "kontrollintervall")),
        ),
        children=(
            Child(
                name="checks",
                title=_("Conformity checks"),
                related_name="current_checks",
                parent_field="requirement",
                register="checks",
                columns=(Column("reference"), Column("checked_on"), Column("result", tones=RESULT_TONES), Column("measured"), Column("method"), Column("checker")),
                add_label=_("Record a check"),
                empty=_("Nobody has checked yet whether it is met."),
            ),
            Child(
                name="acknowledgements",
                title=_("Understood by"),
                related_name="acknowledgements",
                parent_field="requirement",
                columns=(Column("person"), Column("version"), Column("words"), Column("acknowledged_at")),
                add_label=_("Acknowledge"),
                empty=_("Nobody has acknowledged it yet."),
            ),
            Child(
                name="versions",
                title=_("Versions"),
                related_name="versions",
                parent_field="requirement",
                columns=(Column("number"), Column("effective_on"), Column("statement"), Column("reason"), Column("author"), Column("tell"), Column("criterion")),
                add_label=_("New version"),
                empty=_("No version is kept."),
            ),
            Child(
                name="reviews",
                title=_("Reviews before commitment"),
                related_name="reviews",
                parent_field="requirement",
                form=RequirementReviewForm,
                columns=(
                    Column("reviewed_on"), Column("version"), Column("result", tones={"accepted": "met", "changes": "attention", "refused": "gap"}),
                    Column("differences"), Column("resolved"), Column("reviewer"),
                ),
                add_label=_("Record a review"),
                empty=_("It has not been reviewed before commitment (clause 8.2.3)."),
            ),
            Child(
                name="watch",
                title=_("Legal watch"),
                related_name="current_watch_entries",
                parent_field="requirement",
                register="legal-watch",
                columns=(Column("reference"), Column("looked_on"), Column("changed"), Column("impact"), Column("impact_due_on"), Column("impact_closed_on")),
                add_label=_("Record a look"),
                empty=_("Nobody has looked yet whether its source has changed."),
            ),
        ),
    )
)  # fmt: skip

parties = registry.add(
    Register(
        slug="interested-parties",
        file_words=("interessierte", "stakeholder", "kundenliste"),
        sub_clause="a",
        model=InterestedParty,
        form=InterestedPartyForm,
        filterset=InterestedPartyFilter,
        title=_("Interested parties"),
        singular=_("Interested party"),
        new_label=_("New interested party"),
        description=_(
            "Customers, regulators, external providers and others whose needs matter, and which of their requirements are addressed. Shows that requirements are determined."
        ),
        search=("name", "segment", "relevance"),
        columns=(
            Column("name", words=("customer", "company", "party", "organization", "kunde", "firma", "organisation")),
            Column("kind", group=PARTY, words=("type", "art", "typ")),
            Column("relevant", group=PARTY, words=("relevanz",)),
            Column(
                "relevance",
                shown=False,
                group=PARTY,
                words=("needs", "expectations", "needs and expectations", "erwartungen", "bedürfnisse"),
            ),
            Column("monitoring", shown=False, group=PARTY, words=("monitoring method", "überwachung")),
            Column("segment", group=CUSTOMER, words=("market", "customer group", "kundengruppe", "markt")),
            Column("is_key_customer", group=CUSTOMER, words=("key account", "schlüsselkunde")),
            Column("language", shown=False, group=CUSTOMER, words=("sprache",)),
            Column("addressed", shown=False, group=ADDRESSED, words=("requirements", "addressed", "anforderungen")),
            Column("addressed_on", shown=False, group=ADDRESSED, words=("decision date", "entschieden am")),
            Column(
                "last_reviewed_on",
                group=PARTY_REVIEW,
                words=("reviewed", "reviewed on", "letzte prüfung", "überprüft am"),
            ),
            Column("review_days", shown=False, group=PARTY_REVIEW, words=("review cycle", "prüfintervall")),
        ),
        children=(
            Child(
                name="requirements",
                title=_("Its requirements"),
                related_name="current_requirements",
                parent_field="interested_party",
                register="requirements",
                columns=(
                    Column("reference"),
                    Column("title"),
                    Column("kind"),
                    Column("status", tones={"active": "met", "in_review": "info"}),
                    Column("owner"),
                ),
                add_label=_("New requirement"),
                empty=_("No requirement of this party is recorded."),
            ),
        ),
    )
)

checks = registry.add(
    Register(
        slug="checks",
        file_words=("prüfung", "pruefung", "check", "messung"),
        sub_clause="a",
        model=ConformityCheck,
        form=ConformityCheckForm,
        filterset=ConformityCheckFilter,
        title=_("Checks"),
        singular=_("Check"),
        new_label=_("Record a check"),
        description=_("Every look at whether a requirement is met. Shows that requirements are consistently met."),
        search=("method", "measured"),
        status="result",
        columns=(
            Column("requirement", group=CHECKED, words=("anforderung", "requirement id", "req")),
            Column("checked_on", group=CHECKED, words=("date", "check date", "datum", "prüfdatum", "geprüft am")),
            Column("result", words=("outcome", "verdict", "ergebnis", "bewertung"), tones=RESULT_TONES),
            Column("measured", group=FOUND, words=("value", "measurement", "actual", "messwert", "istwert")),
            Column("method", group=CHECKED, words=("check", "test", "methode", "prüfung", "verfahren")),
            Column("sample_size", shown=False, group=FOUND, words=("n", "sample", "stichprobe", "umfang")),
            Column(
                "criterion", shown=False, group=FOUND, words=("acceptance criterion", "target", "kriterium", "sollwert")
            ),
            Column("checker", group=CHECKED, words=("checked by", "inspector", "prüfer", "geprüft von")),
            Column("evidence", shown=False, group=FOUND, words=("note", "proof", "record", "nachweis", "beleg")),
        ),
    )
)

watch = registry.add(
    Register(
        slug="legal-watch",
        file_words=("legal watch", "rechtsänderung"),
        sub_clause="a",
        model=WatchEntry,
        form=WatchEntryForm,
        filterset=WatchEntryFilter,
        title=_("Legal watch"),
        singular=_("Look at a source"),
        new_label=_("Record a look"),
        description=_(
            "Looks at laws, regulations and other sources, what changed and what it means. Shows that requirements stay determined."
        ),
        search=("impact",),
        columns=(
            Column("requirement", group=LOOK, words=("anforderung", "requirement id", "req")),
            Column("looked_on", group=LOOK, words=("date", "datum", "geprüft am")),
            Column("changed", group=LOOK, words=("change", "geändert", "änderung")),
            Column("looked_by", group=LOOK, words=("checked by", "geprüft von")),
            Column("impact", group=IMPACT, words=("impact assessment", "auswirkung", "folgen")),
            Column("impact_due_on", group=IMPACT, words=("due", "frist", "fällig")),
            Column("impact_closed_on", shown=False, group=IMPACT, words=("closed", "erledigt am")),
        ),
    )
)
