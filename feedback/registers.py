"""The registers of sub-clause c: feedback, complaints, surveys, enhancements, monitoring methods."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from feedback.filters import ComplaintFilter, EnhancementFilter, FeedbackFilter, MethodFilter, WaveFilter
from feedback.forms import ComplaintForm, EnhancementForm, FeedbackForm, MethodForm, WaveForm
from feedback.models import Complaint, Enhancement, FeedbackItem, SatisfactionMethod, SurveyWave
from feedback.scale_proposals import QUESTIONS
from registers.columns import Column
from registers.questionnaire import Questionnaire
from registers.register import Register, registry

WHO, SAID, SCORE, PRAISE, ORIGIN = (
    _("Who and when"),
    _("What was said"),
    _("Score"),
    _("Praise passed on"),
    _("At the source"),
)
STEPS, ASSESSMENT, OUTCOME, TARGETS = _("Steps"), _("Assessment and investigation"), _("Outcome"), _("Targets")
EFFECT, WHAT = _("Effect"), _("What and for whom")

_CUSTOMER = ("customer", "kunde", "client", "account", "company", "firma")
_PRODUCT = (
    "product",
    "product or service",
    "service",
    "item",
    "item_id",
    "item id",
    "produkt",
    "artikel",
    "leistung",
    "model",
)
_CHANNEL = ("received via", "via", "channel", "submitted via", "kanal", "eingang über")
_TEXT = (
    "text",
    "comment",
    "comments",
    "remark",
    "feedback",
    "narrative",
    "consumer complaint narrative",
    "review",
    "kommentar",
    "bemerkung",
    "beschreibung",
)

_SCALE = {
    "scale_min": ("scale min", "scale from", "minimum", "skala von"),
    "scale_max": ("scale max", "scale to", "maximum", "skala bis"),
    "higher_is_better": ("higher is better", "höher ist besser"),
}

feedback = registry.add(
    Register(
        slug="feedback",
        file_words=("umfrage", "befragung", "survey", "zufriedenheit", "feedback"),
        model=FeedbackItem,
        form=FeedbackForm,
        filterset=FeedbackFilter,
        sub_clause="c",
        title=_("Feedback"),
        singular=_("Feedback"),
        new_label=_("New feedback"),
        description=_(
            "What customers say, from every source and on any scale. Shows that the organization listens, and what "
            "customers perceive (clause 9.1.2)."
        ),
        search=("text", "product", "question", "respondent", "themes", "customer__name"),
        questionnaire=Questionnaire(
            question="question",
            score="score",
            text="text",
            low="scale_min",
            high="scale_max",
            higher_is_better="higher_is_better",
            recommendation="is_recommendation",
            respondent="respondent",
            who=("respondent", "customer"),
            when=("collected_at",),
            source=("source", "survey"),
        ),
        id_words=("comment id", "feedback id", "review id", "response id", "answer id", "respondent id"),
        columns=(
            Column("text", group=SAID, words=(*_TEXT, "customer complaint", "complaint", "beschwerde", "message")),
            Column("product", group=SAID, words=_PRODUCT),
            Column(
                "themes",
                shown=False,
                group=SAID,
                words=("theme", "themes", "topic", "topics", "category", "thema", "themen", "kategorie"),
            ),
            Column("language", shown=False, group=SAID, words=("language", "sprache")),
            Column("source", group=WHO, words=("source", "type", "quelle", "art")),
            Column(
                "collected_at",
                group=WHO,
                words=(
                    "date",
                    "timestamp",
                    "collected",
                    "date received",
                    "received",
                    "submitted",
                    "created",
                    "datum",
                    "zeitpunkt",
                    "erfasst am",
                ),
            ),
            Column("customer", group=WHO, words=_CUSTOMER, creates={"kind": "customer"}),
            Column(
                "respondent",
                shown=False,
                group=WHO,
                words=("respondent", "contact", "user", "user_id", "user id", "name", "befragter", "teilnehmer"),
            ),
            Column(
                "wave",
                shown=False,
                group=WHO,
                words=("survey wave", "wave", "umfrage", "befragung", "welle"),
                creates={},
            ),
            Column("question", shown=False, group=SCORE, words=("question", "frage")),
            Column(
                "is_recommendation",
                shown=False,
                group=SCORE,
                words=("recommendation question", "is recommendation", "nps question", "empfehlungsfrage", "nps-frage"),
            ),
            Column(
                "score",
                shown=False,
                group=SCORE,
                words=("score", "rating", "stars", "answer", "bewertung", "note", "punkte", "antwort"),
            ),
            *(
                Column(name, shown=False, group=SCORE, words=words, asked_with=("score",), question=QUESTIONS[name])
                for name, words in _SCALE.items()
            ),
            Column("normalized", label=_("Score, % of scale"), group=SCORE, importable=False),
            Column("shared_on", shown=False, group=PRAISE, words=("shared on", "weitergegeben am")),
            Column("shared_with", shown=False, group=PRAISE, words=("shared with", "weitergegeben an")),
            Column("channel", shown=False, group=ORIGIN, words=_CHANNEL),
            Column("place", shown=False, group=ORIGIN, words=("place", "city", "ort", "stadt")),
            Column("source_status", shown=False, group=ORIGIN, words=("status", "state of case", "bearbeitungsstand")),
            Column("source_data", shown=False, group=ORIGIN),
        ),
    )
)

complaints = registry.add(
    Register(
        slug="complaints",
        file_words=("rekla", "beschwerde", "complaint"),
        model=Complaint,
        form=ComplaintForm,
        filterset=ComplaintFilter,
        sub_clause="c",
        title=_("Complaints"),
        singular=_("Complaint"),
        new_label=_("New complaint"),
        description=_(
            "Complaints from receipt to closing, held against targets that are frozen when one is recorded. Shows that "
            "the organization responds (ISO 10002)."
        ),
        search=("title", "text", "complainant", "product", "customer__name"),
        id_words=(
            "complaint id",
            "complaint no",
            "complaint number",
            "rekla nr",
            "reklamationsnummer",
            "beschwerdenummer",
        ),
        status="status",
        links=("requirements",),
        columns=(
            Column(
                "title",
                words=("subject", "title", "about", "complaint", "betreff", "beschwerde", "reklamation", "titel"),
                second_words=("customer complaint", "description", "beschreibung"),
            ),
            Column(
                "status",
                importable=False,
                tones={
                    "received": "attention",
                    "acknowledged": "info",
                    "assessed": "info",
                    "investigated": "info",
                    "answered": "info",
                    "closed": "met",
                },
            ),
            Column("clock", label=_("Clock"), kind="badge_of", path="", sort="close_due_at", group=TARGETS),
            Column("acknowledge_due_at", shown=False, group=TARGETS),
            Column("answer_due_at", shown=False, group=TARGETS),
            Column("close_due_at", shown=False, group=TARGETS),
            Column("customer", group=WHO, words=_CUSTOMER, creates={"kind": "customer"}),
            Column(
                "complainant",
                shown=False,
                group=WHO,
                words=("complainant", "name", "contact", "beschwerdeführer", "ansprechpartner"),
            ),
            Column("owner", group=WHO, words=("handled by", "responsible", "assignee", "verantwortlich", "bearbeiter")),
            Column("product", shown=False, group=WHO, words=_PRODUCT),
            Column("channel", shown=False, group=WHO, words=_CHANNEL),
            Column("text", shown=False, group=SAID, words=(*_TEXT, "details")),
            Column("remedy_sought", shown=False, group=SAID, words=("remedy sought", "demand", "forderung")),
            Column(
                "received_at",
                group=STEPS,
                words=("received", "date received", "date", "eingang", "eingegangen am", "datum"),
            ),
            Column("acknowledged_at", shown=False, group=STEPS, words=("acknowledged", "bestätigt am")),
            Column("assessed_at", shown=False, group=STEPS, words=("assessed", "bewertet am")),
            Column("investigated_at", shown=False, group=STEPS, words=("investigated", "untersucht am")),
            Column("responded_at", shown=False, group=STEPS, words=("answered", "responded", "beantwortet am")),
            Column("closed_at", shown=False, group=STEPS, words=("closed", "abgeschlossen am", "erledigt am")),
            Column("severity", shown=False, group=ASSESSMENT, words=("severity", "schwere")),
            Column("safety", shown=False, group=ASSESSMENT, words=("safety", "sicherheit")),
            Column("complexity", shown=False, group=ASSESSMENT, words=("complexity", "komplexität")),
            Column("impact", shown=False, group=ASSESSMENT, words=("impact", "auswirkung")),
            Column(
                "urgency", shown=False, group=ASSESSMENT, words=("urgency", "priority", "dringlichkeit", "priorität")
            ),
            Column("findings", shown=False, group=ASSESSMENT, words=("findings", "cause", "ergebnis", "ursache")),
            Column(
                "nonconformity",
                shown=False,
                group=ASSESSMENT,
                words=("nonconformity", "nichtkonformität", "abweichung"),
                tones={"undecided": "none", "yes": "attention", "no": "neutral"},
            ),
            Column("requirements", shown=False, words=("requirements", "requirement", "anforderungen", "anforderung")),
            Column("remedy_given", shown=False, group=OUTCOME, words=("remedy", "remedy given", "abhilfe")),
            Column("outcome_told", shown=False, group=OUTCOME, words=("outcome told", "mitgeteilt")),
            Column("outcome_told_at", shown=False, group=OUTCOME, words=("outcome told at", "mitgeteilt am")),
            Column(
                "view",
                shown=False,
                group=OUTCOME,
                words=("complainant's view", "satisfied", "zufrieden"),
                tones={"unknown": "none", "satisfied": "met", "not": "gap"},
            ),
        ),
    )
)

surveys = registry.add(
    Register(
        slug="surveys",
        model=SurveyWave,
        form=WaveForm,
        filterset=WaveFilter,
        sub_clause="c",
        title=_("Surveys"),
        singular=_("Survey"),
        new_label=_("New survey"),
        description=_(
            "Surveys sent and rounds of calls, each with the people it asked. Feedback that names its survey gives the "
            "people who answered, and so the response rate (clause 9.1.2)."
        ),
        search=("title", "segment", "channel"),
        columns=(
            Column("title", words=("survey", "wave", "umfrage", "befragung", "welle")),
            Column("segment", group=WHO, words=("segment", "customer segment", "kundengruppe", "kundensegment")),
            Column(
                "asked", group=WHO, words=("people asked", "asked", "invited", "recipients", "befragt", "empfänger")
            ),
            Column("channel", shown=False, group=WHO, words=("asked by", "channel", "kanal")),
            Column("sent_on", group=WHO, words=("sent", "sent on", "start", "versendet am", "beginn")),
            Column("closed_on", group=WHO, words=("closed", "closed on", "end", "ende")),
            Column("owner", group=WHO, words=("owner", "responsible", "verantwortlich")),
        ),
    )
)

enhancements = registry.add(
    Register(
        slug="enhancements",
        file_words=("verbesserung", "kvp", "enhancement"),
        model=Enhancement,
        form=EnhancementForm,
        filterset=EnhancementFilter,
        sub_clause="c",
        title=_("Enhancements"),
        singular=_("Enhancement"),
        new_label=_("New enhancement"),
        description=_(
            "What was done for customers beyond what they required, and the effect measured afterwards. Shows that "
            "satisfaction is enhanced, not only watched."
        ),
        search=("title", "description", "reaction", "segment", "customer__name"),
        links=("feedback",),
        columns=(
            Column("title", words=("enhancement", "what was done", "measure", "verbesserung", "maßnahme", "titel")),
            Column("customer", group=WHAT, words=_CUSTOMER, creates={"kind": "customer"}),
            Column("segment", group=WHAT, words=("segment", "kundengruppe")),
            Column("description", shown=False, group=WHAT, words=("description", "details", "beschreibung")),
            Column("owner", group=WHO, words=("done by", "responsible", "by", "verantwortlich", "durch")),
            Column("done_on", group=WHO, words=("done", "done on", "date", "datum", "erledigt am")),
            Column("cost", shown=False, group=WHO, words=("cost", "amount", "kosten", "betrag")),
            Column("currency", shown=False, group=WHO, words=("currency", "währung")),
            Column("reaction", shown=False, group=EFFECT, words=("reaction", "reaktion")),
            Column("expected_effect", shown=False, group=EFFECT, words=("expected effect", "erwartete wirkung")),
            Column("measure_due_on", shown=False, group=EFFECT, words=("measure by", "zu messen bis")),
            Column(
                "measured_effect", group=EFFECT, words=("measured effect", "effect", "wirkung", "gemessene wirkung")
            ),
            Column("measured_on", group=EFFECT, words=("measured", "measured on", "gemessen am")),
            Column("feedback", shown=False),
        ),
    )
)

methods = registry.add(
    Register(
        slug="methods",
        file_words=("methode", "monitoring"),
        model=SatisfactionMethod,
        form=MethodForm,
        filterset=MethodFilter,
        sub_clause="c",
        title=_("Monitoring methods"),
        singular=_("Monitoring method"),
        new_label=_("New method"),
        description=_(
            "How the perceptions of each customer segment are obtained, monitored and reviewed: method, population, "
            "frequency and owner (clause 9.1.2)."
        ),
        search=("segment", "method"),
        ordering="segment",
        columns=(
            Column("segment", words=("segment", "customer segment", "kundengruppe", "kundensegment")),
            Column("method", words=("method", "methode", "verfahren")),
            Column("population_size", group=WHO, words=("population", "population size", "grundgesamtheit")),
            Column("frequency_days", group=WHO, words=("frequency", "days", "häufigkeit", "intervall")),
            Column("owner", group=WHO, words=("owner", "responsible", "verantwortlich")),
            Column("last_used_on", group=WHO, words=("last used", "zuletzt")),
            Column("due_on", label=_("Next due"), kind="date", path="", sort="", group=WHO, importable=False),
        ),
    )
)
