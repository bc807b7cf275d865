"""verify.py, frozen samples and sign-offs."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.sampling import Entry, draw
from packs import seal, verify
from packs.contents import Contents
from tests.packs import papers, samples
from tests.packs.conftest import Run
from tests.packs.test_verify import change_json

pytestmark = pytest.mark.usefixtures("no_tools")

entries = st.dictionaries(
    st.text("ABC0123", min_size=1), st.tuples(st.sampled_from("xyz"), st.integers(1, 25)), min_size=3
)


@given(entries, st.sampled_from(["simple", "stratified", "risk"]), st.integers(0, 10), st.text(min_size=1))
def test_sample_is_drawn_as_the_product_draws_it(rows: Any, method: Any, more: int, seed: str) -> None:
    population = [Entry(reference, *told) for reference, told in rows.items()]
    size = min(len({entry.stratum for entry in population}) + more, len(population))
    listed = [[entry.reference, entry.stratum, entry.weight] for entry in population]
    drawn = [[entry.reference, entry.stratum, entry.weight] for entry in draw(method, population, size, seed)]
    assert verify.drawn_again(method, listed, size, seed) == drawn


def test_samples_and_sign_offs_are_told_in_sentences(run: Run, bag: Path) -> None:
    code, said = run(bag)
    assert code == 0
    assert "Proved: all 67 rows and 2 documents were in the sealed trail" in said
    assert "Proved: sample SA-0001: its 10 of 60 rows are those that its seed draws" in said
    assert (
        "Proved: SO-0001: the evaluation of 2026-04-01 to 2026-06-30 was signed by 'Mara Lindqvist', Director" in said
    )
    assert "Known: SO-0001 was withdrawn at" in said
    assert (
        "since SO-0001 was signed, by the product's count, 2 changes were made behind it, and 1 result differs" in said
    )


def forged(run: Run, copy: Path, contents: Contents, name: str, change: Callable[[Any], None]) -> str:
    """What is said of a pack whose document was changed by whoever holds the certificate's key."""
    change_json(copy, name, change)
    digest = sha256((copy / "data" / name).read_bytes()).hexdigest()

    def announce(pack: Any) -> None:
        for document in pack["documents"]:
            if name in document["files"]:
                document["files"][name] = digest

    change_json(copy, "pack.json", announce)
    seal.close(contents.info, copy, samples.certificate())
    code, said = run(copy)
    assert code == 1
    return said


SAMPLES: list[tuple[Callable[[Any], None], str]] = [
    (lambda value: value["rows"].reverse(), "drawing again with its seed gives other rows"),
    (lambda value: value["rows"].pop(), "drawing again with its seed gives other rows"),
    (lambda value: value.update(seed="1985"), "says of seed another thing"),
    (lambda value: value["population"]["rows"].pop(), "says of entries another thing"),
    (lambda value: value["population"].update(digest="00"), "says of digest another thing"),
    (lambda value: value.update(format="customerfocus-sample/9"), "is of a format that this verify.py doesn't know"),
    (lambda value: value.update(reference="SA-0002"), "is of a format that this verify.py doesn't know, or of another"),
    (lambda value: value.pop("rows"), "is not built as its format asks"),
]


@pytest.mark.parametrize(("change", "told"), SAMPLES)
def test_changed_sample_is_found(
    run: Run, copy: Path, contents: Contents, change: Callable[[Any], None], told: str
) -> None:
    assert told in forged(run, copy, contents, "samples/SA-0001.json", change)


def reworded(value: Any) -> None:
    """A statement with another signer and the digest that fits it."""
    value["statement"] = value["statement"].replace("Mara Lindqvist", "Somebody else")
    value["sha256"] = sha256(value["statement"].encode()).hexdigest()


SIGN_OFFS: list[tuple[Callable[[Any], None], str]] = [
    (reworded, "says of statement another thing"),
    (lambda value: value.update(sha256="00" * 32), "says of digest another thing"),
    (lambda value: value["signer"].update(name="Somebody else"), "says another signer or another head"),
    (lambda value: reworded(value["withdrawal"]), "says another signer or another head"),
    (lambda value: value["withdrawal"].update(sha256="00"), "doesn't have the digest that it had then"),
    (lambda value: value["withdrawal"].update(head="none"), "says another signer or another head"),
    (lambda value: value.pop("changes"), "is not built as its format asks"),
]


@pytest.mark.parametrize(("change", "told"), SIGN_OFFS)
def test_changed_sign_off_is_found(
    run: Run, copy: Path, contents: Contents, change: Callable[[Any], None], told: str
) -> None:
    assert told in forged(run, copy, contents, "sign-offs/SO-0001.json", change)


def test_sign_off_under_a_head_that_is_not_in_the_chain_is_found(run: Run, copy: Path, contents: Contents) -> None:
    def change(value: Any) -> None:
        act = value["withdrawal"]
        note = act["head"].replace("\n5\n", "\n7\n", 1)
        statement = json.loads(act["statement"]) | {"seal": {"note": note}}
        text = papers.canonical_bytes(statement)
        act.update(head=note, statement=text.decode(), sha256=sha256(text).hexdigest())

    assert "is not in the chain of the pack" in forged(run, copy, contents, "sign-offs/SO-0001.json", change)


def test_document_that_is_not_announced_is_found(run: Run, copy: Path, contents: Contents) -> None:
    change_json(copy, "pack.json", lambda pack: pack["documents"].pop())
    seal.close(contents.info, copy, samples.certificate())
    code, said = run(copy)
    assert code == 1 and "data/sign-offs/SO-0001.pdf is not announced in data/pack.json" in said
