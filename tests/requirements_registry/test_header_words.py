"""Real spreadsheets' headers name the fields they fill, without a mapping file."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from registers.register import registry
from spreadsheets.headers import normalize_header

DATA = (
    Path(os.environ.get("CUSTOMERFOCUS_REAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
    / "registers"
)
FILES = {
    "customer-requirements.csv": (
        "utf-8",
        ",",
        ["external_id", "interested_party", "kind", "category", "statement", "source"],
    ),
    "statutory-21cfr.csv": (
        "utf-8-sig",
        ",",
        ["source", "category", "title", "statement", "jurisdiction", "effective_on"],
    ),
    "regulatory-nist-800-53-low.csv": (
        "utf-8",
        ";",
        ["source_clause", "category", "title", "statement", "guidance", "source"],
    ),
    "gesetzlich-dsgvo.csv": ("cp1252", ";", ["source", "title", "statement", "jurisdiction", "effective_on"]),
}


def words_of(slug: str) -> list[tuple[str, str]]:
    """Every header word that a register knows, normalized, with the field it names."""
    columns = [column for column in registry[slug].bound.values() if column.is_importable]
    return [
        (normalize_header(word), column.name)
        for column in columns
        for word in dict.fromkeys((column.name, column.label, *column.column.words))
    ]


@pytest.mark.parametrize("name", FILES)
def test_every_header_of_a_real_file_names_a_field(name: str) -> None:
    encoding, separator, fields = FILES[name]
    if not (DATA / name).exists():
        pytest.skip(f"the real data file {name} is not here")
    headers = (DATA / name).read_text(encoding=encoding).splitlines()[0].split(separator)
    known = dict(words_of("requirements"))
    assert [known.get(normalize_header(header)) for header in headers] == fields


@pytest.mark.parametrize("slug", ["requirements", "interested-parties", "checks", "legal-watch"])
def test_no_header_word_names_two_fields(slug: str) -> None:
    names: dict[str, set[str]] = {}
    for word, field in words_of(slug):
        names.setdefault(word, set()).add(field)
    assert {word: fields for word, fields in names.items() if len(fields) > 1} == {}


@pytest.mark.parametrize("slug", ["requirements", "interested-parties", "checks", "legal-watch"])
def test_every_field_of_a_register_has_its_column(slug: str) -> None:
    columns = Counter(registry[slug].bound)
    assert set(registry[slug].form.Meta.fields) <= set(columns)
