"""Names of months in the languages of Europe and some more, by the Unicode Common Locale Data Repository.

They are gathered where the first name turns up that is neither English nor German, since that takes about a second.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

from babel import Locale

_LANGUAGES = (
    "en de fr es pt it nl da sv nb nn fi is et lv lt pl cs sk sl hr bs sr sr_Latn bg mk ro hu el tr ru uk be ca eu gl ga cy mt "
    "sq lb af id ms hy ka az kk uz"
)
#: Signs by which names are set off or ended: "5 de març", "szept."
_AROUND = " .,'’"


@cache
def months_by_name() -> dict[str, frozenset[int]]:
    """Return the numbers of the months by each name, folded.

    A name may mean two: “listopad” is October in Croatian, November in Czech and Polish.
    """
    found: dict[str, set[int]] = {}
    for language in _LANGUAGES.split():
        for name, number in _names(language):
            found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


def folded(name: str) -> str:
    """Return a name as :func:`months_by_name` has it: accents make no difference."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign)).strip(_AROUND)
    return plain.removeprefix("de ").removeprefix("d’").removeprefix("d'")


def _names(language: str) -> Iterator[tuple[str, int]]:
    for widths in Locale.parse(language).months.values():
        for width, names in widths.items():
            # Of one letter only, several months have the same.
            if width != "narrow":
                yield from ((name, number) for number, full in names.items() if len(name := folded(full)) > 1)
