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
}


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
    for signature, name in _OTHERS.items():
        if head.startswith(signature):
            return format_lazy(
                _("This is {kind}, not a table. Save the table as CSV (UTF-8) or XLSX and choose that."), kind=name
            )
    if head.startswith(_EMPTY_ZIP):
        return _("This is an empty ZIP archive, not a workbook. Choose the file with the table.")
    # Without byte order marks and the zeros of UTF-16, so that markup is known in any encoding.
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if text.startswith(b"<"):
        return _markup(text.lower(), filename)
    if re.match(rb"[{\[]\s*[\"{\[]", text):
        return _("This is a JSON file, not a table. Save the table as CSV (UTF-8) or XLSX and choose that.")
    return ""


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
