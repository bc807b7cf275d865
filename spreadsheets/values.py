"""Cells to values: text, identifiers, numbers, yes and no, choices.

Dates are in :mod:`spreadsheets.dates`. Every parser takes a cell as :mod:`spreadsheets.reader` gives it and returns
None for a blank one. It raises BadValue, with a message and a remedy, for a cell that doesn't fit; it never guesses
silently.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Hashable, Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from typing import TypeVar

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from spreadsheets.errors import BadValue, Text
from spreadsheets.headers import normalize_header
from spreadsheets.table import EXACT_BELOW, UNCALCULATED, Cell, ShownNumber, cell_text, is_blank, number_text

Code = TypeVar("Code", bound=Hashable)

_SHOWN = 60
_MAX_DIGITS = 40
_BLANK_WORDS = {"-", "–", "—", "n/a", "n.a.", "k.a.", "k. a.", "./."}
# What Excel shows where a formula failed, in English and in German.
_ERRORS = {
    "#DIV/0!",
    "#N/A",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#REF!",
    "#VALUE!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
    "#NV",
    "#WERT!",
    "#BEZUG!",
    "#ZAHL!",
    "#ÜBERLAUF!",
    "#KALK!",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAKS = {ord(sign): "\n" for sign in "\v\f"}
_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE][+-]\d{2,3}")  # as spreadsheet programs show long numbers
_EXPONENT = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d{1,2}", re.ASCII)
# Blanks and apostrophes between groups of three digits, as in 1 234 and 1'234.
_GROUPS = re.compile(r"(?<=\d)[ '’\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_POINT = re.compile(r"[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+|(?=\.\d))(?:\.\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+|(?=,\d))(?:,\d+)?", re.ASCII)

_TRUE = {"1", "true", "t", "yes", "y", "x", "on", "ja", "j", "wahr", "richtig", "✓", "✔", "☑"}
_FALSE = {"0", "false", "f", "no", "n", "off", "nein", "falsch", "✗", "✘", "☐"}


class NumberStyle(enum.Enum):
    """The sign before a column's decimals: POINT as in 1,234.56, COMMA as in 1.234,56."""

    POINT = "point"
    COMMA = "comma"


def shown(cell: Cell) -> str:
    """Return a cell as an error message quotes it: on one line, and not too long."""
    text = " ".join(_CONTROLS.sub("\ufffd", cell_text(cell)).split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def refuse_errors(cell: Cell) -> None:
    """Raise BadValue where a workbook shows an error instead of a value."""
    if not isinstance(cell, str) or not cell.startswith("#"):
        return
    if cell == UNCALCULATED:
        raise BadValue(
            _("The cell holds a formula that was never calculated."),
            _("Open the file in a spreadsheet program, let it calculate, save it, and import it again."),
        )
    if cell.strip().upper() in _ERRORS:
        raise BadValue(
            format_lazy(_("The formula in this cell failed: it shows “{shown}”."), shown=shown(cell)),
            _("Repair the formula, or type the value."),
        )


def is_nothing(cell: Cell) -> bool:
    """Return whether a cell is blank, or has one of the signs for no number or no date."""
    return is_blank(cell) or (isinstance(cell, str) and cell.strip().casefold() in _BLANK_WORDS)


def parse_text(cell: Cell, *, max_length: int | None = None) -> str | None:
    """Return the cell's text, exactly as it stands but without outer blanks.

    Line breaks become a plain newline, vertical tabs too. Control characters other than newline and tab, and halves of surrogate pairs,
    show as U+FFFD; direction marks are part of the text and stay. Raises BadValue for a text longer than `max_length`
    characters.
    """
    refuse_errors(cell)
    text = legible(cell_text(cell))
    if max_length is not None and len(text) > max_length:
        raise BadValue(
            format_lazy(
                _("The text has {length} characters; at most {limit} fit here."), length=len(text), limit=max_length
            ),
            _("Shorten it, or choose a field for long texts."),
        )
    return text or None


class ErrorSign(str):
    """A text like those that workbooks show in place of a value.

    Of a register's own export it may be what the row holds.

    Attributes:
        bad: why it is refused where the row holds something else.
    """

    bad: BadValue


def parse_exported_text(cell: Cell, *, max_length: int | None = None) -> str | None:
    """Return the text as :func:`parse_text` does, but signs of errors as :class:`ErrorSign`."""
    try:
        return parse_text(cell, max_length=max_length)
    except BadValue as bad:
        sign = ErrorSign(legible(cell_text(cell)))
        if sign.upper() not in _ERRORS:
            raise
        sign.bad = bad
        return sign


def legible(text: str) -> str:
    """Return a text without outer blanks, its line breaks plain newlines.

    Vertical tabs are line breaks of word processors, also as Excel writes them (ECMA-376 part 1, 22.4.2.4). Other control
    characters show as U+FFFD.
    """
    text = text.replace("_x000B_", "\n") if "_x000B_" in text else text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text if text.isprintable() else text.translate(_BREAKS)
    return _CONTROLS.sub("\ufffd", text).strip()


def parse_identifier(cell: Cell, *, max_length: int | None = None) -> str | None:
    """Return a reference or external id: 223441.0 gives "223441".

    Raises BadValue where a spreadsheet program has spoilt the id: rounded to 15 digits, shown as 5.7E+17, or turned
    into a date.
    """
    if isinstance(cell, date | time):
        raise BadValue(
            format_lazy(_("The id was turned into a date: {shown}."), shown=shown(cell)),
            _("Format the column as text, type the id again, and save the file."),
        )
    rounded = isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= EXACT_BELOW
    if rounded or (isinstance(cell, str) and _SCIENTIFIC.fullmatch(cell.strip())):
        raise BadValue(
            format_lazy(
                _("The id “{shown}” was shortened by a spreadsheet program, which keeps 15 digits of a number."),
                shown=shown(cell),
            ),
            _("Export the data again with the id column as text."),
        )
    return parse_text(cell, max_length=max_length)


def find_number_style(cells: Iterable[Cell]) -> tuple[NumberStyle | None, str]:
    """Find the sign before a column's decimals, judged by the cells that leave no doubt.

    Where no cell tells, or cells contradict one another, there is none; then the first cell that stands for two numbers
    comes with it, as messages quote it.
    """
    votes: set[NumberStyle] = set()
    doubtful = ""
    for cell in cells:
        readings = _readings(cell) if isinstance(cell, str) else {}
        if len(readings) == 1:
            votes |= readings.keys()
        elif not doubtful and len(set(readings.values())) > 1:
            doubtful = shown(cell)
    return (votes.pop(), "") if len(votes) == 1 else (None, doubtful)


def parse_decimal(cell: Cell, style: NumberStyle | None = None) -> Decimal | None:
    """Return a number; text is read as German or English, whichever fits.

    Where both would, `style` decides. Numbers of a workbook are taken to 15 significant digits, as spreadsheet programs
    show them; per cent counts in hundredths, so that what shows 80 % is 80. Raises BadValue for what is no number, and for a number that can be read in two ways when `style` is
    None.
    """
    refuse_errors(cell)
    if is_nothing(cell):
        return None
    # Before whole numbers, because True is one.
    if isinstance(cell, bool | date | time):
        raise _not_a_number(cell)
    if isinstance(cell, int | Decimal):
        return Decimal(cell)
    if isinstance(cell, float):
        number = _finite(Decimal(number_text(cell)), cell)
        return number.scaleb(2) if is_percent(cell) else number
    readings = _readings(cell) if isinstance(cell, str) else {}
    if not readings:
        raise _not_a_number(cell)
    if len(set(readings.values())) > 1 and style is None:
        raise _two_readings(cell, readings)
    first = next(iter(readings.values()))
    return readings.get(style, first) if style else first


def is_percent(cell: Cell) -> bool:
    """Return whether a cell shows per cent: by its number format, or as a text that ends so."""
    if isinstance(cell, str):
        return cell.rstrip().endswith("%")
    return isinstance(cell, ShownNumber) and cell.is_percent


def parse_integer(cell: Cell, style: NumberStyle | None = None) -> int | None:
    """Return a whole number; see `parse_decimal`. Raises BadValue for fractions."""
    number = parse_decimal(cell, style)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise BadValue(
            format_lazy(_("“{shown}” is not a whole number."), shown=shown(cell)), _("Write a number without decimals.")
        )
    return int(number)


def parse_boolean(cell: Cell) -> bool | None:
    """Return True for yes and False for no, in English or German.

    A word, a sign, or 1 and 0 say so; raises BadValue for other words.
    """
    refuse_errors(cell)
    if is_nothing(cell):
        return None
    word = cell_text(cell).strip().casefold()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise BadValue(format_lazy(_("“{shown}” is neither yes nor no."), shown=shown(cell)), _("Write yes or no."))


class ChoiceWords(dict[str, Code]):
    """Words, folded as headers are, to the codes they stand for.

    ``exact`` holds labels as they are written, but for case. A label says its choice whatever others look like it when
    they are folded: “A+” and “A” are two.
    """

    def __init__(self, words: Mapping[str, Code], exact: Mapping[str, Code]) -> None:
        super().__init__(words)
        self.exact = dict(exact)

    def code_of(self, text: str) -> Code | None:
        """Return what a text stands for; None where it is no word, or one of several."""
        return self.exact.get(" ".join(text.casefold().split()), self.get(normalize_header(text)))


def choice_words(*choices: Iterable[tuple[Code, object]], also: Mapping[str, Code] | None = None) -> ChoiceWords:
    """Return the words by which the codes of a choice field are known, each to its code.

    Each of `choices` is a list of (code, label); pass one for each language, with its labels translated. `also` maps
    further words to codes, as the user's value map does, and goes before labels, and these go before codes. A label that
    two codes share is left out, and so are blank codes.
    """
    pairs = [(code, str(label)) for each in choices for code, label in each if code not in ("", None)]
    exact = _of_one((" ".join(label.casefold().split()), code) for code, label in pairs)
    folded = _of_one((normalize_header(label), code) for code, label in pairs)
    said = {normalize_header(word): code for word, code in (also or {}).items()}
    codes = {normalize_header(str(code)): code for code, _label in pairs}
    words = {word: code for word, code in {**codes, **folded, **said}.items() if code is not None}
    return ChoiceWords(
        # What a person says of a word goes before the label that is written like it.
        words,
        {word: code for word, code in exact.items() if code is not None and normalize_header(word) not in said},
    )


def _of_one(words: Iterable[tuple[str, Code]]) -> dict[str, Code | None]:
    """Map words to codes; to None where several codes have the same word."""
    found: dict[str, Code | None] = {}
    for word, code in words:
        found[word] = code if found.get(word, code) == code else None
    return found


def parse_choice(cell: Cell, words: ChoiceWords[Code], offers: Iterable[str] = ()) -> Code | None:
    """Return the code that the cell's word stands for; raises BadValue for an unknown word.

    `words` come from `choice_words`. `offers` are the words that a remedy names; the codes unless given.
    """
    refuse_errors(cell)
    if is_blank(cell):
        return None
    if (code := words.code_of(cell_text(cell))) is not None:
        return code
    near = get_close_matches(normalize_header(cell_text(cell))[:_SHOWN], words, n=1)
    known = ", ".join(offers or map(str, dict.fromkeys(words.values())))
    remedy: Text = format_lazy(_("Write one of: {known}; or map the word to one of them."), known=known)
    if near:
        remedy = format_lazy(_("Did you mean “{near}”? {remedy}"), near=near[0], remedy=remedy)
    raise BadValue(format_lazy(_("“{shown}” is not one of the known values."), shown=shown(cell)), remedy)


def _readings(text: str) -> dict[NumberStyle, Decimal]:
    """Return the numbers a text can stand for, by style; none where it is no number."""
    text = _GROUPS.sub("", text.strip().replace("−", "-"))
    text = text.removesuffix("%").rstrip() if text[:1] != "%" else text
    if len(text) > _MAX_DIGITS:
        return {}
    if _EXPONENT.fullmatch(text):
        return {NumberStyle.COMMA if "," in text else NumberStyle.POINT: Decimal(text.replace(",", "."))}
    readings = {}
    if text and _POINT.fullmatch(text):
        readings[NumberStyle.POINT] = Decimal(text.replace(",", ""))
    if text and _COMMA.fullmatch(text):
        readings[NumberStyle.COMMA] = Decimal(text.replace(".", "").replace(",", "."))
    return readings


def _finite(number: Decimal, cell: Cell) -> Decimal:
    if not number.is_finite():
        raise _not_a_number(cell)
    return number


def _not_a_number(cell: Cell) -> BadValue:
    if isinstance(cell, date | time):
        return BadValue(
            format_lazy(_("The cell holds a date or time, {shown}, where a number belongs."), shown=shown(cell)),
            _(
                "Spreadsheet programs turn 1.2 into the first of February: format the column as a "
                "number and type it again."
            ),
        )
    return BadValue(
        format_lazy(_("“{shown}” is not a number."), shown=shown(cell)),
        _("Write the number alone, without unit or words."),
    )


def _two_readings(cell: Cell, readings: Mapping[NumberStyle, Decimal]) -> BadValue:
    one, other = (f"{readings[style]:f}" for style in NumberStyle)
    return BadValue(
        format_lazy(_("“{shown}” can be read as {one} or as {other}."), shown=shown(cell), one=one, other=other),
        _("Say whether the decimals of this column stand after a point or after a comma."),
    )
