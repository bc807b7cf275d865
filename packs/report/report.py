"""The report: this module decides what it says.

`report.typ` lays it out, and `typesetting` prints it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clauses.recorded_after import in_words
from packs.contents import AttachedFile, Contents, PackInfo, RegisterRows
from packs.proofs.contents import PackProofs
from packs.report import language
from packs.report.sign_offs import appointments, signatures
from packs.report.statements import chapters, summary
from packs.report.tables import ROWS_PRINTED, register_tables
from typesetting import Fonts, breakable, one_line, print_pdf, shortened

SECONDS = 600  # for typesetting; a report of full length takes about ten
TEMPLATE = Path(__file__).with_name("report.typ")


def write_report(contents: Contents, fonts: Fonts, to: Path, pieces: Path) -> None:
    """Write report.pdf (PDF/A-3a, PDF/UA-1).

    The same contents and fonts give the same bytes. Words are in the language that is active.

    Args:
        contents: what the pack is made of.
        fonts: the fonts to use.
        to: the file.
        pieces: a folder where the report is if a worker has typeset it before; if not, it is written there first.

    Raises:
        ReportError: typesetting fails or takes too long.
    """
    name, data = named_report(contents)
    write_named_report(data, fonts, pieces / name)
    shutil.copyfile(pieces / name, to)


def named_report(contents: Contents) -> tuple[str, dict[str, Any]]:
    """Return a name made of all that the report says, and what it says."""
    data = report_data(contents)
    return f"{hashlib.sha256(json.dumps(data).encode()).hexdigest()}.pdf", data


def write_named_report(data: dict[str, Any], fonts: Fonts, to: Path) -> None:
    """Typeset a report unless it is there. It has its name only when it is whole.

    Raises:
        ReportError: typesetting fails or takes too long.
    """
    if not to.exists():
        # Not by `atomic_file`, which gives an open file: another process writes this one by its name.
        part = to.with_name(f"{to.name}.{secrets.token_hex(4)}.part")
        print_pdf(TEMPLATE, data, fonts, part, seconds=SECONDS)
        os.replace(part, to)


def report_data(contents: Contents) -> dict[str, Any]:
    """Return everything the report says as plain data for the template.

    Nothing in it is ever read as markup.
    """
    info = contents.info
    zone = ZoneInfo(info.time_zone)
    title = _("Evidence of customer focus")
    return {
        "title": title,
        "reference": info.reference,
        "organization": one_line(info.organization.name),
        "language": info.language.partition("-")[0],
        "moment": info.as_of.isoformat(timespec="seconds"),
        "running": [f"{title} · {shortened(one_line(info.organization.name), 60)}", info.reference],
        "foot": f"{_period(info)} · {_as_of(info)}",
        "labels": _labels(),
        "subtitle": info.organization.edition,
        "facts": _facts(contents),
        "notes": _notes(),
        "summary": summary(contents.evaluation["assertions"]),
        "chapters": chapters(contents.evaluation["assertions"], zone),
        "top_management": appointments(contents.documents, zone),
        "signatures": signatures(contents.documents, zone),
        "registers": [
            register_tables(register, contents.evaluation["assertions"], zone)
            for register in sorted(contents.registers, key=_by_clause)
        ],
        "attachments": _attachments(contents.attachments),
    }


def _by_clause(register: RegisterRows) -> str:
    """Return a key that sorts registers by sub-clause; those that serve all of them come last."""
    return register.sub_clause or "z"


def _labels() -> dict[str, str]:
    return {
        "contents": _("Contents"),
        "summary": _("Summary"),
        "open": _("What needs attention"),
        "code": _("Code"),
        "verb": _("Verb"),
        "top_management": _("Top management"),
        "signatures": _("Signatures"),
        "registers": _("Registers in force"),
        "attachments": _("Evidence files"),
        "page": _("Page {page} of {pages}"),
        "statements": _("Statements by sub-clause and result"),
        "statement": _("Statement"),
        "result": _("Result"),
        "value": _("Value"),
        "exceptions": _("Exceptions"),
        "no_rows": _("No rows."),
    }


def _period(info: PackInfo) -> str:
    return _("%(start)s to %(end)s") % {"start": language.day(info.period_from), "end": language.day(info.period_to)}


def _as_of(info: PackInfo) -> str:
    as_of = language.moment(info.as_of.astimezone(ZoneInfo(info.time_zone)))
    return _("as of %(moment)s (%(zone)s)") % {"moment": as_of, "zone": info.time_zone}


def _in_pieces(fingerprint: str) -> list[str]:
    """Return a fingerprint in pieces between which a line may break."""
    return [fingerprint[at : at + 24] for at in range(0, len(fingerprint), 24)]


def _facts(contents: Contents) -> list[list[str | list[str]]]:
    info, proofs, evaluation = contents.info, contents.proofs, contents.evaluation
    organization, late = info.organization, in_words(evaluation.get("recorded_after"))
    return [
        [_("Organization"), organization.name],
        [_("Scope"), organization.scope],
        [_("Period"), _period(info)],
        [_("Judged as of"), language.day(date.fromisoformat(str(evaluation["basis"]["day"])))],
        [_("Records"), f"{_as_of(info)}; {late}" if late else _as_of(info)],
        [_("Standard"), organization.edition],
        [_("Sub-clauses"), ", ".join(f"5.1.2 {letter}" for letter in info.sub_clauses)],
        [_("Sites"), ", ".join(info.sites) or _("all")],
        [_("Pack"), info.reference],
        [_("Made with"), info.software],
        [_("Signed by"), info.signer.name],
        [_("Fingerprint"), _in_pieces(info.signer.readable_fingerprint)],
        [_("Trail's head"), _head(proofs)],
        [_("Key of its seals"), proofs.signed_by.fingerprint],
    ]


def _head(proofs: PackProofs) -> str:
    head = proofs.head
    return _("number %(number)s, over %(size)s entries, root %(root)s…") % {
        "number": language.number(head.number),
        "size": language.number(head.size),
        "root": head.root.hex()[:16],
    }


def _notes() -> list[dict[str, Any]]:
    """Return what the pack proves, what it can't, and who can check it, in plain words."""
    return [
        {
            "title": _("What this pack shows"),
            "text": _(
                "How the organization's records stood at the moment named above, and what follows from them for each "
                "verb of clause 5.1.2. Every number was counted from rows that are in the pack; none was typed in."
            ),
        },
        {
            "title": _("What it doesn't show"),
            "text": _(
                "Whether what was recorded is true: only that it was recorded so, and that nothing that was recorded "
                "under an earlier head was changed since. Who signed is proved only by a fingerprint that the "
                "organization told you over another channel; compare it with the ones above."
            ),
        },
        {
            "title": _("Who can check it, and how"),
            "text": _(
                "Anyone, without an account and without a network. In the unpacked folder, run “sha256sum -c "
                "manifest-sha256.txt”, use any BagIt tool, openssl for the signature, or “python3 -I data/verify.py .”, "
                "which checks all of it and says what is proved. data/README.txt explains each step."
            ),
        },
    ]


def _attachments(files: Sequence[AttachedFile]) -> dict[str, Any]:
    printed = [
        [breakable(one_line(file.name)), language.size(file.size), ", ".join(file.attached_to), breakable(file.sha256)]
        for file in files[:ROWS_PRINTED]
    ]
    facts = {"count": language.number(len(files)), "printed": language.number(len(printed))}
    whole = ngettext(
        "%(count)s evidence file, in data/attachments under its SHA-256 digest.",
        "%(count)s evidence files, in data/attachments under their SHA-256 digests.",
        len(files),
    )
    part = _(
        "The first %(printed)s of %(count)s evidence files are listed here, the rest in data/pack.json; all are in "
        "data/attachments under their SHA-256 digests."
    )
    return {
        "note": (whole if len(printed) == len(files) else part) % facts,
        "headings": [_("Name"), _("Size"), _("Attached to"), _("SHA-256")],
        "right": [False, True, False, False],
        "widths": [34, 9, 24, 24],
        "rows": printed,
    }
