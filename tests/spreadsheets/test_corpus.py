"""Awkward files, each quirk alone and in pairs, over all formats: each behaves as ``corpus.toml`` says.

Of a file stand there: ``created``, how many rows go in; ``refused``, for each refused row its cell and words of the reason;
``asks``, what a person is asked (``dates``, ``numbers``, or the words that mean nothing yet); ``says``, words of what is
told about it; ``headers`` where they aren't those of the sound table; or ``error``, words of the sentence it ends in.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from imports.drafts import Draft
from imports.examination import examine
from imports.mapping import ImportMapping
from imports.pipeline import examination, read_table
from imports.report import Report, facts
from imports.summary import decisions
from organizations.scope import in_organization
from registers.parsing.targets import targets_of
from registers.register import registry
from spreadsheets.errors import UnreadableFile
from tests.people import make_organization
from tests.spreadsheets.quirks import HEADER, QUIRKS, ROWS, make

EXPECTED: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("corpus.toml").read_text())
SCALE = {"scale_min": {"value": 0}, "scale_max": {"value": 10}, "higher_is_better": {"value": "yes"}}
#: Quirks that change what customers said.
REWRITTEN = {
    "cyrillic",
    "line_breaks",
    "controls",
    "formulas_as_text",
    "vertical_tab",
    "nul",
    "loose_quotes",
    "two_code_pages",
}
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def inside(kept_db: None) -> Iterator[None]:
    """One organization for all files: none of them is written, only looked through."""
    with in_organization(make_organization("acme", "Acme Pumps")):
        yield


def behaviour(path: Path) -> dict[str, Any]:
    """What becomes of a file: what an import would do, say and ask."""
    register = registry["feedback"]
    mapping = ImportMapping.read(SCALE, targets_of(register))
    try:
        table = read_table(path, path.name, register, mapping)
        with examination(register, table, mapping) as examined:
            if missing := examined.converter.missing:
                return {"error": f"missing {', '.join(target.name for target in missing)}"}
            report = Report(examined)
            drafts: list[Draft] = []

            def see(chunk: Sequence[Draft]) -> None:
                report.see(chunk)
                drafts.extend(chunk)

            examine(examined, on_drafts=see)
            found, plain = facts(table, examined), report.as_json()
    except UnreadableFile as error:
        return {"error": str(error)}
    assert table.row_count == sum(report.counts.values())
    asks = [what for what in ("dates", "numbers") if any(style["ask"] for style in found[what].values())]
    return {
        "created": report.counts["created"],
        "refused": [[problem["cell"] or str(problem["row"]), problem["reason"]] for problem in plain["problems"]],
        "asks": [*asks, *(word for words in plain["unknown_words"].values() for word in words)],
        "says": [*found["notes"], *decisions(plain)],
        "headers": list(table.headers),
        "values": [
            (draft.values["external_id"], draft.values.get("text"), draft.values["collected_at"].date())
            for draft in drafts
            if not draft.problems
        ],
    }


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_behaves_as_expected(name: str, tmp_path: Path, inside: None) -> None:
    found, expected = behaviour(make(tmp_path, name)), EXPECTED[name]
    if "error" in expected:
        assert expected["error"] in found["error"]
        return
    assert (found["created"], found["asks"]) == (expected["created"], expected.get("asks", [])), found
    assert found["headers"] == expected.get("headers", HEADER)
    if found["created"] == len(ROWS) and not REWRITTEN & set(name.rpartition(".")[0].split("+")):
        assert found["values"] == [(row[0], row[2], row[-1]) for row in ROWS]
    refused = expected.get("refused", [])
    assert [cell for cell, _reason in found["refused"]] == [cell for cell, _words in refused], found["refused"]
    for (_cell, reason), (_place, words) in zip(found["refused"], refused, strict=True):
        assert words in reason
    for words in expected.get("says", []):
        assert any(words in sentence for sentence in found["says"]), found["says"]


def test_the_corpus_has_every_quirk_alone_and_in_pairs() -> None:
    stems = [name.rpartition(".")[0].split("+") for name in EXPECTED]
    alone = {stem[0] for stem in stems if len(stem) == 1}
    assert alone - {"sound"} == QUIRKS.keys()
    assert len(EXPECTED) >= 60 and sum(len(stem) > 1 for stem in stems) >= 25
