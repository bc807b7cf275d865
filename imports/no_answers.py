"""Words and codes that stand for no answer: NA of programs, “weiß nicht” where a number belongs, 99 where somebody says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from imports.mapping import ImportMapping
from registers.parsing.targets import Target
from spreadsheets.table import Cell, ShownNumber, cell_text, number_text
from spreadsheets.values import is_nothing

#: As programs for statistics and databases write it. In texts it counts as they spell it: “none” is an answer.
_OF_PROGRAMS = ("NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>")
#: What people answer who give none; where a number, a day or a choice belongs.
_OF_PEOPLE = (
    *(
        "don't know",
        "don’t know",
        "do not know",
        "no answer",
        "not answered",
        "no opinion",
        "prefer not to say",
        "cannot say",
    ),
    *("not specified", "not stated", "weiß nicht", "weiss nicht", "weiß ich nicht", "keine angabe", "keine angaben"),
    *("keine antwort", "keine meinung", "kann ich nicht beurteilen", "nicht beurteilbar", "nicht beantwortet"),
    *("ne sait pas", "sans réponse", "no sabe", "sin respuesta", "não sabe", "sem resposta"),
)
_LONGEST = 60
#: Kinds of fields in which these never count: an id may be anything.
_IDS = ("id", "reference")
_TEXTS = ("text", "longtext")


@dataclass(frozen=True, slots=True)
class NoAnswers:
    """Words and codes of one field that stand for no answer: folded ones, and ones that count as they are spelt."""

    folded: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()

    @classmethod
    def of(cls, target: Target, mapping: ImportMapping) -> NoAnswers:
        """Return those of a field: what a person said, else what always stands for none."""
        said = {word for word, means in mapping.values.get(target.name, {}).items() if is_nothing(means)}
        said |= {*mapping.empty.get(target.name, ())}
        if mapping.is_of_own_export or target.kind in _IDS:
            return cls(_fold(said))
        explained = _explained(mapping.values.get(target.name, {}))
        if target.kind in _TEXTS:
            return cls(_fold(said), frozenset(_OF_PROGRAMS) - explained)
        known = frozenset() if target.kind != "choice" else _known(target)
        return cls(_fold(said) | (_fold([*_OF_PROGRAMS, *_OF_PEOPLE]) - explained - known))

    def __contains__(self, cell: object) -> bool:
        if isinstance(cell, str):
            text = cell.strip()
            return len(text) <= _LONGEST and (text in self.exact or (bool(self.folded) and folded(text) in self.folded))
        # A code such as 99 stands there as a number.
        return bool(self.folded) and isinstance(cell, int | float) and _figures(cell) in self.folded


NONE = NoAnswers()


def folded(word: str) -> str:
    """Return a word or code as they are compared: capitals, blanks and the kind of minus make no difference."""
    return " ".join(word.replace("−", "-").casefold().split())


def _figures(cell: Cell) -> str:
    return number_text(float(cell)) if isinstance(cell, ShownNumber) else cell_text(cell)


def _fold(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(folded, words))


def _explained(meanings: Mapping[str, str]) -> frozenset[str]:
    """Return the words that mean something by what a person said, as they are spelt and folded."""
    words = [word for word, means in meanings.items() if not is_nothing(means)]
    return frozenset([*words, *map(folded, words)])


def _known(target: Target) -> frozenset[str]:
    """Return those that are a choice of the field: “not applicable” may be a state."""
    words = target.choice_words({})
    return frozenset(folded(word) for word in (*_OF_PROGRAMS, *_OF_PEOPLE) if words.code_of(word) is not None)
