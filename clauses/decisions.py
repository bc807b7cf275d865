"""What top management decided about gaps, as overview and lists show it. The app that keeps the decisions says it here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from clauses.assertion import Assertion, Period, Question, Result, Terms, assertions
from clauses.evaluation import Outcome
from organizations.request import OrganizationRequest
from organizations.scope import outside_of_organizations
from organizations.subqueries import KeptCounts

#: Results that top management decides about: rows fall short, or there is nothing that could show it.
OPEN = (Result.GAP, Result.NO_EVIDENCE)


@dataclass(frozen=True)
class Decided:
    """A decision that holds about a gap.

    Attributes:
        text: in a few words, ``accepted until 31 Dec 2026``.
        reason: why, or what is done.
        by: who decided, and when.
    """

    text: str
    reason: str
    by: str


#: Function of the question and outcomes that gives the decisions that hold, by code; a fixed number of queries.
sources: list[Callable[[Question, Iterable[Outcome]], dict[str, Decided]]] = []

#: Function of request, code and period that gives the address where the person decides on a gap; empty where they may not.
ways: list[Callable[[OrganizationRequest, str, Period], str]] = []


def way_to_decide(request: OrganizationRequest, code: str, period: Period) -> str:
    """Return the address where the person behind the request decides on a gap; empty where they may not."""
    return next(filter(None, (way(request, code, period) for way in ways)), "")


def decided(question: Question, outcomes: Iterable[Outcome]) -> dict[str, Decided]:
    """Return the decisions that hold about those of the outcomes that are gaps, by code."""
    found: dict[str, Decided] = {}
    gaps = [outcome for outcome in outcomes if outcome.result in OPEN]
    for source in sources:
        found |= source(question, gaps)
    return found


def legal(question: Question, codes: Iterable[str]) -> frozenset[str]:
    """Return those of the statements among whose exceptions is one that a law asks for: one query."""
    asked = tuple(code for code in codes if code in assertions and assertions[code].legal)
    if not asked:
        return frozenset()
    terms = tuple(assertions[code].terms(question) for code in asked)
    counts = _counts(asked, terms).of_current_organization()
    return frozenset(code for code, count in zip(asked, counts, strict=True) if count)


@lru_cache(maxsize=64)
def _counts(codes: tuple[str, ...], terms: tuple[Terms, ...]) -> KeptCounts:
    with outside_of_organizations():
        rows = [_legal(assertions[code], each) for code, each in zip(codes, terms, strict=True)]
    return KeptCounts(*rows)


def _legal(assertion: Assertion, terms: Terms) -> Any:
    exceptions = assertion.counted(terms)[1]
    return assertion.legal(exceptions) if assertion.legal else exceptions.none()
