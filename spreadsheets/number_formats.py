"""What a number shows through its format: 7 as REQ-007, 0.8 as 80%, 3.1 as 3.10.

Formats are those of ECMA-376 part 1, 18.8.30 and 18.8.31. Only what adds to a number is worked out: zeros, words, the sign
for per cent. A format that takes digits away, groups them by a sign of the reader's country, or makes a date shows nothing here,
and the number stays what it is. The process that opens workbooks imports this module, which imports nothing of ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

#: Gives what a number shows, or None where that is the number as it is.
Render = Callable[[float], str | None]

#: Formats that a workbook needn't spell out; the others of them show dates, groups or exponents.
BUILT_IN = {2: "0.00", 9: "0%", 10: "0.00%"}

_DIGITS = frozenset("0#?")
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[(?P<brackets>[^\]]*)\]|(?P<general>General)|(?P<sign>.)',
    re.DOTALL | re.IGNORECASE,
)
# Dates and times, exponents, fractions, groups of digits, text.
_OTHER = frozenset("dmyhsgbeanDMYHSGBEAN/,@")
_COLOURS = re.compile(r"(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)", re.IGNORECASE)
_FIXED = re.compile(r"0\.(0+)")
_PADDED = re.compile(r"0{2,}")
_LONGEST = 255
_EXACT = 15


class Shown(NamedTuple):
    """How numbers of one format are shown, and whether they are per cent."""

    render: Render
    is_percent: bool = False


def shown_by(code: str) -> Shown | None:
    """Return how numbers of a format are shown; None where the format adds nothing that counts."""
    if len(code) > _LONGEST:
        return None
    if fixed := _FIXED.fullmatch(code):
        return Shown(_with_places(len(fixed[1])))
    if _PADDED.fullmatch(code):
        return Shown(_padded(len(code)))
    sections = [_Section.read(part) for part in _split(code)]
    if not sections or any(section is None for section in sections[:3]):
        return None
    known = [section for section in sections[:3] if section]
    if not any(section.adds for section in known):
        return None
    return Shown(lru_cache(maxsize=4096)(lambda number: _shown(number, known)), any(s.is_percent for s in known))


def _with_places(places: int) -> Render:
    """Return what shows numbers with so many decimals, where these are all they have."""

    def render(number: float) -> str | None:
        text = f"{number:.{places}f}"
        return text if text[-1] == "0" and float(text) == number and abs(number) < 1e15 else None

    return render


def _padded(width: int) -> Render:
    """Return what shows whole numbers with leading zeros."""

    def render(number: float) -> str | None:
        return f"{int(number):0{width + (number < 0)}d}" if number == int(number) and abs(number) < 1e15 else None

    return render


class _Section(NamedTuple):
    """One part of a format: literals (in lists of one) and places for digits, before and after the point."""

    whole: tuple[str | list[str], ...]
    places: tuple[str | list[str], ...]
    is_general: bool
    is_percent: bool

    @classmethod
    def read(cls, text: str) -> _Section | None:
        """Understand a part of a format; None where it is of another kind."""
        sides: tuple[list[str | list[str]], list[str | list[str]]] = ([], [])
        pointed = general = percent = False
        for token in _TOKEN.finditer(text):
            sign, literal = token["sign"], token["quoted"] or token["escaped"] or ""
            if token["general"]:
                general = True
                sides[0].append("G")
            elif sign == "." and not pointed:
                pointed = True
            elif sign in _DIGITS if sign else False:
                sides[pointed].append(sign)
            elif sign and sign in _OTHER:
                return None
            elif token["brackets"] is not None:
                if not (token["brackets"].startswith("$") or _COLOURS.fullmatch(token["brackets"])):
                    return None
                literal = token["brackets"][1:].partition("-")[0] if token["brackets"].startswith("$") else ""
            percent = percent or sign == "%"
            if text_of := literal or (sign if sign and sign not in _DIGITS and sign != "." else ""):
                sides[pointed].append([text_of])
        return cls(tuple(sides[0]), tuple(sides[1]), general, percent)

    @property
    def has_digits(self) -> bool:
        """Whether it shows the number at all."""
        return self.is_general or any(isinstance(each, str) for each in (*self.whole, *self.places))

    @property
    def adds(self) -> bool:
        """Whether it shows more than the number itself."""
        words = any(isinstance(each, list) and each[0].strip() for each in (*self.whole, *self.places))
        return words or self.whole.count("0") > 1 or "0" in self.places


def _split(code: str) -> Iterable[str]:
    """Return the parts of a format: for positive numbers, negative ones, zero, and text."""
    return re.findall(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])+', code)


def _shown(number: float, sections: list[_Section]) -> str | None:
    negative = number < 0
    section = sections[0]
    if number == 0 and len(sections) > 2:
        section = sections[2]
    elif negative and len(sections) > 1:
        section, negative = sections[1], False
    if not section.has_digits or not abs(number) < 10**_EXACT:
        return None
    value = Decimal(f"{abs(number):.{_EXACT}g}")
    value = value.scaleb(2) if section.is_percent else value
    count = sum(1 for each in section.places if isinstance(each, str))
    rounded = round(value, count)
    if section.is_general or (section.is_percent and rounded != value):
        text = _around(section, f"{value.normalize():f}")
    elif rounded != value:
        return None
    else:
        whole, _point, rest = f"{rounded:.{count}f}".partition(".")
        places = _places(section.places, rest)
        text = "".join(_whole(section.whole, whole)) + ("." if places[:1].isdigit() else "") + places
    return f"-{text}" if negative else text


def _around(section: _Section, text: str) -> str:
    """Return a number with all its digits, between the words of the format."""
    tokens = [*section.whole, *section.places]
    digits = [place for place, each in enumerate(tokens) if isinstance(each, str)]
    before, after = tokens[: digits[0]], tokens[digits[-1] + 1 :]
    return "".join(each[0] for each in before) + text + "".join(each[0] for each in after)


def _whole(tokens: tuple[str | list[str], ...], digits: str) -> list[str]:
    """Return the digits before the point in their places, the words of the format between them."""
    digits = digits.lstrip("0")
    shown: list[str] = []
    for place in range(len(tokens) - 1, -1, -1):
        token = tokens[place]
        if isinstance(token, list):
            shown.append(token[0])
        elif not any(isinstance(each, str) for each in tokens[:place]):
            shown.append(digits or ("0" if token == "0" else ""))
        else:
            shown.append(digits[-1:] or ("0" if token == "0" else ""))
            digits = digits[:-1]
    return shown[::-1]


def _places(tokens: tuple[str | list[str], ...], digits: str) -> str:
    """Return the digits after the point; where a place may stay empty, zeros at the end are left out."""
    shown, place = [], 0
    for token in tokens:
        if isinstance(token, list):
            shown.append(token[0])
            continue
        shown.append(digits[place] if token == "0" or digits[place:].strip("0") else "")
        place += 1
    return "".join(shown)
