"""What people may attach: kinds, sizes, names."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from evidence import files


def office(member: str, content: bytes = b"<x/>") -> bytes:
    """A zip with one member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n...", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("Prüfprotokoll".encode("cp1252"), "text/plain"),
        (office("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (office("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_the_kind_is_read_from_the_content(content: bytes, kind: str) -> None:
    assert files.examine(SimpleUploadedFile("anything", content)).media_type == kind


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00\x03\x00", "kind of file"),
        (office("evil.sh"), "Archives"),
        (b"PK\x03\x04 torn off", "damaged"),
    ],
)
def test_other_kinds_are_refused_with_a_reason(content: bytes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        files.examine(SimpleUploadedFile("report.pdf", content))


def test_a_file_over_the_limit_is_refused_with_both_sizes(settings: object) -> None:
    settings.ATTACHMENT_MAX_BYTES = 10  # type: ignore[attr-defined]
    with pytest.raises(ValidationError) as refused:
        files.examine(SimpleUploadedFile("a.txt", b"x" * 11))
    assert "11\xa0bytes; at most 10\xa0bytes" in refused.value.messages[0]


def test_an_office_file_that_unpacks_to_far_more_than_its_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BOMB_BYTES", 100_000)
    with pytest.raises(ValidationError, match="unpacks"):
        files.examine(SimpleUploadedFile("a.docx", office("word/document.xml", b"0" * 200_000)))


@given(st.text(max_size=400))
def test_a_name_never_holds_folders_or_invisible_characters(name: str) -> None:
    clean = files.clean_name(name)
    assert clean and len(clean) <= 200
    assert not set(clean) & set("/\\\x00\r\n\u202e") and clean not in (".", "..")


@pytest.mark.parametrize(
    ("name", "content", "fits"),
    [
        ("report.pdf", b"%PDF-1.7", True),
        ("REPORT.PDF", b"%PDF-1.7", True),
        ("report", b"%PDF-1.7", True),
        ("minutes of 2.3", b"plain text", True),
        ("photo.jpeg", b"\xff\xd8\xff", True),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", True),
        ("list.xlsm", office("xl/workbook.xml"), True),
        ("rows.csv", b"a,b\n", True),
        ("report.pdf.exe", b"%PDF-1.7", False),
        ("report.pdf", b"plain text", False),
        ("photo.png", b"\xff\xd8\xff", False),
        ("letter.xlsx", office("word/document.xml"), False),
        ("letter.pdf", office("word/document.xml"), False),
        ("run.hta", b"<script>new ActiveXObject('x')</script>", False),
        ("picture.svg", b"<svg onload='alert(1)'/>", False),
        ("page.html", b"<html>", False),
        ("run.js", b"alert(1)", False),
        ("run.bat", b"del *", False),
        ("a.lnk", b"text", False),
    ],
)
def test_an_ending_that_does_not_fit_the_content_is_refused_with_those_that_do(
    name: str, content: bytes, fits: bool
) -> None:
    if fits:
        assert files.examine(SimpleUploadedFile(name, content)).name == name
        return
    with pytest.raises(ValidationError, match="ends in .*, which doesn't fit what is in it") as refused:
        files.examine(SimpleUploadedFile(name, content))
    assert f".{files.ENDINGS[files.media_type(io.BytesIO(content))][0]}" in refused.value.messages[0]


def test_every_kind_that_is_taken_has_endings_that_fit() -> None:
    assert {kind for _, kind in (*files.SIGNATURES, *files.OFFICE)} | {
        "image/webp",
        "text/plain",
    } == files.ENDINGS.keys()
