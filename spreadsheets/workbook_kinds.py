"""Which kind of workbook a file is, told before it is opened; archives that are none, or too much, are refused.

Part of the process that opens a workbook: it imports the standard library alone.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from spreadsheets.room import Refused

MAX_PARTS = 10_000
# What unpacks to no more than this may be packed as tightly as it likes.
SMALL = 20 * 1024 * 1024
OOXML = {
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsb",
    "word/document.xml": "word",
    "ppt/presentation.xml": "slides",
}
ODF = {"spreadsheet": "ods", "text": "word", "presentation": "slides"}


def check_size(archive: zipfile.ZipFile, bounds: dict[str, int]) -> None:
    """Refuse archives that are encrypted, of too many parts, or that unpack to too much."""
    parts = archive.infolist()
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("password")
    if len(parts) > MAX_PARTS or unpacked > bounds["unpacked_bytes"]:
        raise Refused("large")
    if unpacked > SMALL and unpacked > bounds["ratio"] * max(packed, 1):
        raise Refused("large")


def zip_kind(archive: zipfile.ZipFile) -> str:
    """Tell the kind of workbook a zip archive is; refuse other archives by what they are."""
    names = set(archive.namelist())
    kind = next((kind for name, kind in OOXML.items() if name in names), None)
    if kind is None and "mimetype" in names:
        mimetype = archive.read("mimetype")[:100].decode("ascii", "replace")
        kind = next((kind for word, kind in ODF.items() if f"opendocument.{word}" in mimetype), None)
    if any(name.lower().endswith(".reqif") for name in names):
        kind = "reqif"
    if any(name == "Index.zip" or name.endswith((".iwa", "/Index.zip")) for name in names):
        kind = "iwork"
    if kind is None or kind in ("word", "slides", "reqif", "iwork"):
        raise Refused(kind or "archive")
    return kind


def is_encrypted(workbook: Path) -> bool:
    """Return whether an OLE file is an encrypted package rather than an old workbook.

    See MS-OFFCRYPTO 1.3.2.
    """
    content = workbook.read_bytes()
    return "EncryptedPackage".encode("utf-16-le") in content and "Workbook".encode("utf-16-le") not in content
