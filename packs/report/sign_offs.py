"""The report's words on signatures: who signed what, and what has changed behind it since."""

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
