"""The evaluation as shown to a signer, signed, and compared with what it came to later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.cache import cache

from clauses import periods
from clauses.assertion import Period, Result
from clauses.evaluation import FRESH, ask, evaluate, exceptions_of
from clauses.evaluation import as_json as plain_evaluation
from organizations import clock
from organizations.scope import current_organization
from trail.cache_version import position
from trail.sealing.canonical import as_json, canonical_bytes

#: Results that ask for a decision before a period is signed: rows fall short, or there is nothing that could show it.
OPEN = (Result.GAP.value, Result.NO_EVIDENCE.value)
#: Parts of an evaluation that say when it was made: two that differ in them alone say the same.
_MOMENTS = ("moment", "data_date")

Plain = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """A statement of the clause that came to something else than before.

    ``before`` or ``after`` is empty where the statement wasn't there.
    """

    code: str
    title: str
    before: str
    after: str
    value_before: str
    value_after: str
    #: Whether only other rows are exceptions now, and the result is the same.
    other_rows: bool = False


def evaluated(period: Period, moment: datetime | None = None) -> Plain:
    """Return the evaluation of a moment as plain values, with the references of all exceptions.

    The moment is now unless given.
    """
    question = ask(period, moment)
    evaluation = evaluate(question)
    found: Plain = as_json(plain_evaluation(evaluation, exceptions_of(evaluation, question)))
    return found


def evaluated_lately(period: Period) -> Plain:
    """Return the same from the cache, for pages.

    Made again when a row changed, after midnight, or after some minutes; of the past, always.
    """
    if clock.travelled_to():
        return evaluated(period)
    organization = current_organization()
    key = f"evaluated:{organization.pk}:{position()}:{periods.code(period)}:{organization.today():%Y-%m-%d}:{organization.edition}"
    found: Plain | None = cache.get(key)
    if found is None:
        found = evaluated(period)
        cache.set(key, found, FRESH)
    return found


def gaps(evaluation: Plain) -> list[Plain]:
    """Return the statements that ask for a decision, in the order of their codes."""
    return [entry for entry in evaluation["assertions"] if entry["result"] in OPEN]


def fingerprints(evaluation: Plain) -> dict[str, list[str]]:
    """Return for each statement its result, its value, and a digest of all it says.

    That is what a signer saw, small enough for a form.
    """
    return {
        entry["code"]: [
            entry["result"],
            entry["value"],
            sha256(canonical_bytes({name: entry[name] for name in entry if name not in _MOMENTS})).hexdigest(),
        ]
        for entry in evaluation["assertions"]
    }


def digest_of(evaluation: Plain) -> str:
    """Return the SHA-256 of what an evaluation says, whenever it was made."""
    said = {name: evaluation[name] for name in evaluation if name not in (*_MOMENTS, "assertions", "records")}
    return sha256(canonical_bytes(said | {"assertions": fingerprints(evaluation)})).hexdigest()


def unlike(seen: Mapping[str, Any], evaluation: Plain) -> list[Difference]:
    """Return where an evaluation differs from one whose :func:`fingerprints` were kept."""
    now, titles = fingerprints(evaluation), {entry["code"]: entry["title"] for entry in evaluation["assertions"]}
    nothing = ["", "", ""]
    return [
        _difference(code, titles.get(code, code), seen.get(code, nothing), now.get(code, nothing))
        # By letter, then number: a2 comes before a10.
        for code in sorted({*seen, *now}, key=lambda code: (code[:1], int(code[1:])))
        if seen.get(code, nothing) != now.get(code, nothing)
    ]


def differences(before: Plain, after: Plain) -> list[Difference]:
    """Return the statements whose result, or whose exceptions, differ between two evaluations."""
    then, now = ({entry["code"]: entry for entry in each["assertions"]} for each in (before, after))
    found = []
    for code in dict.fromkeys([*then, *now]):
        old, new = then.get(code), now.get(code)
        if _outcome(old) != _outcome(new):
            title = str((new or old or {})["title"])
            found.append(_difference(code, title, _said(old), _said(new)))
    return found


def _outcome(entry: Plain | None) -> Any:
    return entry and (entry["result"], set(entry["exceptions"]["references"]))


def _said(entry: Plain | None) -> list[str]:
    return [entry["result"], entry["value"]] if entry else ["", ""]


def _difference(code: str, title: str, before: list[str], after: list[str]) -> Difference:
    return Difference(code, title, before[0], after[0], before[1], after[1], other_rows=before[0] == after[0])
