"""Each operator changes what it says."""

from __future__ import annotations

import pytest

mutating = pytest.importorskip("cosmic_ray.mutating", reason="make mutation installs it")


def test_operators_change_what_their_examples_say() -> None:
    from tests.mutation.operators import OURS, operator

    for name in OURS:
        for each in operator(name).examples():
            changed = mutating.mutate_code(each.pre_mutation_code, operator(name), each.occurrence)
            assert changed == each.post_mutation_code, name
