"""How a file was read by hand is remembered with its headers, and used for the next of its kind where it fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from imports.mapping import ImportMapping
from imports.pipeline import read_table
from imports.saved_mappings import Understood, recognise, remember
from registers.register import registry
from spreadsheets.errors import UnreadableFile
from tests.spreadsheets.workbooks import save

pytestmark = pytest.mark.usefixtures("in_acme")

ACTIONS = registry["actions"]
HEADERS, ROW = ["Nr", "Was", "Wann"], ["A1", "Mend", "2026-05-04"]
OLD = [["Id", "Action", "Due"], *([f"O{number}", "Old", "2020-01-01"] for number in range(9))]


def taught(**reading: Any) -> None:
    """A file with these headers was imported, read as somebody chose."""
    remember(ACTIONS, HEADERS, ImportMapping(reading=reading), filename="plan.xlsx", by=None)


def understood(path: Path) -> Understood:
    return recognise(ACTIONS, lambda mapping: read_table(path, path.name, ACTIONS, mapping))


def workbook(folder: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    return save(folder / "next.xlsx", sheets)


def notes(found: Understood) -> str:
    return " ".join(map(str, found.table.notes))


def test_the_sheet_that_was_chosen_is_read_again(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Old": OLD, "Data": [HEADERS, ROW]})
    assert understood(path).table.sheet == "Old"
    taught(sheet="Data")
    found = understood(path)
    assert (found.table.sheet, found.mapping.reading) == ("Data", {"sheet": "Data"})
    assert found.saved is not None
    assert "It is read as was chosen for plan.xlsx: sheet “Data”." in notes(found)


def test_a_sheet_that_is_not_there_is_ignored_and_said(tmp_path: Path) -> None:
    taught(sheet="Data", header_row=4)
    found = understood(workbook(tmp_path, {"Other": [HEADERS, ROW]}))
    assert (found.table.sheet, found.mapping.reading) == ("Other", {})
    assert found.saved is not None
    assert "The sheet “Data”, chosen for plan.xlsx, isn't in this workbook: “Other” is read." in notes(found)


def test_a_sheet_of_that_name_with_other_columns_is_no_file_of_that_kind(tmp_path: Path) -> None:
    taught(sheet="Data")
    found = understood(workbook(tmp_path, {"Old": OLD, "Data": [["Name", "Phone"], ["Ann", "1"]]}))
    assert (found.table.sheet, found.saved, found.mapping) == ("Old", None, ImportMapping())


def test_the_header_row_that_was_chosen_is_taken_again_where_it_is_the_header(tmp_path: Path) -> None:
    above = [["Id", "Action", "Due"], ["all", "of", "them"], [], HEADERS, ROW]
    taught(header_row=4)
    found = understood(workbook(tmp_path, {"Data": above}))
    assert (found.table.header_row, found.table.headers) == (4, tuple(HEADERS))
    found = understood(workbook(tmp_path, {"Data": [HEADERS, ROW, ROW, ROW, ROW]}))
    assert (found.table.header_row, found.mapping.reading) == (1, {})
    assert "The header isn't in row 4, as was chosen for plan.xlsx: it was found in row 1." in notes(found)


@pytest.mark.parametrize(
    ("encoding", "read"),
    [("cp1250", "cp1250"), ("utf-8", "utf-8"), ("utf-16", "utf-16")],
)
def test_a_chosen_encoding_is_used_unless_the_file_says_its_own(tmp_path: Path, encoding: str, read: str) -> None:
    taught(encoding="cp1250")
    path = tmp_path / "next.csv"
    path.write_bytes("Nr;Was;Wann\nA1;Müll für Größe;2026-05-04\n".encode(encoding))
    found = understood(path)
    assert (found.table.encoding, found.table.rows().__next__().cells[1]) == (read, "Müll für Größe")


def test_a_file_that_is_no_table_stays_none(tmp_path: Path) -> None:
    taught(sheet="Data", header_row=2)
    with pytest.raises(UnreadableFile, match="No header row"):
        understood(workbook(tmp_path, {"Data": [[1, 2], [3, 4]]}))
