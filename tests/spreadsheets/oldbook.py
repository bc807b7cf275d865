"""Workbooks of the formats that no library here writes: XLS (BIFF8 in a compound file) and ODS."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

Rows = Sequence[Sequence[object]]
_SECTOR = 512
_NAMES = "urn:oasis:names:tc:opendocument:xmlns"


def save_xls(path: Path, rows: Rows, sheet: str = "Sheet1") -> Path:
    """Write a sheet as XLS: labels, numbers, and dates as numbers of a date format ([MS-XLS] 2.4, [MS-CFB] 2)."""
    path.write_bytes(_compound_file(_globals_and_sheet(rows, sheet)))
    return path


def save_ods(path: Path, rows: Rows, sheet: str = "Sheet1") -> Path:
    """Write a sheet as ODS (OpenDocument 1.3, part 3, 9)."""
    names = f'xmlns:office="{_NAMES}:office:1.0" xmlns:table="{_NAMES}:table:1.0" xmlns:text="{_NAMES}:text:1.0"'
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", f'<manifest xmlns="{_NAMES}:manifest:1.0"/>')
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:spreadsheet>"
            f'<table:table table:name="{sheet}">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def _ods_cell(value: object) -> str:
    match value:
        case None | "":
            return "<table:table-cell/>"
        case int() | float():
            kind = f'office:value-type="float" office:value="{value}"'
        case date():
            kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
        case _:
            kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _text(value: str, width: str) -> bytes:
    return struct.pack(f"<{width}B", len(value), 1) + value.encode("utf-16-le")


def _globals_and_sheet(rows: Rows, sheet: str) -> bytes:
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    formats = b"".join(
        _record(0x00E0, struct.pack("<HHHBBBBIIH", 0, number, 0, 0, 0, 0, 0, 0, 0, 0)) for number in (0, 14)
    )
    end = _record(0x000A)
    name = _text(sheet, "B")
    place = len(begin) + len(formats) + 4 + 6 + len(name) + len(end)
    bound = _record(0x0085, struct.pack("<IBB", place, 0, 0) + name)
    content = (
        _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6)) + b"".join(_cells(rows)) + end
    )
    return begin + formats + bound + end + content


def _cells(rows: Rows) -> Iterator[bytes]:
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if isinstance(value, date):
                days = (datetime.combine(value, datetime.min.time()) - datetime(1899, 12, 30)).days
                yield _record(0x0203, struct.pack("<HHHd", row, column, 1, days))
            elif isinstance(value, int | float):
                yield _record(0x0203, struct.pack("<HHHd", row, column, 0, value))
            elif value:
                yield _record(0x0204, struct.pack("<HHH", row, column, 0) + _text(str(value), "H"))


def _compound_file(stream: bytes) -> bytes:
    """A compound file of one stream, long enough to need no small sectors."""
    stream = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    count = len(stream) // _SECTOR
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(_SECTOR, b"\xff")
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    entries = _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + _entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream))
    return header + table + entries.ljust(_SECTOR, b"\0") + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    none = 0xFFFFFFFF
    return struct.pack("<64sHBBIII16xI16xIQ", text, len(text), kind, 1, none, none, child, 0, start, size)
