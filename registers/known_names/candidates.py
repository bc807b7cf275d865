"""Who a name in a table may be: proposals, which a person confirms, and never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from registers.known_names.models import folded_name

#: What stands before names and is none.
_TITLES = frozenset(
    (
        "hr",
        "herr",
        "herrn",
        "fr",
        "frau",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mme",
        "mlle",
        "m",
        "sr",
        "sra",
        "dr",
        "prof",
        "dipl",
        "ing",
    )
)
_MAIL_SIGNS = re.compile(r"[._\-+]+")


class Named(NamedTuple):
    """A person who may be meant."""

    key: int
    email: str
    name: str


def same_name(text: str) -> str:
    """Return a name in one form, whether the surname stands first (“Köhler, Sabine”) or last."""
    surname, comma, given = text.partition(",")
    return folded_name(f"{given} {surname}" if comma and given.strip() else text)


def candidates(text: str, people: Iterable[Named]) -> list[Named]:
    """Return whom a name may mean: its surname is theirs, and its other words and initials fit."""
    words = same_name(text).split()
    # A lone letter at the beginning is an initial, not “Monsieur”, where no title is written with more.
    given = [word for word in words[:-1] if word not in _TITLES or len(word) == 1]
    return [person for person in people if words and _fits(given, words[-1], _words_of(person))]


def _words_of(person: Named) -> list[str]:
    """Return the words of a person's name; of one who hasn't given it yet, those of the mail address."""
    return same_name(person.name or _MAIL_SIGNS.sub(" ", person.email.partition("@")[0])).split()


def _fits(given: list[str], surname: str, words: list[str]) -> bool:
    if not words or words[-1] != surname:
        return False
    names = words[:-1]
    return all(any(_may_be(word, name) for name in names) for word in given)


def _may_be(word: str, name: str) -> bool:
    """Return whether two given names may be one: the same, or one the initial of the other (s.koehler@…)."""
    return word == name or (1 in (len(word), len(name)) and word[0] == name[0])
