"""A sign-off on paper: what was signed, the signature, and what it is bound to."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from organizations.scope import current_organization
from reviews.models import SignedAct, SignOff
from reviews.sign_off import document
from reviews.sign_off.snapshot import Plain
from trail.sealing import keys
from typesetting import Fonts, breakable, one_line, print_pdf, shortened

TEMPLATE = Path(__file__).with_name("sign_off.typ")
SECONDS = 120


def sign_off_pdf(sign_off: SignOff) -> bytes:
    """Return a sign-off as PDF/A-3a and PDF/UA-1.

    For the page's download and for evidence packs (:mod:`packs`).

    The same sign-off gives the same bytes; it differs only once the sign-off is withdrawn.

    Raises:
        ReportError: typesetting failed.
    """
    organization = current_organization()
    fonts = Fonts.found_in(settings.PACK_FONT_DIRS)
    with (
        tempfile.TemporaryDirectory(prefix="sign-off-") as folder,
        override(organization.language),
        timezone.override(organization.zone),
    ):
        out = Path(folder) / "sign-off.pdf"
        print_pdf(TEMPLATE, _data(sign_off), fonts, out, seconds=SECONDS)
        return out.read_bytes()


def _data(sign_off: SignOff) -> dict[str, Any]:
    content = sign_off.content
    title = document.title_of(sign_off.period, interim=sign_off.interim)
    name = content["organization"]["name"]
    return {
        "title": title,
        "reference": sign_off.reference,
        "organization": one_line(name),
        "language": current_organization().language.partition("-")[0],
        "moment": sign_off.signed_at.isoformat(timespec="seconds"),
        "running": [f"{title} · {shortened(one_line(name), 60)}", sign_off.reference],
        "foot": document.evaluated_in_words(content["evaluation"], content["seal"]),
        "labels": _labels(),
        "edition": content["organization"]["edition"],
        "gap_count": document.gap_count(len(content["gaps"])),
        "gaps": [_gap(gap) for gap in content["gaps"]],
        "parts": [_part(part, content) for part in document.parts_of(content["evaluation"], sign_off.period)],
        "signature": _signature(sign_off),
        "withdrawal": _withdrawal(sign_off),
    }


def _labels() -> dict[str, str]:
    return {
        "page": _("Page {page} of {pages}"),
        "signature": _("Signature"),
        "withdrawn": _("Withdrawn"),
        "proof": _("What the signature is bound to"),
        "conclusion": _("Conclusion"),
    }


def _gap(gap: Plain) -> dict[str, Any]:
    return {
        "code": gap["code"],
        "result": gap["result"],
        "title": _words(gap["title"]),
        "value": gap["value"],
        "decision": _words(document.decision_in_words(gap)),
    }


def _part(part: dict[str, Any], content: Plain) -> dict[str, Any]:
    concluded = next(each for each in content["conclusions"] if each["sub_clause"] == part["letter"])
    results = {entry["code"]: entry["result"] for entry in content["evaluation"]["assertions"]}
    return {
        "letter": part["letter"],
        "title": part["title"],
        "conclusion": document.conclusion_in_words(concluded),
        "comment": _words(concluded["comment"]),
        "verbs": [
            {
                "title": verb["title"],
                "lines": [
                    {
                        "code": line["code"],
                        "title": _words(line["title"]),
                        "detail": _words(line["detail"]),
                        "result": results[line["code"]],
                        "word": line["label"],
                        "value": line["value"],
                    }
                    for line in verb["lines"]
                ],
            }
            for verb in part["verbs"]
        ],
    }


def _signature(act: SignedAct) -> dict[str, Any]:
    """Return who signed, when, how and what it means, and what the signature is bound to.

    It is bound to a digest, a signed head and the fingerprint of the key that signed the head.
    """
    said = document.signature_of(act.content)
    return {
        "meaning": _words(said["meaning"]),
        "facts": [
            [_("Signed by"), _words(said["name"])],
            [_("Job title"), _words(said["job_title"])],
            [_("Signed at"), said["moment"]],
            [_("Confirmed by"), said["method"]],
        ],
        "proof": [
            [_("SHA-256 of all that was signed"), _words(act.digest)],
            [_("Fingerprint of the key that signed the head"), keys.fingerprint(document.key_of(act.seal_note))],
        ],
        "head": [_words(line) for line in act.seal_note.rstrip("\n").split("\n")],
        "head_title": _("Signed head of the trail"),
    }


def _withdrawal(sign_off: SignOff) -> dict[str, Any] | None:
    if not sign_off.is_withdrawn:
        return None
    return _signature(sign_off.withdrawal) | {"reason": _words(sign_off.withdrawal.reason)}


def _words(text: str) -> str | list[str]:
    return breakable(text)
