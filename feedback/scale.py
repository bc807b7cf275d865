"""Scores of any scale and direction, made comparable."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

#: Digits kept of a position: ten-thousandths of a per cent.
DIGITS = Decimal("0.0001")


def position(
    score: Decimal | None, lowest: Decimal | None, highest: Decimal | None, *, higher_is_better: bool
) -> Decimal | None:
    """Return where a score lies on its scale, in per cent of the scale's width.

    0 is the worst answer, 100 the best.

    None where there is no score, or no scale that it lies on.
    """
    if score is None or lowest is None or highest is None or not lowest <= score <= highest or lowest == highest:
        return None
    share = 100 * (Decimal(score) - lowest) / (highest - lowest)
    return (share if higher_is_better else 100 - share).quantize(DIGITS)


def as_given(number: Decimal) -> str:
    """Return a number of a scale without the zeros that the database adds."""
    return f"{number.normalize():f}" if number else "0"


def scale_in_words(lowest: Decimal, highest: Decimal, higher_is_better: bool) -> str:
    """Return ``1–5``, or ``1–6, lowest is best``."""
    ends = {"lowest": as_given(lowest), "highest": as_given(highest)}
    return (
        _("%(lowest)s–%(highest)s") % ends if higher_is_better else _("%(lowest)s–%(highest)s, lowest is best") % ends
    )


def scale_code(lowest: Decimal, highest: Decimal, higher_is_better: bool) -> str:
    """Return a scale as addresses name it: ``1~5``, or ``6~1`` where the lowest is best."""
    ends = (lowest, highest) if higher_is_better else (highest, lowest)
    return "~".join(map(as_given, ends))


def scale_of_code(code: str) -> tuple[Decimal, Decimal, bool] | None:
    """Return lowest, highest and direction of a scale's code, or None where it is none."""
    try:
        worst, best = map(Decimal, code.split("~"))
    except (ArithmeticError, ValueError):
        return None
    return (min(worst, best), max(worst, best), best > worst) if worst.is_finite() and best.is_finite() else None
