"""The columns that risks and opportunities share.

And those of a failure mode and effects analysis.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from registers.columns import Column
from registers.register import Child

EVENT, AFFECTS, RESPONSE = _("What may happen"), _("What it can affect"), _("Who, and what is done")
RESULT, STATE, FMEA = _("Result"), _("State"), _("Failure mode and effects analysis")

STATUS_TONES = {"open": "info", "closed": "none"}
#: What registers and analyses call the event; the last are German and Portuguese.
_EVENT_WORDS = (
    *("risk", "opportunity", "failure mode", "problem", "failure", "title"),
    *("risiko", "chance", "fehler", "fehlerart", "titel", "modo de falha"),
)


def texts(consequence: tuple[str, ...]) -> tuple[Column, ...]:
    """Return the columns of event, level, cause and consequence.

    Args:
        consequence: the header words of the last.
    """
    return (
        Column("event", words=_EVENT_WORDS),
        Column("level", label=_("Level"), kind="badge_of", path="level_name", sort="score", group=EVENT),
        Column("score", group=EVENT, importable=False, shown=False),
        Column("assessed_on", group=EVENT, importable=False),
        Column(
            "cause",
            shown=False,
            group=EVENT,
            words=("causes", "potential cause", "root cause", "ursache", "fehlerursache", "causa"),
        ),
        Column("consequence", shown=False, group=EVENT, words=consequence),
    )


def affected() -> tuple[Column, ...]:
    """Return the columns of what a risk or opportunity can affect."""
    return (
        Column("affects", group=AFFECTS, words=("betrifft",)),
        Column("requirements", shown=False, words=("requirement", "req", "anforderung", "anforderungen")),
        Column("issues", shown=False, words=("issue", "themen")),
        Column("parties", shown=False, words=("interested parties", "customer", "supplier", "kunde", "lieferant")),
    )


def state() -> tuple[Column, ...]:
    """Return the columns of whether it still counts, since when, and where it comes from."""
    return (
        Column("status", words=("state", "stand"), tones=STATUS_TONES),
        Column(
            "determined_on",
            shown=False,
            group=STATE,
            words=("date", "identified on", "datum", "ermittelt am", "erkannt am"),
        ),
        Column("origin", shown=False, group=STATE, words=("source", "arises from", "quelle", "herkunft")),
        Column("review_days", shown=False, group=STATE, words=("review cycle", "prüfintervall")),
        Column("closing_note", shown=False, group=STATE),
    )


def analysis() -> tuple[Column, ...]:
    """Return the columns of a failure mode and effects analysis.

    The priority is worked out, never imported.
    """
    words = {
        "item": (
            *("item", "function", "component", "part", "process step", "item function"),
            *("funktion", "bauteil", "prozessschritt", "fonction"),
        ),
        "current_control": (
            *("current controls", "control", "controls", "failure detection", "detection method", "prevention"),
            *("prüfmaßnahme", "vermeidungsmaßnahme"),
        ),
        "ratings": ("rating scale",),
        "severity": ("sev", "s", "bedeutung", "schwere", "severidade"),
        "occurrence": (
            *("occ", "o", "likeliness", "likelihood", "probability"),
            *("auftreten", "häufigkeit", "ocorrência"),
        ),
        "detection": ("det", "d", "detectability", "detection %", "entdeckung", "detecção"),
        "recommended_action": ("recommended actions", "action", "actions", "abstellmaßnahme", "empfohlene maßnahme"),
    }
    priority = Column(
        "rpn", label=_("Risk priority number"), kind="number", path="rpn", shown=False, group=FMEA, importable=False
    )
    return (*(Column(name, shown=False, group=FMEA, words=known) for name, known in words.items()), priority)


def assessments(form: Any, parent: str, empty: Any) -> Child:
    """Return the part of a record's page that lists its assessments.

    Args:
        form: the form that adds one.
        parent: name of an assessment's key to its record.
        empty: what to say where there is none.
    """
    return Child(
        name="assessments",
        title=_("Assessments"),
        related_name="assessments",
        parent_field=parent,
        form=form,
        columns=(
            Column("assessed_on"),
            Column("stage"),
            Column("likelihood_text", label=_("Likelihood")),
            Column("consequence_text", label=_("Consequence")),
            Column("score"),
            Column("level", label=_("Level"), kind="badge_of"),
            Column("rationale"),
            Column("assessor"),
        ),
        add_label=_("Assess"),
        empty=empty,
    )
