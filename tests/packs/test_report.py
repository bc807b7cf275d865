"""The report, read back from the PDF."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packs.contents import Contents
from packs.report import report, tables
from packs.report.report import report_data, write_report
from tests.packs import samples, trails
from typesetting import ReportError
from typesetting.fonts import Fonts
from typesetting.text import Legible, one_line, shortened


@pytest.fixture(scope="module")
def pdf(bag: Path) -> Any:
    return pypdf.PdfReader(bag / "data" / "report.pdf")


@pytest.fixture(scope="module")
def text(pdf: Any) -> str:
    """All words of the report, without spaces, as lines break where they must, and joiners, which have no shape."""
    return squeezed("".join(page.extract_text() for page in pdf.pages))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200c\u200d]+", "", text)


def printed(contents: Contents, fonts: Fonts, folder: Path) -> str:
    write_report(contents, fonts, folder / "report.pdf", folder)
    return squeezed("".join(page.extract_text() for page in pypdf.PdfReader(folder / "report.pdf").pages))


def test_metadata_claims_pdf_a_3a_and_pdf_ua_1(bag: Path) -> None:
    with pikepdf.open(bag / "data" / "report.pdf") as document, document.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["pdfuaid:part"] == "1"


def test_document_is_tagged_and_has_language_and_title(pdf: Any) -> None:
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata and pdf.metadata.title == "Evidence of customer focus – Acme Pumps GmbH"


def test_date_is_the_as_of_moment(pdf: Any) -> None:
    assert pdf.metadata and pdf.metadata.creation_date == datetime(2026, 10, 9, 12, 2, 33, tzinfo=UTC)


def test_all_fonts_are_embedded(pdf: Any) -> None:
    fonts = [font.get_object() for page in pdf.pages for font in page["/Resources"].get("/Font", {}).values()]
    described = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert described and all("/FontFile2" in each or "/FontFile3" in each for each in described)


def test_every_picture_has_a_description(bag: Path) -> None:
    with pikepdf.open(bag / "data" / "report.pdf") as document:
        figures = [
            item for item in document.objects if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        ]
        assert figures and all(len(str(figure.get("/Alt", ""))) > 20 for figure in figures)


def test_file_ends_with_a_line_end(bag: Path) -> None:
    assert (bag / "data" / "report.pdf").read_bytes().endswith(b"%%EOF\n")


@pytest.mark.parametrize("awkward", samples.AWKWARD)
def test_text_of_records_is_printed_as_it_reads(text: str, fonts: Fonts, awkward: str) -> None:
    shown = Legible(fonts.glyphs)(shortened(one_line(awkward), tables.TEXT_LENGTH))
    assert squeezed(shown) in text


def test_cover_says_what_was_asked_for(pdf: Any) -> None:
    cover = pdf.pages[0].extract_text()
    for said in (
        "Acme Pumps GmbH",
        "Graz and Lyon",
        "1 July 2026 to 30 September 2026",
        "9 October 2026, 14:02",
        "Europe/Vienna",
        "EP-0017",
    ):
        assert said in cover


def test_cover_says_who_signs_and_what_is_not_proved(pdf: Any) -> None:
    cover = " ".join(pdf.pages[0].extract_text().split())
    assert "CN=Acme Pumps GmbH" in cover and "Who signed is proved only by a fingerprint" in cover
    assert samples.certificate().signer.readable_fingerprint in cover.replace(" ", "")


def test_every_page_but_the_cover_has_its_number_and_the_reference(pdf: Any) -> None:
    for number, page in enumerate(pdf.pages[1:], start=2):
        assert f"Page {number} of {len(pdf.pages)}" in page.extract_text()
        assert "EP-0017" in page.extract_text()


def test_bookmarks_name_chapters_and_registers(pdf: Any) -> None:
    titles = [item.title for item in pdf.outline if not isinstance(item, list)]
    assert titles[0] == "Summary"
    assert "Risks and opportunities are determined and addressed" in titles
    assert titles[-2:] == ["Registers in force", "Evidence files"]


def test_contents_name_each_chapter_with_its_page(pdf: Any) -> None:
    contents = squeezed(pdf.pages[1].extract_text())
    assert re.search(r"Summary\.+3Whatneedsattention\.+3", contents)
    assert re.search(r"Signatures\.+4", contents)
    assert re.search(r"aRequirementsaredetermined,understoodandconsistentlymet\.+5", contents)


def test_summary_says_in_a_sentence_how_things_stand(text: str) -> None:
    assert (
        squeezed("3 of 8 statements are met. 2 show a gap. 1 asks for attention. For 1 there is no evidence.") in text
    )


def test_signatures_are_printed_with_their_meaning_and_what_became_of_them(text: str) -> None:
    assert squeezed("SO-0001: 1 April 2026 to 30 June 2026") in text
    assert squeezed("Mara Lindqvist, Director") in text and squeezed("I reviewed it.") in text
    assert squeezed("Withdrawn on") in text and squeezed("Too early") in text
    assert squeezed("2 changes were made behind it, and 1 result differs.") in text


def test_statement_shows_value_share_and_exceptions(text: str) -> None:
    assert squeezed("33.3 %") in text and squeezed("20 of 60") in text
    assert squeezed("40 exceptions No source is named: REQ-0001, REQ-0002") in text
    assert squeezed("and 16 more in data/evaluation.json") in text


def test_register_longer_than_the_report_prints_shows_counts_exceptions_and_a_sample(
    contents: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROWS_PRINTED", 10)
    monkeypatch.setattr(tables, "EXCEPTIONS_PRINTED", 5)
    monkeypatch.setattr(tables, "SAMPLE_PRINTED", 7)
    counts = {"kind": {"statutory": 20, "customer": 20, "old": 20}}
    larger = replace(contents, registers=(replace(contents.registers[0], counts=counts), *contents.registers[1:]))
    register = report_data(larger)["registers"][0]
    assert "has 60 rows, more than the 10" in register["note"]
    assert "data/registers/requirements.xlsx" in register["note"] and "only" in register["note"]
    assert register["counts"] == [["Kind", "Customer 20 · Statutory 20 · old 20"]]
    exceptions, sample = register["tables"]
    assert "first 5 of 40 rows" in exceptions["caption"]
    assert [row[:2] for row in exceptions["rows"]][:3] == [
        ["a2", "REQ-0001"],
        ["a2", "REQ-0002"],
        ["a2", "REQ-0003"],
    ]
    assert sample["caption"] == "Sample: 7 rows, one in 9, beginning with the first"
    assert [row[0] for row in sample["rows"]] == [f"REQ-{number:04}" for number in range(1, 61, 9)]


def test_register_that_the_report_holds_whole_has_all_its_rows(contents: Contents) -> None:
    register = report_data(contents)["registers"][0]
    assert "All 60 rows" in register["note"]
    assert [len(table["rows"]) for table in register["tables"]] == [60]


def test_report_with_parts_of_registers_is_typeset(
    contents: Contents, fonts: Fonts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROWS_PRINTED", 10)
    write_report(contents, fonts, tmp_path / "report.pdf", tmp_path)
    with pikepdf.open(tmp_path / "report.pdf") as pdf:
        assert len(pdf.pages) > 5


def columns(*cells: list[str]) -> list[list[str]]:
    return [["Heading", *each] for each in cells]


def test_columns_get_at_least_their_longest_word() -> None:
    shares = tables.widths(
        columns(["REQ-0001"] * 9, ["word " * 40] * 9, ["word " * 40] * 9, ["Organizational promise"])
    )
    assert shares[0] >= len("REQ-0001") and shares[3] >= len("Organizational")
    assert sum(shares) <= tables.PAGE + 1


def test_columns_that_do_not_fit_a_page_are_left_out() -> None:
    assert len(tables.widths(columns(*[["x" * 25]] * 6))) == 4


def test_a_column_with_little_in_it_gets_room_for_that() -> None:
    rare = tables.widths(columns(["R-1"] * 50, [""] * 49 + ["a sentence about what changed"]))
    assert rare[1] > 25


def test_registers_are_printed_in_the_order_of_the_clause(contents: Contents) -> None:
    shuffled = replace(
        contents, registers=(replace(contents.registers[2], sub_clause=""), *reversed(contents.registers[:2]))
    )
    assert [table["title"] for table in report_data(shuffled)["registers"]] == ["Requirements", "Risks", "Feedback"]


def test_codes_of_choices_become_their_words(contents: Contents) -> None:
    assert report_data(contents)["registers"][0]["tables"][0]["rows"][0][2] == "Statutory"


def test_the_same_contents_give_the_same_bytes(contents: Contents, fonts: Fonts, bag: Path, tmp_path: Path) -> None:
    write_report(contents, fonts, tmp_path / "report.pdf", tmp_path)
    signed = (bag / "data" / "report.pdf").read_bytes()
    assert signed.startswith((tmp_path / "report.pdf").read_bytes())  # a signature is appended, nothing else


def test_contents_without_anything_make_a_report(fonts: Fonts, tmp_path: Path) -> None:
    empty = Contents(samples.info(sub_clauses=()), samples.evaluation([]), (), (), trails.proofs(tmp_path))
    assert squeezed("No statement was evaluated.") in printed(empty, fonts, tmp_path)


def one_text(folder: Path, texts: list[str]) -> Contents:
    rows = [{"reference": f"R-{number}", "statement": text} for number, text in enumerate(texts)]
    return Contents(
        samples.info(), samples.evaluation([]), (samples.register(folder, rows),), (), trails.proofs(folder)
    )


def test_every_glyph_of_the_fonts_can_be_printed(fonts: Fonts, tmp_path: Path) -> None:
    glyphs = [chr(code) for code in sorted(fonts.glyphs)]
    texts = ["".join(glyphs[at : at + 120]) for at in range(0, len(glyphs), 120)]
    write_report(one_text(tmp_path, texts), fonts, tmp_path / "report.pdf", tmp_path)
    assert len(pypdf.PdfReader(tmp_path / "report.pdf").pages) > 5


@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), min_size=60, max_size=120
    )
)
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_text_stops_the_report(fonts: Fonts, tmp_path: Path, texts: list[str]) -> None:
    awkward = texts + [text + mark for text in texts[:20] for mark in ("\u0301", "\u0489", "\ufe0f")]
    write_report(one_text(tmp_path, awkward), fonts, tmp_path / "report.pdf", tmp_path)
    assert (tmp_path / "report.pdf").stat().st_size > 10_000


@pytest.mark.parametrize("where", ["name", "scope", "edition"])
def test_awkward_text_about_the_organization_stops_nothing(fonts: Fonts, tmp_path: Path, where: str) -> None:
    awkward = " ".join([*samples.AWKWARD, "lone \udc80"])
    organization = replace(samples.info().organization, **{where: awkward})
    contents = Contents(
        samples.info(organization=organization),
        samples.evaluation(samples.statements()),
        (),
        (),
        trails.proofs(tmp_path),
    )
    assert squeezed('#import"x"') in printed(contents, fonts, tmp_path)


def test_awkward_text_in_statements_stops_nothing(fonts: Fonts, tmp_path: Path) -> None:
    awkward = " ".join(samples.AWKWARD)
    told: dict[str, Any] = dict.fromkeys(("title", "statement", "detail", "threshold", "data_date"), awkward)
    statement = samples.assertion("a1", awkward, "gap", (1, 2), samples.AWKWARD, clauses=[awkward], **told)
    contents = Contents(samples.info(), samples.evaluation([statement]), (), (), trails.proofs(tmp_path))
    assert squeezed("<script>alert(1)</script>") in printed(contents, fonts, tmp_path)


def test_a_typesetter_that_fails_is_told_with_its_reason(contents: Contents, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="could not be typeset: No font"):
        write_report(contents, Fonts(()), tmp_path / "report.pdf", tmp_path)


def test_a_typesetter_that_takes_too_long_is_stopped(
    contents: Contents, fonts: Fonts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "SECONDS", 0.01)
    with pytest.raises(ReportError, match="ask for fewer rows"):
        write_report(contents, fonts, tmp_path / "report.pdf", tmp_path)
