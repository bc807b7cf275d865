"""The columns that risks and opportunities share.

And those of a failure mode and effects analysis.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from organizations.scope import current_organization
from registers.columns import Column, Numbers, Question
from registers.register import Child
from risks.models.risk import FMEA as FMEA_NUMBERS
from risks.models.risk import RATING_ENDS
from risks.models.scale import scale_on

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
            words=("date", "date identified", "identified on", "datum", "ermittelt am", "erkannt am"),
        ),
        Column(
            "origin",
            shown=False,
            group=STATE,
            of_any_register=True,
            words=("source", "arises from", "quelle", "herkunft"),
        ),
        Column("review_days", shown=False, group=STATE, words=("review cycle", "prüfintervall")),
        Column("closing_note", shown=False, group=STATE),
    )


def _proposed_scale(numbers: Numbers) -> str:
    """Propose the scale on which numbers are: the organization's own where they fit it, else the shortest that holds them.

    Numbers a little beyond ten steps are likelier a slip than per cent: then nothing is proposed.
    """
    low, high = numbers.low, numbers.high
    levels = len(scale_on(current_organization().today()).risk_grid.likelihood)
    fits = [code for code, (lowest, highest) in RATING_ENDS.items() if lowest <= low and high <= highest]
    if fits == ["percent"] and high <= 2 * RATING_ENDS["ten"][1]:
        return ""
    return next((code for code in fits if RATING_ENDS[code][1] == levels), fits[0] if fits else "")


#: What an import asks for where it brings numbers that mean nothing without, and how it takes numbers under a text's name.
_ASKED: dict[str, dict[str, Any]] = {
    "ratings": {"asked_with": FMEA_NUMBERS, "question": Question(_proposed_scale)},
    # “Impact” 5 is how grave it is, not what it leads to.
    "severity": {"numbers_of": "consequence"},
}


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
        "ratings": ("rating scale", "scale of ratings", "bewertungsskala"),
        "severity": (
            "sev",
            "s",
            "bedeutung",
            "schwere",
            "severidade",
            "schadensausmaß",
        ),
        "occurrence": (
            *("occ", "o", "likeliness", "likelihood", "probability", "p"),
            *("auftreten", "häufigkeit", "ocorrência", "eintrittswahrscheinlichkeit", "wahrscheinlichkeit"),
        ),
        "detection": ("det", "d", "detectability", "detection %", "entdeckung", "detecção"),
        "recommended_action": ("recommended actions", "action", "actions", "abstellmaßnahme", "empfohlene maßnahme"),
    }
    priority = Column(
        "rpn", label=_("Risk priority number"), kind="number", path="rpn", shown=False, group=FMEA, importable=False
    )
    return (
        *(Column(name, shown=False, group=FMEA, words=known, **_ASKED.get(name, {})) for name, known in words.items()),
        priority,
    )


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
