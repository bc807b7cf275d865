"""The report's words on the statements: the summary, and a chapter for each sub-clause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clauses.recorded_after import in_words
from packs.contents import Assertion, Result
from packs.report import charts, language
from packs.report.tables import local

REFERENCES_PRINTED = 24  # exceptions named under a statement; the rest is counted


def summary(assertions: Sequence[Assertion]) -> dict[str, Any]:
    """Return the summary as data for the template.

    It has a sentence, a chart, counts by verb, and what is not met, worst first.
    """
    results = language.result_words()
    counts = {letter: Counter(item["result"] for item in items) for letter, items in _by_sub_clause(assertions)}
    order: list[Result] = ["gap", "no evidence", "attention"]
    return {
        "sentence": _headline(Counter(item["result"] for item in assertions)),
        "results": list(results.items()),
        "groups": [
            {
                "letter": letter,
                "title": language.sub_clause_title(letter),
                "verbs": [[verb, *_counts(found, results)] for verb, found in _by_verb(items)],
            }
            for letter, items in _by_sub_clause(assertions)
        ],
        "open": [_open(item, results) for result in order for item in assertions if item["result"] == result],
        "chart": _results_chart(counts, results),
    }


def chapters(assertions: Sequence[Assertion], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return a chapter for each sub-clause as data for the template.

    It has the verbs of the sub-clause, under each verb the statements with their numbers.
    """
    return [_chapter(letter, items, zone) for letter, items in _by_sub_clause(assertions)]


def _by_sub_clause(assertions: Sequence[Assertion]) -> list[tuple[str, list[Assertion]]]:
    ordered = sorted(assertions, key=lambda assertion: assertion["sub_clause"])  # stable: verbs keep their order
    return [(letter, list(items)) for letter, items in groupby(ordered, key=lambda item: item["sub_clause"])]


def _by_verb(assertions: Sequence[Assertion]) -> list[tuple[str, list[Assertion]]]:
    verbs = dict.fromkeys(assertion["verb"] for assertion in assertions)
    return [(verb, [item for item in assertions if item["verb"] == verb]) for verb in verbs]


def _counts(assertions: Sequence[Assertion], results: dict[Result, str]) -> list[str]:
    found = Counter(item["result"] for item in assertions)
    return [language.number(found[result]) if found[result] else "–" for result in results]


def _open(assertion: Assertion, results: dict[Result, str]) -> dict[str, Any]:
    return {
        "code": assertion["code"],
        "title": assertion["title"],
        "result": assertion["result"],
        "word": results[assertion["result"]],
        "value": assertion["value"],
        "exceptions": language.number(assertion["exceptions"]["count"]),
    }


def _headline(found: Counter[Result]) -> str:
    total = found.total()
    if not total:
        return _("No statement was evaluated.")
    met = ngettext("%(met)s of %(total)s statement is met.", "%(met)s of %(total)s statements are met.", total)
    sentences = [met % {"met": language.number(found["met"]), "total": language.number(total)}]
    if found["gap"]:
        sentences.append(ngettext("%(n)s shows a gap.", "%(n)s show a gap.", found["gap"]) % {"n": found["gap"]})
    if found["attention"]:
        text = ngettext("%(n)s asks for attention.", "%(n)s ask for attention.", found["attention"])
        sentences.append(text % {"n": found["attention"]})
    if found["no evidence"]:
        text = ngettext("For %(n)s there is no evidence.", "For %(n)s there is no evidence.", found["no evidence"])
        sentences.append(text % {"n": found["no evidence"]})
    return " ".join(sentences)


def _results_chart(counts: dict[str, Counter[Result]], results: dict[Result, str]) -> dict[str, Any]:
    alt = [
        f"{letter}: " + ", ".join(f"{results[result]} {found[result]}" for result in results if found[result])
        for letter, found in counts.items()
    ]
    return {"spec": charts.results(counts, results), "width": 100, "alt": f"{_('Bars')}. " + "; ".join(alt)}


def _chapter(letter: str, assertions: Sequence[Assertion], zone: ZoneInfo) -> dict[str, Any]:
    met = sum(item["result"] == "met" for item in assertions)
    text = ngettext("%(met)s of %(total)s statement met", "%(met)s of %(total)s statements met", len(assertions))
    return {
        "letter": letter,
        "title": language.sub_clause_title(letter),
        "sentence": text % {"met": language.number(met), "total": language.number(len(assertions))},
        "trend": _trend_chart(assertions),
        "verbs": [
            {"title": verb, "assertions": [_assertion(item, zone) for item in items]}
            for verb, items in _by_verb(assertions)
        ],
    }


def _assertion(assertion: Assertion, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "code": assertion["code"],
        "title": assertion["title"],
        "statement": assertion["statement"],
        "result": assertion["result"],
        "word": language.result_words()[assertion["result"]],
        "value": assertion["value"],
        "share": _share(assertion),
        "detail": assertion["detail"],
        "facts": _facts(assertion, zone),
        "exceptions": _exceptions(assertion),
    }


def _share(assertion: Assertion) -> str:
    """Return the share in words, unless there is none or the value says the same."""
    n, total = assertion["numerator"], assertion["denominator"]
    if n is None or not total or assertion["value"] in (f"{n}/{total}", f"{n} of {total}"):
        return ""
    counts = {"n": language.number(n), "total": language.number(total)}
    return _("%(n)s of %(total)s") % counts


def _facts(assertion: Assertion, zone: ZoneInfo) -> list[list[str]]:
    facts = [
        [_("Threshold"), assertion["threshold"]],
        [_("Data of"), _when(assertion["data_date"], zone)],
        [_("Recorded later"), in_words(assertion.get("recorded_after"))],
        [_("Clauses"), ", ".join(assertion["clauses"])],
    ]
    return [fact for fact in facts if fact[1]]


def _when(day: str | None, zone: ZoneInfo) -> str:
    """Return a day as it is, a moment as wall-clock time in the organization's zone."""
    moment = local(day, zone) if day and "T" in day else None
    return moment.isoformat(" ", "minutes") if moment else day or ""


def _exceptions(assertion: Assertion) -> dict[str, Any] | None:
    """Return how many rows are exceptions, and each reason with the rows it holds for."""
    count = len(assertion["exceptions"]["references"])
    if not count:
        return None
    return {
        "title": ngettext("%(n)s exception", "%(n)s exceptions", count) % {"n": language.number(count)},
        "reasons": [
            {"text": reason["text"], **_listed(reason["references"])} for reason in assertion["exceptions"]["reasons"]
        ],
    }


def _listed(references: Sequence[str]) -> dict[str, str]:
    rest = len(references) - REFERENCES_PRINTED
    text = ngettext("and %(n)s more in data/evaluation.json", "and %(n)s more in data/evaluation.json", max(rest, 1))
    return {
        "references": ", ".join(references[:REFERENCES_PRINTED]),
        "rest": text % {"n": language.number(rest)} if rest > 0 else "",
    }


def _trend_chart(assertions: Sequence[Assertion]) -> dict[str, Any] | None:
    drawn = [item for item in assertions if charts.has_trend(item)]
    if not drawn:
        return None
    alt = [
        _("%(code)s from %(first)s per cent on %(start)s to %(last)s per cent on %(end)s") % charts.ends(item)
        for item in drawn
    ]
    return {
        "spec": charts.trends(drawn),
        "width": 100 * min(len(drawn), charts.IN_A_ROW) // charts.IN_A_ROW,
        "alt": f"{_('Lines')}. " + "; ".join(alt) + ".",
        "caption": _("Share of rows that meet the statement, in per cent, over time"),
    }
