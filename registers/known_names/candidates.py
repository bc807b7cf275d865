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


def one_person_each(names: Iterable[str]) -> list[list[str]]:
    """Return names in groups that most likely mean one person each, in the order of their first ones.

    “S. Köhler” stands with “Köhler, Sabine” where no other name beside them fits it as well.
    """
    spelt: dict[str, list[str]] = {}
    for name in names:
        spelt.setdefault(same_name(name), []).append(name)
    groups = {form: list(same) for form, same in spelt.items()}
    for form in spelt:
        fuller = [other for other in spelt if _is_short_for(form.split(), other.split())]
        if len(fuller) == 1 and fuller[0] in groups and not any(_is_short_for(o.split(), form.split()) for o in spelt):
            groups[fuller[0]] += groups.pop(form)
    order = {name: place for place, name in enumerate(name for same in spelt.values() for name in same)}
    return sorted(
        (sorted(group, key=order.__getitem__) for group in groups.values()), key=lambda group: order[group[0]]
    )


def _is_short_for(words: list[str], fuller: list[str]) -> bool:
    """Return whether a name says less than another that it may stand for: an initial for a name, or the surname alone."""
    given, others = ([word for word in each[:-1] if word not in _TITLES or len(word) == 1] for each in (words, fuller))
    says_less = len(given) < len(others) or any(len(word) == 1 for word in given)
    is_full = bool(others) and all(len(word) > 1 for word in others)
    return is_full and says_less and _fits(given, words[-1], fuller)


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
