"""A sign-off as a document: one set of plain values for every place that shows it.

The page to sign, the signed page and the PDF are all made from them.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from itertools import groupby
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clauses import periods
from clauses.addresses import rows_url
from clauses.assertion import SUB_CLAUSES, Period, Result, assertions
from clauses.recorded_after import in_words
from registers.formatting import text_of
from registers.register import registry
from reviews.models import Conclusion, Method
from reviews.sign_off.snapshot import Difference, Plain
from trail.sealing import keys, signed_notes
from trail.sealing.signed_notes import BadNote

TONES = {"gap": "gap", "no evidence": "none", "attention": "attention", "met": "met", "not applicable": "na"}
#: References of exceptions that are named; the rest is counted.
NAMED = 12


def moment_of(text: str) -> datetime:
    """Return a moment as statements write it."""
    return datetime.fromisoformat(text)


def title_of(period: Period, *, interim: bool) -> str:
    """Return ``Sign-off, July to September 2026``."""
    words = {"period": periods.in_words(period)}
    return _("Interim sign-off, %(period)s") % words if interim else _("Sign-off, %(period)s") % words


def evaluated_in_words(evaluation: Plain, seal: Plain | None) -> str:
    """Return a line such as ``Judged as of …, as evaluated on …, from 4,318 records, sealed under head 1,204.``

    Without a seal (before signing) the line ends after the records. What was recorded after the period ended is said behind.
    """
    words = {
        "day": _day(evaluation["judged_on"]),
        "moment": text_of(moment_of(evaluation["moment"])),
        "records": f"{evaluation['records']:,}",
        "head": f"{seal['number']:,}" if seal else "",
    }
    said = (
        _("Judged as of %(day)s, as evaluated on %(moment)s, from %(records)s records, sealed under head %(head)s.")
        if seal
        else _("Judged as of %(day)s, as evaluated on %(moment)s, from %(records)s records.")
    ) % words
    late = in_words(evaluation["recorded_after"])
    return f"{said} {late}." if late else said


def gap_count(count: int, waiting: int | None = None) -> str:
    """Return the heading above the open gaps.

    Args:
        count: how many there are.
        waiting: how many of them nobody has decided about; not said unless given.
    """
    if not count:
        return _("No gap stands open")
    if waiting is not None and waiting < count:
        words = {"waiting": waiting, "count": count}
        return (
            ngettext(
                "%(waiting)s of %(count)s open gaps waits for your decision",
                "%(waiting)s of %(count)s open gaps wait for your decision",
                waiting,
            )
            % words
        )
    return ngettext("%(count)s gap stands open", "%(count)s gaps stand open", count) % {"count": count}


def line_of(entry: Plain, period: Period) -> dict[str, Any]:
    """Return one statement of the clause with its result and the way to the rows behind it."""
    result, references = Result(entry["result"]), entry["exceptions"]["references"]
    assertion, rest = assertions.get(entry["code"]), len(references) - NAMED
    return {
        "code": entry["code"],
        "title": entry["title"],
        "statement": entry["statement"],
        "tone": TONES[entry["result"]],
        "label": str(result.label),
        "value": entry["value"],
        "detail": " · ".join(filter(None, (entry["detail"], in_words(entry["recorded_after"])))),
        "url": rows_url(assertion, period, everything=not references) if assertion else "",
        "rows": ngettext("Show the row", "Show the %(count)s rows", len(references)) % {"count": f"{len(references):,}"}
        if references
        else _("Show the rows"),
        "references": [_reference(each) for each in references[:NAMED]],
        "rest": ngettext("and %(count)s more", "and %(count)s more", rest) % {"count": f"{rest:,}"} if rest > 0 else "",
    }


def _reference(reference: str) -> dict[str, str]:
    register = registry.of_reference(reference)
    return {"reference": reference, "url": register.url("detail", reference) if register else ""}


def parts_of(evaluation: Plain, period: Period) -> list[dict[str, Any]]:
    """Return the sub-clauses, under each its verbs, under each its statements."""
    entries = evaluation["assertions"]
    return [
        {
            "letter": letter,
            "title": str(title),
            "met": sum(entry["result"] == Result.MET for entry in entries if entry["sub_clause"] == letter),
            "total": sum(
                entry["result"] != Result.NOT_APPLICABLE for entry in entries if entry["sub_clause"] == letter
            ),
            "verbs": [
                {"title": verb, "lines": [line_of(entry, period) for entry in of_verb]}
                for verb, of_verb in groupby(
                    sorted((e for e in entries if e["sub_clause"] == letter), key=lambda e: _verb_order(entries, e)),
                    key=lambda entry: entry["verb"],
                )
            ],
        }
        for letter, title in SUB_CLAUSES.items()
    ]


def _verb_order(entries: list[Plain], entry: Plain) -> int:
    """Order verbs as the clause has them: by their first statement."""
    return next(index for index, each in enumerate(entries) if each["verb"] == entry["verb"])


def decision_in_words(gap: Plain) -> str:
    """Return what was decided about a gap, in a line.

    ``Action ACT-0231, …: Process Owner, due 16 Oct 2026`` or ``Accepted until …: why``.
    """
    if action := gap["action"]:
        words = {
            "reference": action["reference"],
            "title": action["title"],
            "owner": action["owner"] or _("nobody named"),
            "due": _day(action["due_on"]) or _("no due date"),
        }
        return _("Action %(reference)s, %(title)s: %(owner)s, due %(due)s") % words
    if gap["decision"] == "not relevant":
        return _("Not relevant until %(day)s: %(reason)s") % {"day": _day(gap["until"]), "reason": gap["reason"]}
    if gap["until"]:
        return _("Accepted until %(day)s: %(reason)s") % {"day": _day(gap["until"]), "reason": gap["reason"]}
    return _("Accepted: %(reason)s") % {"reason": gap["reason"]}


def action_url(gap: Plain) -> str:
    """Return the page of the action that was decided on; empty where the gap was accepted."""
    return str(_reference(gap["action"]["reference"])["url"]) if gap["action"] else ""


def _day(text: str | None) -> str:
    return text_of(date.fromisoformat(text)) if text else ""


def conclusion_in_words(concluded: Plain) -> str:
    """Return the conclusion on a sub-clause, in words."""
    return str(Conclusion(concluded["conclusion"]).label)


def signature_of(content: Plain) -> dict[str, str]:
    """Return what a signature shows (21 CFR 11.50).

    Printed name, job title, time with zone, method and meaning.
    """
    moment, zone = moment_of(content["signed_at"]), content["time_zone"]
    return {
        "name": content["signer"]["name"],
        "job_title": content["signer"]["job_title"],
        "moment": f"{moment:%Y-%m-%d %H:%M:%S %z} ({zone})",
        "method": str(Method(content["authentication"]["method"]).label),
        "meaning": content["meaning"],
    }


def difference_in_words(difference: Difference) -> str:
    """Return ``b8 Risks above appetite addressed: Met 12/12 → Gap 11/12``."""
    words = {
        "code": difference.code,
        "title": difference.title,
        "before": _result(difference.before, difference.value_before),
        "after": _result(difference.after, difference.value_after),
    }
    if difference.other_rows and difference.value_before == difference.value_after:
        return _("%(code)s %(title)s: %(after)s, but other rows") % words
    return _("%(code)s %(title)s: %(before)s → %(after)s") % words


def _result(result: str, value: str) -> str:
    return f"{Result(result).label} {value}" if result else _("not asked")


def key_of(note: str) -> Ed25519PublicKey | None:
    """Return the public key that signed a head of ours; None where none of ours did.

    Every key that signed since the first is tried, replaced ones too.
    """
    for key in keys.public_keys():
        with suppress(BadNote):
            signed_notes.verify(note, [key])
            return key
    return None
