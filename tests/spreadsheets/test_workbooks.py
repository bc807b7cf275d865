"""Workbooks: sheets, header rows, kinds of cells, errors, and files made to do harm."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from spreadsheets import room, sandbox
from spreadsheets.errors import UnreadableFile
from spreadsheets.reader import open_table
from spreadsheets.table import UNCALCULATED, Limits, Sheet, Table
from spreadsheets.workbooks import open_workbook
from tests.spreadsheets.workbooks import raw, save, text

HEADER = ["Ref", "Statement", "Owner"]
ROWS = [["R-1", "Start", "Ann"], ["R-2", "Stop", "Bob"]]


def notes(table: Table) -> list[str]:
    return [str(note) for note in table.notes]


def first(table: Table) -> tuple[object, ...]:
    return next(table.rows()).cells


def test_cells_come_as_the_workbook_holds_them(tmp_path: Path) -> None:
    values = [
        "x\ny",
        3,
        2.5,
        True,
        dt.datetime(2020, 1, 2, 3, 4, 5),
        dt.date(2020, 1, 2),
        dt.time(3, 4, 5),
        dt.timedelta(hours=30),
        None,
    ]
    table = open_table(save(tmp_path / "a.xlsx", {"S": [[f"Header {n}" for n in range(9)], values]}))
    assert first(table) == (
        "x\ny",
        3.0,
        2.5,
        True,
        dt.datetime(2020, 1, 2, 3, 4, 5),
        dt.date(2020, 1, 2),
        dt.time(3, 4, 5),
        "30:00:00",
        None,
    )
    assert (table.format, table.sheet, table.encoding, table.delimiter) == ("xlsx", "S", "", "")


def test_dates_counted_from_1904_are_right(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["When", "What"])
    book.active.append([dt.datetime(2020, 1, 2), "x"])
    book.save(tmp_path / "mac.xlsx")
    assert first(open_table(tmp_path / "mac.xlsx")) == (dt.date(2020, 1, 2), "x")


def test_rows_and_columns_keep_their_places_in_a_table_that_starts_further_in(tmp_path: Path) -> None:
    rows = [[], [], [None, None, *HEADER], [], [None, None, *ROWS[0]], [None, None, *ROWS[1]]]
    table = open_table(save(tmp_path / "a.xlsx", {"S": rows}))
    assert (table.header_row, table.columns, table.headers) == (3, (2, 3, 4), tuple(HEADER))
    assert [row.number for row in table.rows()] == [5, 6]


def test_titles_above_the_header_and_breaks_in_it_are_understood(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["FMEA"],
        [],
        ["Prose about the system, which goes on for quite a while and says what is meant by the figures below"],
        [],
        ["Problem", "Severity\n(mkII)", "Risk\r\npriority"],
        ["Leak", 5, 20],
        ["Block", 3, 9],
    ]
    table = open_table(save(tmp_path / "a.xlsx", {"S": rows}))
    assert (table.header_row, table.headers) == (5, ("Problem", "Severity (mkII)", "Risk priority"))


def test_empty_and_hidden_sheets_are_passed_over(tmp_path: Path) -> None:
    longer = [HEADER, *(["R", "Text", "Eve"] for _ in range(50))]
    table = open_table(
        save(tmp_path / "a.xlsx", {"Empty": [], "Hidden": longer, "Shown": [HEADER, *ROWS]}, hidden=["Hidden"])
    )
    assert (table.sheet, table.row_count) == ("Shown", 2)
    assert table.sheets == (Sheet("Empty", 0), Sheet("Hidden", 51, True), Sheet("Shown", 3))
    assert "The empty sheet “Empty” was passed over." in notes(table)
    assert "The hidden sheet “Hidden” (51 rows) was passed over." in notes(table)


def test_the_sheet_with_known_words_is_chosen(tmp_path: Path) -> None:
    sheets = {
        "Read me": [["How to fill in this workbook"], ["Ask Ann"]],
        "Data": [HEADER, *ROWS],
        "Codes": [["Code", "Meaning"], *[["a", "b"]] * 40],
    }
    table = open_table(save(tmp_path / "a.xlsx", sheets), vocabulary={"ref", "statement", "owner"})
    assert table.sheet == "Data"


def test_a_named_sheet_is_used_even_if_hidden(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", {"A": [HEADER, *ROWS], "B": [["X", "Y"], ["1", "2"]]}, hidden=["B"])
    assert open_table(path, sheet="B").headers == ("X", "Y")


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"no readable sheet “C”. It has: “A”."):
        open_table(save(tmp_path / "a.xlsx", {"A": [HEADER, *ROWS]}), sheet="C")


@pytest.mark.parametrize("rows", [[], [[None]], [[" "], ["\n"]]])
def test_a_workbook_without_values_is_refused(tmp_path: Path, rows: Sequence[Sequence[object]]) -> None:
    with pytest.raises(UnreadableFile, match=r"all its sheets are empty|No header row was found"):
        open_table(save(tmp_path / "a.xlsx", {"A": rows}))


def test_a_workbook_of_numbers_has_no_header(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"No header row was found"):
        open_table(save(tmp_path / "a.xlsx", {"A": [[1, 2], [3, 4]]}))


def test_cells_beside_the_table_are_reported_with_their_place(tmp_path: Path) -> None:
    rows: list[list[str | None]] = [[*HEADER], [*ROWS[0]], [*ROWS[1], None, "see Ann"], [*ROWS[0]], [*ROWS[1]]]
    table = open_table(save(tmp_path / "a.xlsx", {"S": rows}))
    problems = [(row.number, str(row.problem)) for row in table.rows() if row.problem]
    assert problems == [
        (3, "Cell E3 (“see Ann”) stands beside the table. Give its column a header, or clear the cell.")
    ]
    assert [row.extra for row in table.rows()][1] == (None, "see Ann")
    assert table.problem_count == 1


def test_a_column_without_header_that_most_rows_use_is_kept(tmp_path: Path) -> None:
    table = open_table(save(tmp_path / "a.xlsx", {"S": [HEADER, *([*row, "x"] for row in ROWS)]}))
    assert (table.headers, table.problem_count) == ((*HEADER, "Column D"), 0)


def test_failed_and_uncalculated_formulas_do_not_pass_for_blank_cells(tmp_path: Path) -> None:
    failed = '<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B2"><f>1+1</f></c>'
    fine = '<c r="C2" t="str"><f>""</f><v></v></c><c r="D2" s="0"/>'
    last = '<row r="4"><c t="e" r="B4"><v>#REF!</v></c></row><row r="6"><c r="A6"><f>1+1</f><v/></c></row>'
    header = "".join(text(f"{letter}1", f"Header {letter}") for letter in "ABCD")
    table = open_table(raw(tmp_path / "a.xlsx", f'<row r="1">{header}</row><row r="2">{failed}{fine}</row>{last}'))
    assert [(row.number, row.cells) for row in table.rows()] == [
        (2, ("#DIV/0!", UNCALCULATED, None, None)),
        (4, (None, "#REF!", None, None)),
        (6, (UNCALCULATED, None, None, None)),
    ]
    assert "4 cells show an error or a formula that was never calculated." in notes(table)


def test_the_value_of_merged_cells_counts_in_each_of_their_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [HEADER, *ROWS]:
        book.active.append(row)
    book.active.merge_cells("C2:C3")
    book.save(tmp_path / "a.xlsx")
    table = open_table(tmp_path / "a.xlsx")
    assert [row.cells[2] for row in table.rows()] == [ROWS[0][2], ROWS[0][2]]
    said = "1 area of merged cells: its value counts in every row that it covers, in its first column."
    assert said in notes(table)


def test_a_workbook_is_known_by_its_content_and_not_its_name(tmp_path: Path) -> None:
    path = save(tmp_path / "a.csv", {"S": [HEADER, *ROWS]})
    assert open_table(path).format == "xlsx"


def test_rows_of_a_workbook_can_be_walked_again_and_its_folder_goes_with_it(tmp_path: Path) -> None:
    table = open_table(save(tmp_path / "a.xlsx", {"S": [HEADER, *ROWS]}))
    assert list(table.rows()) == list(table.rows())
    folder = table._walk.args[0].folder.path  # type: ignore[attr-defined]
    assert folder.exists()
    del table
    assert not folder.exists()


def test_a_cell_far_away_is_refused_before_memory_runs_out(tmp_path: Path) -> None:
    path = raw(
        tmp_path / "far.xlsx",
        f'<row r="1">{text("A1", "Name")}</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    )
    with pytest.raises(UnreadableFile, match=r"needs more memory than is allowed"):
        open_table(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = raw(tmp_path / "bomb.xlsx", text("A1", "Name"), {"xl/media/zeros": bytes(30 * 1024 * 1024)})
    with pytest.raises(UnreadableFile, match=r"unpacks to more than is allowed"):
        open_table(path)
    with pytest.raises(UnreadableFile, match=r"more than is allowed \(1 MiB\)"):
        open_table(path, limits=Limits(unpacked_bytes=1024 * 1024, ratio=10**9))


def test_a_workbook_that_takes_too_long_is_refused(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}">{text(f"A{n}", "x" * 40)}</row>' for n in range(1, 800_000))
    with pytest.raises(UnreadableFile, match=r"took too long to open"):
        open_table(raw(tmp_path / "slow.xlsx", rows), limits=Limits(seconds=1, ratio=10**9))


def test_entities_in_a_workbook_expand_to_nothing(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    book = f'{bomb.decode()}<workbook xmlns="urn:x"><sheets><sheet name="&b;&f;"/></sheets></workbook>'
    path = tmp_path / "entities.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", book)
        archive.writestr("xl/_rels/workbook.xml.rels", "<Relationships/>")
    with pytest.raises(UnreadableFile, match=r"damaged or cut off"):
        open_table(path)


def test_a_protected_workbook_is_said_to_be_protected(tmp_path: Path) -> None:
    path = tmp_path / "locked.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(UnreadableFile, match=r"protected with a password"):
        open_table(path)


def test_a_protected_archive_is_said_to_be_protected(tmp_path: Path) -> None:
    path = raw(tmp_path / "locked.xlsx", "")
    content = bytearray(path.read_bytes())
    for place in range(len(content)):
        if content[place : place + 4] == b"PK\x01\x02":
            content[place + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"protected with a password"):
        open_table(path)


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        ("word/document.xml", "a text document"),
        ("ppt/presentation.xml", "a presentation"),
        ("notes.txt", "a ZIP archive"),
        ("a.reqif", "packed ReqIF"),
    ],
)
def test_other_archives_are_named(tmp_path: Path, member: str, sentence: str) -> None:
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "x")
    with pytest.raises(UnreadableFile, match=sentence):
        open_table(path)


@pytest.mark.parametrize("kept", [30, 200, 0.5, 0.99])
def test_a_workbook_cut_off_is_said_to_be_damaged(tmp_path: Path, kept: float) -> None:
    path = save(tmp_path / "a.xlsx", {"S": [HEADER, *ROWS]})
    content = path.read_bytes()
    path.write_bytes(content[: int(kept if kept > 1 else kept * len(content))])
    with pytest.raises(UnreadableFile, match=r"damaged or cut off"):
        open_table(path)


ODS_ROWS = (
    '<table:table-row><table:table-cell office:value-type="string"><text:p>Ref</text:p></table:table-cell>'
    '<table:table-cell office:value-type="string"><text:p>Größe</text:p></table:table-cell></table:table-row>'
    '<table:table-row><table:table-cell office:value-type="string"><text:p>R-1</text:p></table:table-cell>'
    '<table:table-cell office:value-type="float" office:value="2.5"><text:p>2,5</text:p></table:table-cell>'
    "</table:table-row>"
)


def test_an_open_document_is_read(tmp_path: Path) -> None:
    names = "urn:oasis:names:tc:opendocument:xmlns"
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<manifest xmlns="{names}:manifest:1.0"/>')
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0"'
            f' xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Tabelle1">'
            f"{ODS_ROWS}</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    table = open_table(path)
    assert (table.format, table.sheet, table.headers, first(table)) == (
        "ods",
        "Tabelle1",
        ("Ref", "Größe"),
        ("R-1", 2.5),
    )


def test_a_damaged_sheet_is_passed_over_with_a_note(tmp_path: Path) -> None:
    whole = save(tmp_path / "a.xlsx", {"Good": [HEADER, *ROWS], "Bad": [HEADER, *ROWS]})
    path = tmp_path / "b.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(
                name, b"<worksheet><sheetData><row><c" if name.endswith("sheet2.xml") else source.read(name)
            )
    table = open_table(path)
    assert table.row_count == 2
    assert "Sheets that hold no table, or are damaged, were passed over: “Bad”." in notes(table)


def test_a_chart_sheet_is_no_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [HEADER, *ROWS]:
        book.active.append(row)
    book.create_chartsheet("Chart")
    book.save(tmp_path / "a.xlsx")
    table = open_table(tmp_path / "a.xlsx")
    assert [sheet.name for sheet in table.sheets] == ["Sheet"]
    assert any("“Chart”" in note for note in notes(table))


def far_off(path: Path, rows: int, left: str = "") -> Path:
    """A workbook whose rows hold a value in the last column that there is, and nothing or one cell before it."""
    cells = "".join(
        f'<row r="{n}">{left and text(f"A{n}", left)}{text(f"XFD{n}", "x")}</row>' for n in range(1, rows + 1)
    )
    return raw(path, cells)


@pytest.mark.parametrize("left", ["", "R"])
def test_values_in_the_last_column_do_not_fill_the_disk(tmp_path: Path, left: str) -> None:
    """12 kB became 123 MB of blanks."""
    path = far_off(tmp_path / "far.xlsx", 1500, left)
    assert path.stat().st_size < 20_000
    (tmp_path / "out").mkdir()
    bounds = {name: getattr(Limits(), name) for name in ("memory_bytes", "seconds", "unpacked_bytes", "ratio", "cells")}
    index = sandbox.opened("spreadsheets.workbook_worker", path, tmp_path / "out", bounds)
    assert index["sheets"][0]["rows"] == 1500
    assert sum(file.stat().st_size for file in (tmp_path / "out").iterdir()) < 200_000


def test_cells_between_blanks_come_where_they_stood(tmp_path: Path) -> None:
    path = raw(
        tmp_path / "a.xlsx",
        f"<row r='1'>{text('A1', 'Ref')}{text('B1', 'Text')}</row><row r='2'>{text('A2', 'R-1')}{text('CV2', 'far')}</row>",
    )
    records = list(open_workbook(path, Limits()).sheets[0].source.records())
    assert records[1] == ["R-1", *[None] * 98, "far"]


def test_more_cells_than_are_read_are_refused_with_what_is_to_blame(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="a stray value far below or beside the table is to blame"):
        open_table(far_off(tmp_path / "far.xlsx", 200), limits=Limits(cells=1_000_000))


def test_one_text_in_very_many_cells_does_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "WRITTEN", 100_000)
    ours = room.Room.of(far_off(tmp_path / "far.xlsx", 1), {"unpacked_bytes": 10**9, "cells": 10**9})
    with pytest.raises(room.Refused, match="large"):
        for _row in range(100):
            ours.line(["x" * 10_000])
