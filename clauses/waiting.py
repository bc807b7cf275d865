"""Rows that can't have fallen short yet: they count, and not as good ones."""

from __future__ import annotations

from dataclasses import replace

from clauses.assertion import Counts, Judgement, Result


def beside_waiting(judged: Judgement, counts: Counts, waiting: int, said: str, late: str) -> Judgement:
    """Return a judgement in which rows that wait are neither good nor exceptions: as long as there are any, it isn't met.

    Args:
        judged: what the counts came to as if they were good.
        counts: the counts.
        waiting: how many wait.
        said: how many, in words.
        late: what is said of the exceptions.
    """
    if not waiting:
        return judged
    good = counts.population - counts.exceptions - waiting
    first, then = (late, said) if counts.exceptions else (said, judged.detail)
    return replace(
        judged,
        result=Result.GAP if counts.exceptions else Result.ATTENTION,
        numerator=good,
        value=f"{good}/{counts.population}",
        detail="; ".join(filter(None, (first, then))),
    )
