"""Which header of a file most likely fills which field of a register."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from registers.parsing.header_words import forms_of
from registers.parsing.targets import EXTERNAL_ID, REFERENCE, Target
from spreadsheets.headers import normalize_header

#: Forms of a header that are told apart when proposals are ordered.
_FORMS = 3


def propose(
    headers: Iterable[str],
    targets: Mapping[str, Target],
    fits: Callable[[Target, str], bool] = lambda target, header: True,
) -> dict[str, str]:
    """Propose which header most likely fills which field, each used once: field → header.

    A label as it is written counts for most. A field's name and label count for more than its further words, and these
    more the earlier they stand; a header counts as it is, then without what it has in brackets, then by each of two
    languages (“Beschreibung / Description”). Words of another field come last: they are taken where that one is filled
    otherwise. A field that every row needs takes a header that fits it from one that may stay empty.

    A column called “Reference” is taken for this register's own only beside one of external ids, as exports have it;
    alone it is what the source calls its rows. An export's columns are called by names or labels: of further words
    none counts, for it has columns that are only read too.

    Args:
        headers: of the file.
        targets: the fields that are open.
        fits: whether what stands under a header may be a field's.
    """
    names = list(headers)
    own = next((name for name in names if normalize_header(name) == REFERENCE), None)
    external = next((name for name in names if normalize_header(name) == normalize_header(EXTERNAL_ID)), None)
    if own and external:
        words = {name: target.names for name, target in targets.items()}
        return _best(_offers(names, targets, words)) | {REFERENCE: own, EXTERNAL_ID: external}
    first = _offers(names, targets, {name: _known(name, targets) for name in targets})
    second = _offers(names, targets, {name: target.second_words for name, target in targets.items()})
    offers = [(name, header) for name, header in (*first, *second) if fits(targets[name], header)]
    proposal = _best(offers)
    for name, header in offers:
        if name not in proposal and targets[name].required:
            holder = next(held for held, taken in proposal.items() if taken == header)
            if not targets[holder].required:
                del proposal[holder]
                proposal[name] = header
    return proposal


def _known(name: str, targets: Mapping[str, Target]) -> tuple[str, ...]:
    """Return the words of a field; behind them those of the text under whose name files carry its numbers."""
    text = targets.get(targets[name].numbers_of)
    return targets[name].words + (text.words if text else ())


def _offers(
    names: Sequence[str], targets: Mapping[str, Target], words: Mapping[str, tuple[str, ...]]
) -> list[tuple[str, str]]:
    """Return which headers may fill which fields by their words, the likeliest first: pairs of field and header."""
    forms = {name: forms_of(name) for name in names}
    found = sorted(
        (
            header.casefold() != target.label.casefold(),
            _FORMS * words[target.name].index(form) + min(rank, _FORMS - 1),
            place,
            names.index(header),
            target.name,
            header,
        )
        for place, target in enumerate(targets.values())
        for header in names
        for rank, form in enumerate(forms[header])
        if form in words[target.name]
    )
    return [(name, header) for *_score, name, header in found]


def _best(offers: Iterable[tuple[str, str]]) -> dict[str, str]:
    proposal: dict[str, str] = {}
    for name, header in offers:
        if name not in proposal and header not in proposal.values():
            proposal[name] = header
    return proposal
