"""What is not quite a table, and the sentence it gets."""

from __future__ import annotations

import io
import zipfile

import pytest

from spreadsheets.errors import UnreadableFile
from spreadsheets.reader import open_table
from tests.spreadsheets.conftest import Write


def _archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("table.numbers", _archive("Index/Document.iwa", "Metadata/Properties.plist"), "Export To, Excel or CSV"),
        ("old.numbers", _archive("Index.zip", "preview.jpg"), "Export To, Excel or CSV"),
        ("report.pages", _archive("Index/Document.iwa", "Data/x.png"), "Export To, Excel or CSV"),
        ("folder.zip", _archive("risks.numbers/Index.zip"), "Export To, Excel or CSV"),
        ("list.gsheet", b'{"":"WARNING! DO NOT EDIT","doc_id":"1x","resource_key":"","email":"a@b.example"}', "Google"),
        ("list", b'{"url": "https://docs.google.com/open?id=1x", "doc_id": "1x"}', "Google"),
        ("list.url", b"[InternetShortcut]\r\nURL=https://sheets.example/1\r\n", "This is a shortcut"),
        ("list.url", "[InternetShortcut]\r\nURL=x\r\n".encode("utf-16"), "This is a shortcut"),
        ("list.webloc", b'<?xml version="1.0"?><plist><dict><key>URL</key></dict></plist>', "This is a shortcut"),
        ("list.xlsx - Shortcut.lnk", b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(68), "This is a shortcut"),
        ("list.desktop", b"[Desktop Entry]\nType=Link\nURL=x\n", "This is a shortcut"),
        ("~$list.xlsx", b"\x05Maria" + b" " * 150, "beside a document while it is open"),
        ("._list.csv", b"\x00\x05\x16\x07\x00\x02\x00\x00" + bytes(60), "beside a document while it is open"),
        ("parts.accdb", b"\x00\x01\x00\x00Standard ACE DB\x00" + bytes(50), "a database"),
    ],
)
def test_what_is_not_quite_a_table_is_named_with_the_way_out(
    write: Write, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(UnreadableFile, match=words):
        open_table(write(content, name=name), filename=name)


def test_a_table_that_speaks_of_google_is_a_table(write: Write) -> None:
    table = open_table(write("Ref,Source\nR-1,https://docs.google.com/x\nR-2,Contract\n"))
    assert table.row_count == 2
