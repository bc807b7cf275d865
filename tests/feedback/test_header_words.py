"""Real files' headers name the fields they fill; each field can be kept by hand and by import."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from crispy_forms.layout import Layout

from registers.parsing.header_proposals import propose
from registers.parsing.targets import targets_of
from registers.register import registry
from spreadsheets.headers import normalize_header

DATA = Path(os.environ.get("CUSTOMERFOCUS_REAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
SLUGS = ("feedback", "complaints", "enhancements", "methods")
FILES = {
    "fb_comcast_complaints/Comcast_telecom_complaints_data.csv": {
        "external_id": "Ticket #", "text": "Customer Complaint", "collected_at": "Date", "channel": "Received Via",
        "place": "City", "source_status": "Status",
    },
    "fb_movielens_2018/ratings.csv": {
        "respondent": "user_id", "product": "item_id", "score": "rating", "collected_at": "timestamp",
    },
    "fb_cfpb_narratives/Consumer_Complaints.csv": {"product": "Product", "text": "Consumer complaint narrative"},
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_headers_of_real_feedback_name_their_fields(name: str) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"the real data file {name} is not here")
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        headers = next(csv.reader(file))
    assert propose(headers, targets_of(registry["feedback"])) == FILES[name]


@pytest.mark.parametrize("slug", SLUGS)
def test_no_header_word_names_two_fields(slug: str) -> None:
    names: dict[str, set[str]] = {}
    for column in registry[slug].bound.values():
        for word in (column.name, column.label, *column.column.words) if column.is_importable else ():
            names.setdefault(normalize_header(word), set()).add(column.name)
    assert {word: fields for word, fields in names.items() if len(fields) > 1} == {}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_field_of_a_form_is_a_column(slug: str) -> None:
    assert set(registry[slug].form.Meta.fields) <= set(registry[slug].bound)


@pytest.mark.usefixtures("in_acme")
@pytest.mark.parametrize("slug", SLUGS)
def test_every_field_of_a_form_stands_in_its_layout(slug: str) -> None:
    form = registry[slug].form()
    placed = {pointer.name for pointer in Layout(*form.layout()).get_field_names()}
    assert placed == set(form.fields)
