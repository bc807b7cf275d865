"""Files that are no tables: each is told apart with a sentence, and no bytes whatever bring the reader down."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spreadsheets.errors import UnreadableFile
from spreadsheets.reader import open_table
from spreadsheets.table import Limits
from tests.spreadsheets.conftest import Write
from tests.spreadsheets.workbooks import raw, save, text

CSV = (
    "Citation;Überschrift;Text;Effective\r\n"
    '21 CFR 1;Scope;"(a) First; second\r\nthird ""quoted"""; 25.05.2018\r\n'
    "21 CFR 2;Prüfung;plain;1.6.2019\r\n"
) * 3
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = settings(FEW, max_examples=150)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.csv", "The file is empty: it holds no bytes"),
        (b" \r\n\t\n", "a.csv", "The file is empty: there is no header"),
        (b"\xef\xbb\xbf", "a.csv", "The file is empty: there is no header"),
        (b"%PDF-1.7\n...", "a.csv", "This is a PDF"),
        (b"\x89PNG\r\n\x1a\n....", "a.xlsx", "This is a picture"),
        (b"\x1f\x8b\x08\x00abc", "a.csv", "This is a compressed file"),
        (b"{\\rtf1 hello}", "a.csv", "a rich text document"),
        (b"SQLite format 3\0....", "a.csv", "This is a database"),
        (b'{"rows": [1, 2]}', "a.csv", "This is a JSON file"),
        (b'[\n  {"a": 1}\n]', "a.csv", "This is a JSON file"),
        (b'<?xml version="1.0"?>\n<gdpr/>', "a.csv", "This is an XML file"),
        ('\ufeff<?xml version="1.0"?>\n<gdpr/>'.encode("utf-16"), "a.csv", "This is an XML file"),
        (b'<?xml version="1.0"?><REQ-IF xmlns="x"/>', "a.xml", "This is a ReqIF file"),
        (b'<?xml version="1.0"?><broken', "a.ReqIF", "This is a ReqIF file"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "a.xls",
            "an XML spreadsheet of 2003",
        ),
        (b"<HTML><body><table><tr><td>1</td></tr></table>", "a.xls", "This is a web page"),
        (b"PK\x05\x06" + bytes(18), "a.xlsx", "This is an empty ZIP archive"),
        (bytes(range(256)) * 20, "a.csv", "This is not a text file"),
        (bytes(5000), "a.csv", "This is not a text file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1junk", "a.xls", "The workbook is damaged"),
    ],
)
def test_what_is_no_table_is_named(write: Write, content: bytes, name: str, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        open_table(write(content, name=name))


def test_a_file_too_large_is_refused_with_its_size(write: Write) -> None:
    with pytest.raises(UnreadableFile, match=r"The file is 3 MiB large; at most 1 MiB are read"):
        open_table(write(b"a" * (2 * 1024 * 1024 + 1)), limits=Limits(file_bytes=1024 * 1024))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        open_table(tmp_path)


def read_calmly(path: Path) -> None:
    """Read a file to its end; anything but a table or UnreadableFile fails the test."""
    try:
        table = open_table(path)
        rows = list(table.rows())
    except UnreadableFile as error:
        assert str(error).endswith(".") or "It has:" in str(error)
        return
    assert len(rows) == table.row_count
    assert sum(1 for row in rows if row.problem) == table.problem_count
    assert all(len(row.cells) == len(table.headers) for row in rows)
    assert len(set(table.headers)) == len(table.headers) and all(table.headers)
    assert all(str(note) for note in table.notes)


@MANY
@given(st.binary(max_size=3000))
def test_random_bytes_are_read_calmly(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "random.csv"
    path.write_bytes(content)
    if not content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        read_calmly(path)


@MANY
@given(
    st.text(alphabet=st.sampled_from('ab1,;\t|"\n\r €ü\0\ufeff\u2028x='), max_size=300),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
)
def test_random_text_is_read_calmly(tmp_path: Path, content: str, encoding: str) -> None:
    path = tmp_path / "random.csv"
    path.write_bytes(content.encode(encoding, "replace"))
    read_calmly(path)


def mutated(content: bytes, seed: int) -> bytes:
    """The content with a few bytes changed, left out, put in, or cut off."""
    dice = random.Random(seed)
    changed = bytearray(content)
    for _ in range(dice.randint(1, 8)):
        place = dice.randrange(len(changed)) if changed else 0
        match dice.randrange(4):
            case 0:
                changed[place : place + 1] = bytes([dice.randrange(256)])
            case 1:
                del changed[place : place + dice.randint(1, 20)]
            case 2:
                changed[place:place] = dice.choice(
                    [b'"', b"\0", b"\xff", b"\r", b";", b",,,,", bytes([dice.randrange(256)])]
                )
            case _:
                del changed[max(place, len(content) // 3) :]
    return bytes(changed)


@MANY
@given(st.integers(0, 10**6), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_damaged_text_files_are_read_calmly(tmp_path: Path, seed: int, encoding: str) -> None:
    path = tmp_path / "damaged.csv"
    path.write_bytes(mutated(CSV.encode(encoding), seed))
    read_calmly(path)


@FEW
@given(st.integers(0, 10**6))
def test_damaged_workbooks_are_read_calmly(tmp_path: Path, seed: int) -> None:
    path = save(tmp_path / "damaged.xlsx", {"S": [["Ref", "Statement"], ["R-1", "Start"], ["R-2", 5]], "T": []})
    path.write_bytes(mutated(path.read_bytes(), seed))
    read_calmly(path)


@FEW
@given(st.integers(0, 10**6))
def test_workbooks_with_damaged_xml_are_read_calmly(tmp_path: Path, seed: int) -> None:
    error = '<c r="B2" t="e"><v>#N/A</v></c>'
    rows = f'<row r="1">{text("A1", "Ref")}{text("B1", "Statement")}</row><row r="2">{text("A2", "R-1")}{error}</row>'
    whole = raw(tmp_path / "whole.xlsx", rows)
    with zipfile.ZipFile(whole) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    victim = sorted(parts)[seed % len(parts)]
    path = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, mutated(part, seed) if name == victim else part)
    read_calmly(path)
