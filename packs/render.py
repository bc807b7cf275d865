"""Rendering: from frozen contents to the files of a pack's `data` folder.

It reads no database, no settings and no clock.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from django.template import Context, Engine
from django.utils.translation import override

from packs.contents import PACK_FORMAT, AttachedFile, Contents, Document, PackInfo, RegisterRows
from packs.proofs.contents import PackProofs, described, described_rows
from packs.report import language
from packs.report.report import write_report
from packs.workbook.sheet_xml import ContentsChanged
from packs.workbook.workbook import write_workbook
from trail.sealing.canonical import as_json, canonical_bytes
from typesetting.fonts import Fonts
from typesetting.text import Legible, one_line

HERE = Path(__file__).parent
TEXTS = Engine(dirs=[str(HERE)], libraries={"i18n": "django.templatetags.i18n"}, autoescape=False)


@dataclass(frozen=True)
class RenderedFile:
    """A file of the pack.

    It is told by its path from the bag's root, its size in bytes, and its SHA-256 in hexadecimal.
    """

    path: str
    size: int
    sha256: str


def render(contents: Contents, folder: Path, fonts: Fonts, pieces: Path | None = None) -> tuple[RenderedFile, ...]:
    """Write everything under `folder/data` and return what was written, sorted by path.

    The same contents and fonts give the same bytes.

    Args:
        contents: what the pack is made of.
        folder: must not hold a `data` folder yet.
        fonts: for the report.
        pieces: pieces of workbooks and the report that other workers have put here are used, the rest is made.

    Raises:
        ContentsChanged: rows or attachments differ from what the contents announce.
        ReportError: the report can't be typeset.
    """
    if pieces is None:
        with TemporaryDirectory(prefix="pieces-") as own:
            return render(contents, folder, fonts, Path(own))
    data = folder / "data"
    for part in ("registers", "records", "attachments", "proofs"):
        (data / part).mkdir(parents=True)
    with override(contents.info.language):
        for register in contents.registers:
            render_register(register, contents.info, data, pieces)
        for proof in contents.proofs.files:
            shutil.copyfile(proof, data / "proofs" / proof.name)
        for document in contents.documents:
            _write_document(document, data)
        for attachment in contents.attachments:
            _copy_attachment(attachment, data / "attachments")
        (data / "evaluation.json").write_bytes(canonical_bytes(contents.evaluation))
        (data / "pack.json").write_bytes(canonical_bytes(as_json(describe(contents, data))))
        (data / "certificate.pem").write_text(contents.info.signer.certificates, encoding="ascii", newline="\n")
        (data / "README.txt").write_text(_readme(contents.info, contents.proofs), encoding="utf-8", newline="\n")
        shutil.copyfile(HERE / "verify.py", data / "verify.py")
        write_report(contents, fonts, data / "report.pdf", pieces)
    return tuple(_rendered(file, folder) for file in sorted(data.rglob("*")) if file.is_file())


def render_register(register: RegisterRows, info: PackInfo, data: Path, pieces: Path) -> None:
    """Write a register's JSON lines and its workbook.

    Raises:
        ContentsChanged: there are more or fewer rows than were collected.
    """
    records = data / "records" / f"{register.slug}.jsonl"
    shutil.copyfile(register.rows, records)
    with records.open("rb") as lines:
        count = sum(1 for _ in lines)
    if count != register.count:
        raise ContentsChanged(f"The register {register.slug} has {count} rows where {register.count} were collected.")
    write_workbook(register, info, data / "registers" / f"{register.slug}.xlsx", pieces)


def describe(contents: Contents, data: Path) -> dict[str, Any]:
    """Return pack.json: what was asked for, and every list with its count and digest.

    The files that it lists must be in `data`.
    """
    info = contents.info
    return {
        "format": PACK_FORMAT,
        "reference": info.reference,
        "organization": vars(info.organization),
        "period": {"from": info.period_from, "to": info.period_to},
        "as_of": info.as_of,
        "time_zone": info.time_zone,
        "language": info.language,
        "sub_clauses": info.sub_clauses,
        "sites": info.sites,
        "software": info.software,
        "asked_at": info.asked_at,
        "signature": {
            "certificate": info.signer.name,
            "fingerprint": info.signer.fingerprint,
            "timestamped": info.timestamped,
        },
        "evaluation": {
            "sha256": digest(data / "evaluation.json"),
            "count": len(contents.evaluation["assertions"]),
        },
        "registers": [
            _describe_register(register, data) | {"proof": described_rows(rows)}
            for register, rows in zip(contents.registers, contents.proofs.rows, strict=True)
        ],
        "proofs": described(contents.proofs) | {"files": {file.name: digest(file) for file in contents.proofs.files}},
        "documents": [_describe_document(document) for document in contents.documents],
        "attachments": [_describe_attachment(attachment) for attachment in contents.attachments],
        "counts": {
            "registers": len(contents.registers),
            "rows": sum(register.count for register in contents.registers),
            "documents": len(contents.documents),
            "attachments": len(contents.attachments),
        },
    }


def digest(file: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _describe_register(register: RegisterRows, data: Path) -> dict[str, Any]:
    return {
        "slug": register.slug,
        "title": register.title,
        "sub_clause": register.sub_clause,
        "count": register.count,
        "columns": [vars(column) | {"choices": dict(column.choices)} for column in register.columns],
        "records_sha256": digest(data / "records" / f"{register.slug}.jsonl"),
        "workbook_sha256": digest(data / "registers" / f"{register.slug}.xlsx"),
    }


def _write_document(document: Document, data: Path) -> None:
    (data / document.folder).mkdir(exist_ok=True)
    for name, content in document.files.items():
        (data / name).write_bytes(content)


def _describe_document(document: Document) -> dict[str, Any]:
    return {
        "folder": document.folder,
        "reference": document.reference,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in document.files.items()},
    }


def _describe_attachment(attachment: AttachedFile) -> dict[str, Any]:
    return {
        "sha256": attachment.sha256,
        "size": attachment.size,
        "name": attachment.name,
        "media_type": attachment.media_type,
        "attached_to": attachment.attached_to,
    }


def _copy_attachment(attachment: AttachedFile, folder: Path) -> None:
    copy = folder / attachment.sha256
    shutil.copyfile(attachment.path, copy)
    if digest(copy) != attachment.sha256 or copy.stat().st_size != attachment.size:
        raise ContentsChanged(f"The evidence file “{attachment.name}” is not the one that was stored.")


def _readme(info: PackInfo, proofs: PackProofs) -> str:
    legible = Legible()
    context = {
        "info": info,
        "key": proofs.signed_by.fingerprint,
        "organization": legible(one_line(info.organization.name)),
        "period_from": language.day(info.period_from),
        "period_to": language.day(info.period_to),
        "as_of": language.moment(info.as_of.astimezone(ZoneInfo(info.time_zone))),
        "time_zone": info.time_zone,
    }
    return TEXTS.get_template("readme.txt").render(Context(context))


def _rendered(file: Path, folder: Path) -> RenderedFile:
    return RenderedFile(file.relative_to(folder).as_posix(), file.stat().st_size, digest(file))
