"""Sign-offs in words: in the navigation, on the overview, and as the pages' plain values."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clauses import decisions, overview, periods
from clauses.assertion import Period
from organizations.access import allowed
from organizations.auditor_scope import audit_scope
from organizations.request import OrganizationRequest
from organizations.roles import SIGN_OFFS, TRAIL, Action
from registers.formatting import text_of
from registers.navigation import pages
from reviews.decisions import of_outcomes
from reviews.models import SignOff
from reviews.sign_off import document
from reviews.sign_off.changes import Changes, changes_lately
from reviews.sign_off.state import State, state_of

pages.append(("", gettext_lazy("Sign-offs"), "reviews:sign-offs", Action.VIEW, SIGN_OFFS))
pages.append(("", gettext_lazy("Trail"), "reviews:trail", Action.VIEW, TRAIL))


def changed_since(changes: Changes) -> str:
    """Return ``5 changes in 3 rows since``; empty where nothing changed."""
    if changes.more:
        return _("%(count)s changes since") % {"count": f"{changes.total:,}"}
    if changes.total:
        rows = ngettext("%(count)s row", "%(count)s rows", len(changes.rows)) % {"count": len(changes.rows)}
        words = {"count": changes.total, "rows": rows}
        return (
            ngettext("%(count)s change in %(rows)s since", "%(count)s changes in %(rows)s since", changes.total) % words
        )
    if changes.by_time:
        return ngettext(
            "%(count)s result changed with time", "%(count)s results changed with time", len(changes.by_time)
        ) % {"count": len(changes.by_time)}
    return ""


def state_in_words(state: State) -> str:
    """Return ``Signed by Managing Director on 9 Oct 2026; still missing: Carla Chair.``"""
    signed = [
        _("%(name)s on %(day)s") % {"name": each.printed_name, "day": text_of(each.signed_at)} for each in state.signed
    ]
    parts = [_("Signed by %(names)s") % {"names": ", ".join(signed)}] if signed else []
    if state.missing:
        words = {"count": state.missing, "names": ", ".join(map(str, state.others)) or _("nobody there")}
        text = ngettext(
            "%(count)s signature of top management is missing (%(names)s)",
            "%(count)s signatures of top management are missing (%(names)s)",
            state.missing,
        )
        parts.append(text % words)
    return "; ".join(parts)


def notice_of(request: OrganizationRequest, state: State) -> dict[str, str]:
    """Return the sign-off of a period as a line of the overview.

    Who signed, what changed since, and the link to the next step.
    """
    period = state.period
    words = [state_in_words(state)]
    changed = [since for each in state.signed if (since := changed_since(changes_lately(each)))][:1]
    url, label = "", ""
    if state.signed:
        url, label = state.signed[-1].get_absolute_url(), _("Show")
    if allowed(request, Action.SIGN, SIGN_OFFS) and state.missing and not state.of(request.user):
        url, label = sign_url(request, period), _("Sign off")
    tone = "attention" if changed else "met" if state.is_signed_off else "none"
    period_words = _("Interim, %(period)s") if state.interim else _("Sign-off, %(period)s")
    text = f"{period_words % {'period': periods.in_words(period)}}: {'; '.join([*words, *changed])}."
    return {"tone": tone, "text": text, "url": url, "link_label": label}


def decide_url(request: OrganizationRequest, code: str, period: Period, back: str = "") -> str:
    """Return the address of the page on which top management decides on a gap."""
    address = reverse("reviews:decide", args=[request.organization.slug, code])
    return f"{address}?{urlencode({'period': periods.code(period)} | ({'back': back} if back else {}))}"


def sign_url(request: OrganizationRequest, period: Period) -> str:
    """Return the address of the page on which a period is signed."""
    return f"{reverse('reviews:sign', args=[request.organization.slug])}?period={periods.code(period)}"


def on_overview(request: OrganizationRequest, period: Period) -> overview.Part:
    """Return the overview's line on the sign-off of the period it shows, and the way to it."""
    if not allowed(request, Action.VIEW, SIGN_OFFS) or audit_scope() or period.first > request.organization.today():
        return overview.Part()  # a sign-off is about all sub-clauses and sites: not for a limited audit scope
    state = state_of(period)
    may_sign = allowed(request, Action.SIGN, SIGN_OFFS) and not state.of(request.user)
    return overview.Part([notice_of(request, state)], {"sign_off": sign_url(request, period)} if may_sign else {})


overview.parts.append(on_overview)
decisions.sources.append(of_outcomes)


def way_to_decide(request: OrganizationRequest, code: str, period: Period) -> str:
    """Return the address where the person decides on a gap; empty where they may not, or the period hasn't begun."""
    may = allowed(request, Action.SIGN, SIGN_OFFS) and period.first <= request.organization.today()
    return decide_url(request, code, period) if may else ""


decisions.ways.append(way_to_decide)


def status_of(signed: SignOff) -> dict[str, str]:
    """Return the word for how a signature stands, and its tone."""
    if signed.is_withdrawn:
        return {"tone": "none", "text": _("Withdrawn")}
    return {"tone": "info", "text": _("Interim")} if signed.interim else {"tone": "met", "text": _("Signed")}


def row_of(signed: SignOff) -> dict[str, Any]:
    """Return a sign-off as a row of the list."""
    return {
        "reference": signed.reference,
        "url": signed.get_absolute_url(),
        "period": periods.in_words(signed.period),
        "status": status_of(signed),
        "signer": signed.printed_name,
        "job_title": signed.job_title,
        "signed_at": signed.signed_at,
    }


def decided_gaps(signed: SignOff) -> list[dict[str, Any]]:
    """Return the gaps of a signed evaluation, each with what was decided."""
    entries = {entry["code"]: entry for entry in signed.content["evaluation"]["assertions"]}
    return [
        {
            "line": document.line_of(entries[gap["code"]], signed.period),
            "decision": document.decision_in_words(gap),
            "url": document.action_url(gap),
        }
        for gap in signed.content["gaps"]
    ]


def concluded_parts(signed: SignOff) -> list[dict[str, Any]]:
    """Return the sub-clauses of a signed evaluation, each with what was concluded."""
    concluded = {each["sub_clause"]: each for each in signed.content["conclusions"]}
    return [
        part
        | {
            "conclusion": document.conclusion_in_words(concluded[part["letter"]]),
            "comment": concluded[part["letter"]]["comment"],
        }
        for part in document.parts_of(signed.content["evaluation"], signed.period)
    ]


def changes_in_words(changes: Changes) -> dict[str, Any]:
    """Return what changed since, as the page shows it."""
    return {
        "since": changed_since(changes),
        "rows": [
            {"subject": named.subject, "title": named.title, "url": named.url, "entries": entries}
            for named, entries in changes.rows
        ],
        "more": changes.more,
        "results": [document.difference_in_words(each) for each in changes.results],
        "by_time": [document.difference_in_words(each) for each in changes.by_time],
    }
