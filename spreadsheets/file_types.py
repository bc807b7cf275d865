"""What a file is by its first bytes, and a sentence for each kind that is not a table."""

from __future__ import annotations

import re
from pathlib import Path

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from spreadsheets.errors import Text, UnreadableFile
from spreadsheets.table import MIB, Limits

_HEAD = 8192
# ZIP, as XLSX, XLSB and ODS are, and OLE, as XLS and encrypted workbooks are.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_EMPTY_ZIP = b"PK\x05\x06"
_OTHERS = {
    b"%PDF": _("a PDF"),
    b"\x89PNG": _("a picture"),
    b"\xff\xd8\xff": _("a picture"),
    b"GIF8": _("a picture"),
    b"\x1f\x8b": _("a compressed file"),
    b"7z\xbc\xaf": _("a compressed file"),
    b"Rar!": _("a compressed file"),
    b"BZh": _("a compressed file"),
    b"{\\rtf": _("a rich text document"),
    b"SQLite format 3": _("a database"),
    b"\x00\x01\x00\x00Standard": _("a database"),
    b"!BDN": _("a mailbox"),
    b"\x1aE\xdf\xa3": _("a film"),
    b"ID3": _("a sound"),
}
_SHORTCUT = _(
    "This is a shortcut, which only says where the table is. Open it, download or copy the table as XLSX or CSV, and choose that file."
)
# Web shortcuts of Windows and of desktops on Linux, shortcuts of Windows, of macOS.
_SHORTCUTS = (
    b"[InternetShortcut]",
    b"[{000214A0",
    b"[Desktop Entry]",
    b"L\x00\x00\x00\x01\x14\x02\x00",
    b"book\x00\x00\x00\x00mark",
)
# Beside each file that macOS copies elsewhere it puts what it knows of it (AppleSingle and AppleDouble, RFC 1740).
_BESIDE = b"\x00\x05\x16\x07"
_GOOGLE = (".gsheet", ".gdoc", ".gslides", ".gform")


def refuse_other_kinds(path: Path, filename: str, limits: Limits) -> bool:
    """Tell a workbook (True) from text (False), and refuse what is neither.

    Raises:
        UnreadableFile: it is neither, empty or too large.
        OSError: the file can't be opened.
    """
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFile(_("The file is empty: it holds no bytes at all. Check that the right file was chosen."))
    if size > limits.file_bytes:
        raise UnreadableFile(
            format_lazy(
                _(
                    "The file is {size} MiB large; at most {limit} MiB are read. Split it and import "
                    "the parts one by one."
                ),
                size=-(-size // MIB),
                limit=limits.file_bytes // MIB,
            )
        )
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_WORKBOOKS):
        return True
    sentence = _other_kind(head, filename)
    if sentence:
        raise UnreadableFile(sentence)
    return False


def _other_kind(head: bytes, filename: str) -> Text:
    text, name = _bare(head), filename.lower()
    if text.startswith(_SHORTCUTS[:3]) or head.startswith(_SHORTCUTS) or name.endswith((".lnk", ".url", ".webloc")):
        return _SHORTCUT
    if name.endswith(_GOOGLE) or (text.startswith(b"{") and b"docs.google.com/" in text and len(head) < _HEAD):
        return _(
            "This is a shortcut to a document at Google, not a table. Open it there, choose File, Download, Microsoft Excel or CSV, "
            "and choose the file that comes down."
        )
    if head.startswith(_BESIDE) or name.startswith("~$"):
        return _(
            "This is a file that a program keeps beside a document while it is open or copied, not the document. Choose the file "
            "of the same name without “~$” or “._” in front."
        )
    for signature, kind in _OTHERS.items():
        if head.startswith(signature):
            return format_lazy(
                _("This is {kind}, not a table. Save the table as CSV (UTF-8) or XLSX and choose that."), kind=kind
            )
    if head.startswith(_EMPTY_ZIP):
        return _("This is an empty ZIP archive, not a workbook. Choose the file with the table.")
    if text.startswith(b"<"):
        return _markup(text.lower(), filename)
    if re.match(rb"[{\[]\s*[\"{\[]", text):
        return _("This is a JSON file, not a table. Save the table as CSV (UTF-8) or XLSX and choose that.")
    return ""


def _bare(head: bytes) -> bytes:
    """Return the first bytes without byte order marks and the zeros of UTF-16, so that words are known in any encoding."""
    return head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")


def _markup(text: bytes, filename: str) -> Text:
    if b"req-if" in text or filename.lower().endswith((".reqif", ".reqifz")):
        return _(
            "This is a ReqIF file: requirements in XML, not a table. Export them from the "
            "requirements tool as CSV or XLSX."
        )
    if b"urn:schemas-microsoft-com:office:spreadsheet" in text:
        return _(
            "This is an XML spreadsheet of 2003. Open it in a spreadsheet program, save it as XLSX, and choose that."
        )
    if b"<html" in text or b"<table" in text or b"<!doctype html" in text:
        return _(
            "This is a web page, not a workbook, whatever its name ends in. Open it in a spreadsheet "
            "program and save it as XLSX."
        )
    return _("This is an XML file, not a table. Export the table as CSV (UTF-8) or XLSX and choose that.")
