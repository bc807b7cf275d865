"""Awkward files: a sound table of feedback, and what people, programs and attackers do to such tables.

A file is called after its quirks and its format, ``titles+groups.xlsx``; what becomes of it says ``corpus.toml``.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from tests.spreadsheets.oldbook import save_ods, save_xls

Row = list[Any]
HEADER = ["Nr", "Customer", "Comment", "Source", "Score", "Date"]
ROWS: list[Row] = [
    ["F-1", "Pumpen AG", "The seal holds, the paint doesn't", "survey", 8, date(2026, 3, 14)],
    ["F-2", "Müller & Söhne", "Zu spät geliefert: „dreimal“", "complaint", 3, date(2026, 3, 25)],
    ["F-3", "Pumpen AG", "Fine", "survey", 9, date(2026, 4, 2)],
    ["F-4", "Nordwerk", "Noise above 80 dB", "complaint", 2, date(2026, 4, 17)],
    ["F-5", "Nordwerk", "Answered within a day", "compliment", 10, date(2026, 4, 30)],
    ["F-6", "Müller & Söhne", "Good manual", "survey", 7, date(2026, 5, 4)],
]


@dataclass
class Sheet:
    """A table on its way to a file. Merged areas are given by their row in the file, from 1."""

    above: list[Row] = field(default_factory=list)
    header: list[Row] = field(default_factory=lambda: [list(HEADER)])
    rows: list[Row] = field(default_factory=lambda: [list(row) for row in ROWS])
    below: list[Row] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)
    other_sheets: dict[str, list[Row]] = field(default_factory=dict)
    #: Number formats of columns, by letter; numbers of hidden rows.
    formats: dict[str, str] = field(default_factory=dict)
    hidden: list[int] = field(default_factory=list)
    encoding: str = "utf-8"
    delimiter: str = ","
    prefix: str = ""
    newline: str = "\r\n"
    raw: bytes | None = None

    @property
    def lines(self) -> list[Row]:
        """All rows of the file."""
        return [*self.above, *self.header, *self.rows, *self.below]


def titles(sheet: Sheet) -> None:
    sheet.above += [["Feedback 2026"], ["as of May, for the management review"], []]


def two_lines(sheet: Sheet) -> None:
    """The header goes on in a second row for half of the columns."""
    sheet.header = [["Nr", "Customer", "", "", "Score", ""], ["", "", "Comment", "Source", "", "Date"]]


def spanning(sheet: Sheet) -> None:
    """Titles over several columns above the header."""
    row = len(sheet.above) + 1
    sheet.header = [["Who", "", "What", "", "", ""], list(HEADER)]
    sheet.merges += [f"A{row}:B{row}", f"C{row}:F{row}"]


def units(sheet: Sheet) -> None:
    sheet.header.append(["", "", "", "", "(0-10)", ""])


def gap(sheet: Sheet) -> None:
    sheet.header.append([])


def groups(sheet: Sheet) -> None:
    sheet.rows = [["Region North"], *sheet.rows[:3], ["Region South"], *sheet.rows[3:]]


def groups_in_texts(sheet: Sheet) -> None:
    """Names of groups in the column of texts, with their numbers."""
    sheet.rows = [[None, None, "1- North"], *sheet.rows[:3], [None, None, "2- South"], *sheet.rows[3:]]


def merged_title(sheet: Sheet) -> None:
    """A title right above the header, merged over nearly all of the table."""
    row = len(sheet.above) + 1
    sheet.above.append(["Feedback 2026"])
    sheet.merges.append(f"A{row}:E{row}")


def numbered_names(sheet: Sheet) -> None:
    """A header of short names with digits, over columns of words."""
    sheet.header = [[*line, "Q1", "Q2", "Q3"] for line in sheet.header]
    sheet.rows = [[*row, "good", "none", f"on day {place}"] for place, row in enumerate(sheet.rows)]


def narrow_header(sheet: Sheet) -> None:
    """The last name of the header stands over two columns."""
    sheet.rows = [[*row, "YES"] for row in sheet.rows]


def outline(sheet: Sheet) -> None:
    """A first column that holds nothing but names of groups."""
    sheet.header = [["Region", *line] for line in sheet.header]
    sheet.rows = [
        ["North"],
        *([None, *row] for row in sheet.rows[:3]),
        ["South"],
        *([None, *row] for row in sheet.rows[3:]),
    ]


def totals(sheet: Sheet) -> None:
    sheet.rows.insert(3, ["Subtotal", None, None, None, 20, None])
    sheet.below.append(["Total", None, None, None, 39, None])


def repeated_header(sheet: Sheet) -> None:
    sheet.rows.insert(3, list(HEADER))


def tail(sheet: Sheet) -> None:
    """Rows that a formula was drawn down for, and that nobody filled in."""
    sheet.below += [[None, None, None, None, "=0*1", None]] * 20


def failed_tail(sheet: Sheet) -> None:
    """Rows that a formula was drawn down for, which fails there."""
    sheet.below += [[None, None, None, None, "=1/0", None]] * 20


def undated_end(sheet: Sheet) -> None:
    """The last two answers lack their dates: they are answers all the same."""
    sheet.below += [["F-7", None, None, None, 5, None], [8, None, None, None, None, None]]


def footnote(sheet: Sheet) -> None:
    sheet.below += [[], ["Source: export of the customer desk"]]


def blank_rows(sheet: Sheet) -> None:
    sheet.rows = [line for row in sheet.rows for line in (row, [], [""] * 6)]


def blank_column(sheet: Sheet) -> None:
    for line in (*sheet.header, *sheet.rows):
        line.insert(2, None)


def padded(sheet: Sheet) -> None:
    """Blanks and no-break spaces around everything."""
    sheet.rows = [[f"  {cell}\u00a0 " if isinstance(cell, str) else cell for cell in row] for row in sheet.rows]


def merged_down(sheet: Sheet) -> None:
    """One cell for the customer of the first two rows."""
    row = len(sheet.above) + len(sheet.header) + 1
    sheet.rows[1][1] = None
    sheet.merges.append(f"B{row}:B{row + 1}")


def other_sheets(sheet: Sheet) -> None:
    sheet.other_sheets |= {"Read me": [["How this workbook is kept"]], "Codes": [["Code", "Means"], ["s", "survey"]]}


def bom(sheet: Sheet) -> None:
    sheet.encoding = "utf-8-sig"


def utf16(sheet: Sheet) -> None:
    sheet.encoding = "utf-16"


def ansi(sheet: Sheet) -> None:
    sheet.encoding = "cp1252"


def mac(sheet: Sheet) -> None:
    sheet.encoding = "mac-roman"


def cyrillic(sheet: Sheet) -> None:
    sheet.encoding = "cp1251"
    for row, text in zip(
        sheet.rows, ("Насос работает хорошо", "Поставка опоздала на неделю", "Всё в порядке"), strict=False
    ):
        row[2] = text
    for row in sheet.rows:
        row[1] = "Завод"


def semicolons(sheet: Sheet) -> None:
    sheet.delimiter = ";"


def tabs(sheet: Sheet) -> None:
    sheet.delimiter = "\t"


def pipes(sheet: Sheet) -> None:
    sheet.delimiter = "|"


def declared(sheet: Sheet) -> None:
    sheet.delimiter, sheet.prefix = ";", "sep=;\r\n"


def unix(sheet: Sheet) -> None:
    sheet.newline = "\n"


def line_breaks(sheet: Sheet) -> None:
    sheet.rows[0][2] = 'First line\nsecond, with "quotes"\n\nlast'


def german_dates(sheet: Sheet) -> None:
    _dates(sheet, "%d.%m.%Y")


def american_dates(sheet: Sheet) -> None:
    _dates(sheet, "%m/%d/%Y")


def doubtful_dates(sheet: Sheet) -> None:
    """Nothing tells whether the day or the month comes first."""
    for place, row in enumerate(_sound(sheet), 1):
        row[-1] = f"{place:02}/0{place}/2026" if place == 1 else f"0{place}/0{place + 1}/2026"


def mixed_dates(sheet: Sheet) -> None:
    """Half of the column is German, half American, and two cells could be either."""
    for row, text in zip(
        _sound(sheet), ("14.03.2026", "25.03.2026", "02.04.2026", "04/17/2026", "04/30/2026", "05/04/2026"), strict=True
    ):
        row[-1] = text


def many_date_forms(sheet: Sheet) -> None:
    """Written by six people, each of whom leaves no doubt."""
    forms = ("2026-03-14", "25.03.2026", "2 April 2026", "Apr 17, 2026", "20260430", "04-May-2026")
    for row, text in zip(_sound(sheet), forms, strict=True):
        row[-1] = text


def day_number(sheet: Sheet) -> None:
    """The export wrote one date as the day number of a spreadsheet program."""
    sheet.rows[0][-1] = "46095"


def comma_numbers(sheet: Sheet) -> None:
    _scores(sheet, ("8,0", "3,5", "9,0", "2,5", "10,0", "7,25"))


def text_numbers(sheet: Sheet) -> None:
    _scores(sheet, ("8", " 3.5", "9.0", "2", "10", "7"))


def doubtful_numbers(sheet: Sheet) -> None:
    """1.234 is one and a bit, or a thousand."""
    _scores(sheet, ("8", "3", "9", "2", "1.234", "7"))


def scientific_id(sheet: Sheet) -> None:
    _sound(sheet)[3][-6] = "5.7E+17"


def number_id(sheet: Sheet) -> None:
    """A spreadsheet program kept 15 digits of an id of 18."""
    _sound(sheet)[3][-6] = 571234567890123456


def unknown_code(sheet: Sheet) -> None:
    _sound(sheet)[1][-3] = "Brief von Hand"


def word_for_number(sheet: Sheet) -> None:
    _sound(sheet)[1][-2] = "hoch"


def beyond_scale(sheet: Sheet) -> None:
    _sound(sheet)[1][-2] = 99


def dashes(sheet: Sheet) -> None:
    for row in _sound(sheet)[:3]:
        row[-2] = "n/a"


def same_id(sheet: Sheet) -> None:
    _sound(sheet)[4][-6] = "F-2"


def needed_missing(sheet: Sheet) -> None:
    _sound(sheet)[2][-1] = None


def impossible_day(sheet: Sheet) -> None:
    _sound(sheet)[2][-1] = "30.02.2026"


def failed_formula(sheet: Sheet) -> None:
    _sound(sheet)[5][-2] = "#DIV/0!"


def formulas_as_text(sheet: Sheet) -> None:
    _sound(sheet)[0][-4] = "=HYPERLINK(0)" if sheet.merges else "+49 30 1234"


def controls(sheet: Sheet) -> None:
    _sound(sheet)[0][-4] = "<script>alert(1)</script>\u202e ' OR 1=1 --"


def torn_row(sheet: Sheet) -> None:
    sheet.rows[2].append("one cell too many")


def open_quote(sheet: Sheet) -> None:
    """A quotation mark in the last row but one is never closed."""
    text = text_of(sheet).rstrip("\r\n").rpartition(sheet.newline)
    sheet.raw = (text[0] + sheet.newline + 'F-6,Nordwerk,"Good manual,survey,7,2026-05-04' + sheet.newline).encode()


def swallowing_quote(sheet: Sheet) -> None:
    """A quotation mark is closed by that of a later row: what stands between became part of one cell."""
    lines = text_of(sheet).rstrip("\r\n").split(sheet.newline)
    end = len(lines) - 1
    lines[end - 2] = lines[end - 2].replace(",", ',"', 2).replace('"', "", 1)
    lines[end] = 'F-6,Nordwerk,"Good manual",survey,7,2026-05-04'
    sheet.raw = sheet.newline.join([*lines, ""]).encode()


def loose_quotes(sheet: Sheet) -> None:
    """Something follows a closing quotation mark, in one row only."""
    sheet.raw = text_of(sheet).replace(",Fine,", ',"Fine" pump,').encode()


def vertical_tab(sheet: Sheet) -> None:
    sheet.rows[0][2] = "The seal holds\vthe paint doesn't"


def nul(sheet: Sheet) -> None:
    sheet.rows[0][2] = "The seal\0holds"


def two_code_pages(sheet: Sheet) -> None:
    """Two rows come from a DOS program, the others from Windows."""
    lines = text_of(sheet).replace("Fine", "Schön und größer").split(sheet.newline)
    dos = "F-7,Käufer,Lieferung zu spät,survey,5,2026-05-05"
    sheet.raw = b"\r\n".join([*(line.encode("cp1252") for line in lines[:-1]), dos.encode("cp850"), b""])


def per_cent(sheet: Sheet) -> None:
    """Scores that a workbook shows as per cent."""
    for row, share in zip(_sound(sheet), (0.1, 0.05, 0.08, 0.02, 0.07, 0.03), strict=True):
        row[-2] = share
    sheet.formats["E"] = "0%"


def padded_ids(sheet: Sheet) -> None:
    """Ids that are numbers, and show through a format."""
    for number, row in enumerate(_sound(sheet), 1):
        row[-6] = number
    sheet.formats["A"] = '"F-"0'


def hidden_rows(sheet: Sheet) -> None:
    sheet.hidden += [3, 5]


def a_million_columns(sheet: Sheet) -> None:
    sheet.header[0] += [f"C{number}" for number in range(1_000_000)]


def a_far_cell(sheet: Sheet) -> None:
    """One stray value in the last row and column that a sheet can have."""
    sheet.below.append([])


def bomb(sheet: Sheet) -> None:
    """A workbook whose sheet unpacks to ever so much."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 30_000_000)
    sheet.raw = file.getvalue()


def entities(sheet: Sheet) -> None:
    """A billion laughs in a cell."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    file, sound = io.BytesIO(), zipfile.ZipFile(io.BytesIO(workbook_of(sheet)))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sound.namelist():
            content = sound.read(name)
            if name.endswith("sheet1.xml"):
                content = f'<!DOCTYPE worksheet [<!ENTITY l0 "ha">{laughs}]>'.encode() + content.replace(
                    b">Fine<", b">&l9;<"
                )
            archive.writestr(name, content)
    sheet.raw = file.getvalue()


def cut_off(sheet: Sheet) -> None:
    sheet.raw = workbook_of(sheet)[:3000]


def web_page(sheet: Sheet) -> None:
    sheet.raw = b"<html><table><tr><td>Nr</td></tr></table></html>"


def nothing(sheet: Sheet) -> None:
    sheet.raw = b""


def header_alone(sheet: Sheet) -> None:
    sheet.rows = []


def no_header(sheet: Sheet) -> None:
    sheet.header, sheet.rows = [], [[1, 2, 3], [4, 5, 6]]


def _sound(sheet: Sheet) -> list[Row]:
    """The six rows, wherever other quirks have put them."""
    return [row for row in sheet.rows if len(row) >= len(HEADER) and str(row[-6]).strip().startswith("F-")]


def _dates(sheet: Sheet, form: str) -> None:
    for row in _sound(sheet):
        row[-1] = row[-1].strftime(form)


def _scores(sheet: Sheet, texts: tuple[str, ...]) -> None:
    for row, text in zip(_sound(sheet), texts, strict=True):
        row[-2] = text


QUIRKS: dict[str, Callable[[Sheet], None]] = {
    name: quirk
    for name, quirk in list(globals().items())
    if callable(quirk) and getattr(quirk, "__annotations__", {}).get("sheet") == "Sheet" and not name.startswith("_")
}


def make(folder: Path, name: str) -> Path:
    """The file of a name."""
    stem, _dot, ending = name.rpartition(".")
    sheet = Sheet()
    for quirk in stem.split("+"):
        if quirk != "sound":
            QUIRKS[quirk](sheet)
    path = folder / name
    if sheet.raw is not None:
        path.write_bytes(sheet.raw)
    elif ending == "csv":
        path.write_bytes(text_of(sheet).encode(sheet.encoding))
    elif ending == "xlsx":
        path.write_bytes(workbook_of(sheet, far="a_far_cell" in stem))
    else:
        {"xls": save_xls, "ods": save_ods}[ending](path, sheet.lines)
    return path


def text_of(sheet: Sheet) -> str:
    """The table as text."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=sheet.delimiter, lineterminator=sheet.newline).writerows(
        ["" if cell is None else cell for cell in line] for line in sheet.lines
    )
    return sheet.prefix + file.getvalue()


def workbook_of(sheet: Sheet, *, far: bool = False) -> bytes:
    """The table as XLSX, behind the other sheets."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, lines in {**sheet.other_sheets, "Data": sheet.lines}.items():
        page: Any = book.create_sheet(name)
        for line in lines:
            page.append([None if cell == "" else cell for cell in line])
    for area in sheet.merges:
        page.merge_cells(area)
    for letter, code in sheet.formats.items():
        for cell in page[letter]:
            cell.number_format = code
    for number in sheet.hidden:
        page.row_dimensions[number].hidden = True
    if far:
        page["XFD1048576"] = "x"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
