"""Taking in files from people: how large, of which kind, under which name."""

from __future__ import annotations

import hashlib
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from organizations import file_storage

#: First bytes → media type.
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),  # .doc, .xls, .msg
)
#: A member that tells what an archive is → media type; other archives aren't taken.
OFFICE: tuple[tuple[str, str], ...] = (
    ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("content.xml", "application/vnd.oasis.opendocument"),
)
_OOXML = "application/vnd.openxmlformats-officedocument."
#: Media type → endings that fit it, the usual one first. What a program would run is none of a text's: .hta, .html, .svg, .js.
ENDINGS: dict[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/gif": ("gif",),
    "image/tiff": ("tif", "tiff"),
    "image/webp": ("webp",),
    "application/x-ole-storage": ("doc", "xls", "ppt", "msg", "dot", "xlt", "pot", "pps", "vsd", "mpp", "pub"),
    f"{_OOXML}wordprocessingml.document": ("docx", "docm", "dotx", "dotm"),
    f"{_OOXML}spreadsheetml.sheet": ("xlsx", "xlsm", "xltx", "xltm"),
    f"{_OOXML}presentationml.presentation": ("pptx", "pptm", "ppsx", "ppsm", "potx"),
    "application/vnd.oasis.opendocument": ("odt", "ods", "odp", "odg", "ott", "ots", "otp"),
    "text/plain": (
        "txt", "csv", "md", "log", "eml", "json", "tsv", "tab", "xml", "yaml", "yml", "ini", "rst", "rtf", "ics", "vcf",
        "asc", "text", "jsonl", "tex", "toml", "diff", "sql", "reqif",
    ),
}  # fmt: skip
#: An office file that unpacks to more than this many times its size, and to more than 200 MB, is a bomb.
BOMB_RATIO, BOMB_BYTES = 100, 200_000_000


@dataclass(frozen=True)
class Stored:
    """A file that was taken in."""

    name: str
    sha256: str
    size: int
    media_type: str


def examine(upload: UploadedFile) -> Stored:
    """Look at an uploaded file without believing its name or declared type.

    Raises:
        ValidationError: it is empty, too large, or of a kind that isn't taken; the message says what to do.
    """
    size = upload.size or 0
    if not size:
        raise ValidationError(_("The file is empty."))
    if size > settings.ATTACHMENT_MAX_BYTES:
        raise ValidationError(
            _(
                "The file has %(size)s; at most %(limit)s can be attached. Attach an extract, or a link to where it is kept."
            )
            % {"size": filesizeformat(size), "limit": filesizeformat(settings.ATTACHMENT_MAX_BYTES)}
        )
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    name, kind = clean_name(upload.name or ""), media_type(upload)
    check_ending(name, kind)
    return Stored(name, digest.hexdigest(), size, kind)


def check_ending(name: str, kind: str) -> None:
    """Refuse a name whose ending says another kind than the content: a program opens a file by its ending.

    A name without an ending lies about nothing.

    Raises:
        ValidationError: it says another kind; the message names the endings that fit.
    """
    ending = PurePosixPath(name).suffix.removeprefix(".").lower()
    fitting = ENDINGS[kind]
    if ending and not ending.isdigit() and ending not in fitting:
        told = {"name": name, "ending": f".{ending}", "fitting": ", ".join(f".{each}" for each in fitting[:6])}
        raise ValidationError(
            _(
                "“%(name)s” ends in %(ending)s, which doesn't fit what is in it. If the content is what you mean to attach, "
                "give it an ending that fits (%(fitting)s)."
            )
            % told
        )


def clean_name(name: str) -> str:
    """Return a file name without folders, control and invisible characters.

    It has at most 200 characters.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    visible = "".join(character for character in last if unicodedata.category(character)[0] != "C").strip(". ")
    stem, dot, ending = visible.rpartition(".")
    # 180, a dot and 19 are the 200 characters that a row keeps; the ending says what the file is, so it stays.
    return (f"{stem[:180]}{dot}{ending[:19]}" if stem else visible[:200]) or _("file")


def media_type(file: Any) -> str:
    """Return the media type of a file, by its first bytes.

    Raises:
        ValidationError: it is none of the kinds that are taken.
    """
    head = file.read(4096)
    file.seek(0)
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    # The size of the file stands between the two signatures of WebP, so it is no prefix.
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"PK\x03\x04"):
        return _office_type(file)
    if _is_text(head):
        return "text/plain"
    raise ValidationError(_("This kind of file isn't taken. Attach a PDF, an image, a text or an office document."))


def _office_type(file: BinaryIO) -> str:
    refused = ValidationError(_("Archives aren't taken. Attach the files one by one."))
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            unpacked, packed = (
                sum(m.file_size for m in archive.infolist()),
                sum(m.compress_size for m in archive.infolist()),
            )
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise ValidationError(_("The file is damaged: it can't be opened.")) from error
    finally:
        file.seek(0)
    if unpacked > BOMB_BYTES and unpacked > BOMB_RATIO * max(packed, 1):
        raise ValidationError(_("The file unpacks to far more than its size; it isn't taken."))
    kind = next((kind for member, kind in OFFICE if member in names), None)
    if kind is None:
        raise refused
    return kind


def _is_text(head: bytes) -> bool:
    """Say whether bytes look like a text.

    In any encoding, a text has no control characters besides white space.
    """
    return not any(byte < 32 and byte not in b"\t\n\r\f" for byte in head)


def store(upload: UploadedFile, path: str, sha256: str) -> None:
    """Write an upload under a path named by its digest, unless it is there already, and whole.

    Raises:
        ValidationError: it can't be stored.
    """
    try:
        file_storage.put(path, upload, sha256)
    except OSError as error:
        raise file_storage.refused(error) from error
