"""The recipe of samples: the same for everybody, fair, and right in its sums."""

from __future__ import annotations

import hashlib
import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.sampling import Entry, SamplingError, allocate, digest, draw, simple

METHODS = ("simple", "stratified", "risk")
entries_of = st.lists(
    st.builds(
        Entry, st.integers(1, 9999).map("REQ-{:04d}".format), st.sampled_from(["", "N", "S"]), st.integers(1, 26)
    ),
    min_size=3,
    max_size=60,
    unique_by=lambda entry: entry.reference,
)
ROWS = [Entry(f"REQ-{number:04d}") for number in range(1, 41)]


@given(entries_of, st.sampled_from(METHODS), st.text("abc0", min_size=1), st.data())
def test_the_same_seed_draws_the_same_rows_whatever_their_order(
    entries: list[Entry], method: str, seed: str, data: st.DataObject
) -> None:
    size = data.draw(st.integers(3, len(entries)))
    drawn = draw(method, entries, size, seed)  # type: ignore[arg-type]
    assert draw(method, data.draw(st.permutations(entries)), size, seed) == drawn  # type: ignore[arg-type]
    assert len({entry.reference for entry in drawn}) == size
    assert set(drawn) <= set(entries)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 500), min_size=1), st.data())
def test_strata_are_given_their_share_to_within_one_row_unless_one_row_is_their_least(
    strata: dict[str, int], data: st.DataObject
) -> None:
    total = sum(strata.values())
    size = data.draw(st.integers(len(strata), total))
    given_rows = allocate(strata, size)
    assert sum(given_rows.values()) == size
    assert given_rows.keys() == strata.keys()
    assert all(1 <= given_rows[name] <= strata[name] for name in strata)
    if all(size * count >= total for count in strata.values()):  # nobody is raised to one: the largest remainders win
        assert all(abs(given_rows[name] - size * strata[name] / total) < 1 for name in strata)


def test_a_stratified_sample_holds_as_many_of_each_stratum_as_it_was_allocated() -> None:
    entries = [Entry(f"R-{number}", "N" if number < 70 else "S" if number < 99 else "") for number in range(100)]
    drawn = Counter(entry.stratum for entry in draw("stratified", entries, 10, "seed"))
    assert drawn == {"N": 7, "S": 2, "": 1}


def test_another_seed_draws_other_rows() -> None:
    assert simple(ROWS, 10, "one") != simple(ROWS, 10, "two")


def test_the_simple_draw_can_be_done_again_with_nothing_but_a_digest() -> None:
    order = sorted((hashlib.sha256(f"s:{row.reference}".encode()).hexdigest(), row.reference) for row in ROWS)
    assert [row.reference for row in simple(ROWS, 5, "s")] == [reference for _key, reference in order[:5]]


def test_the_draw_by_risk_can_be_done_again_with_a_logarithm() -> None:
    entries = [Entry(row.reference, weight=1 + number % 25) for number, row in enumerate(ROWS)]

    def arrival(entry: Entry) -> float:
        number = int(hashlib.sha256(f"s:{entry.reference}".encode()).hexdigest(), 16)
        return -math.log((number + 1) / (2**256 + 1)) / entry.weight

    assert draw("risk", entries, 8, "s") == sorted(entries, key=arrival)[:8]


def test_every_row_is_equally_likely() -> None:
    """4000 draws of 10 out of 40: each row is expected 1000 times; chi-square with 39 degrees of freedom, p = 0.001 at 72.1."""
    seen = Counter(row.reference for number in range(4000) for row in simple(ROWS, 10, f"seed {number}"))
    chi_square = sum((seen[row.reference] - 1000) ** 2 / 1000 for row in ROWS)
    assert chi_square < 72.1


def test_a_row_of_twice_the_weight_is_drawn_first_twice_as_often() -> None:
    entries = [Entry("A", weight=2), Entry("B"), Entry("C")]
    first = Counter(draw("risk", entries, 1, f"seed {number}")[0].reference for number in range(4000))
    assert first["A"] == pytest.approx(2000, abs=4 * math.sqrt(4000 * 0.25))
    assert first["B"] == pytest.approx(1000, abs=4 * math.sqrt(4000 * 0.1875))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [0, 41])
def test_a_sample_of_nothing_or_of_more_than_there_is_is_refused(method: str, size: int) -> None:
    with pytest.raises(SamplingError, match="can't be drawn from 40 rows"):
        draw(method, ROWS, size, "seed")  # type: ignore[arg-type]


def test_fewer_rows_than_strata_are_refused() -> None:
    with pytest.raises(SamplingError, match="3 strata need a sample of at least 3"):
        allocate({"a": 1, "b": 5, "c": 9}, 2)


def test_the_digest_tells_one_population_from_another_and_knows_no_order() -> None:
    shuffled = random.Random(1).sample(ROWS, len(ROWS))
    assert digest(shuffled) == digest(ROWS)
    assert len({digest(ROWS), digest(ROWS[:-1]), digest([*ROWS[:-1], Entry("REQ-0040", weight=2)])}) == 3
