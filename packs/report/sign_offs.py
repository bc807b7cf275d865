"""The report's words on top management: who it is and by whom, who signed what, and what changed behind it since."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from packs.contents import Document
from packs.report import language
from packs.report.language import number
from reviews.models import Method
from typesetting import breakable, one_line

Told = dict[str, Any]


def signatures(documents: Iterable[Document], zone: ZoneInfo) -> list[Told]:
    """Return each sign-off as data for the template.

    It has a title, facts (label and value), and notes on what became of it.
    """
    told = [json.loads(document.content) for document in documents if document.folder == "sign-offs"]
    return [
        {
            "title": _title(sign_off),
            "facts": [*_act(sign_off, zone), [_("SHA-256 of all that was signed"), breakable(sign_off["sha256"])]],
            "notes": [*_withdrawn(sign_off["withdrawal"], zone), _changed(sign_off["changes"])],
        }
        for sign_off in told
    ]


def appointments(documents: Iterable[Document], zone: ZoneInfo) -> list[Told]:
    """Return each membership in top management as data for the template, as :func:`signatures` does."""
    told = [json.loads(document.content) for document in documents if document.folder == "appointments"]
    return [{"title": one_line(each["person"]["name"]), "facts": _appointed(each, zone), "notes": []} for each in told]


def _appointed(told: Told, zone: ZoneInfo) -> list[list[Any]]:
    until = language.day(date.fromisoformat(told["valid_until"])) if told["valid_until"] else _("no end")
    by = told["given_by"]["name"] if told["given_by"] else _("nobody: declared at set-up, or before this was kept")
    facts: list[list[Any]] = [
        [_("Job title"), breakable(one_line(told["job_title"] or "–"))],
        [_("Top management"), f"{language.day(date.fromisoformat(told['valid_from']))} – {until}"],
        [_("Given by"), breakable(one_line(by))],
    ]
    if told["given_at"]:
        facts.append([_("Given at"), _moment(told["given_at"], zone)])
    if told["ended_at"]:
        facts.append([_("Access ended"), _moment(told["ended_at"], zone)])
    if told["reason"]:
        facts.append([_("Reason"), breakable(one_line(told["reason"]))])
    return facts


def _title(sign_off: Told) -> str:
    first, last = (language.day(date.fromisoformat(sign_off["period"][end])) for end in ("from", "to"))
    said = {"reference": sign_off["reference"], "first": first, "last": last}
    if sign_off["interim"]:
        return _("%(reference)s: %(first)s to %(last)s, interim") % said
    return _("%(reference)s: %(first)s to %(last)s") % said


def _act(act: Told, zone: ZoneInfo) -> list[list[Any]]:
    signer, content = act["signer"], json.loads(act["statement"])
    return [
        [_("Signed by"), breakable(one_line(f"{signer['name']}, {signer['job_title']}"))],
        [_("Signed at"), _moment(act["signed_at"], zone)],
        [_("Confirmed by"), str(Method(act["method"]).label)],
        [_("Meaning"), breakable(one_line(content["meaning"]))],
    ]


def _withdrawn(withdrawal: Told | None, zone: ZoneInfo) -> list[str]:
    if not withdrawal:
        return []
    said = {"moment": _moment(withdrawal["signed_at"], zone), "reason": one_line(withdrawal["reason"])}
    return [_("Withdrawn on %(moment)s: %(reason)s") % said]


def _changed(changes: Told) -> str:
    count, results = changes["count"], len(changes["results"]) + len(changes["by_time"])
    if not count and not results:
        return _("Nothing has changed behind this signature.")
    made = ngettext("%(count)s change was made", "%(count)s changes were made", count) % {"count": number(count)}
    differ = ngettext("%(count)s result differs", "%(count)s results differ", results) % {"count": number(results)}
    return _("Since it was signed, %(changes)s behind it, and %(results)s.") % {"changes": made, "results": differ}


def _moment(text: str, zone: ZoneInfo) -> str:
    return language.moment(datetime.fromisoformat(text).astimezone(zone))
