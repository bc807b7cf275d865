"""Canonical bytes of a value, so that whoever hashes it hashes the same bytes.

The encoding is RFC 8785 (JSON Canonicalization Scheme) for the values this house keeps: text, whole numbers,
true, false, null, lists and objects. There are no floats: a decimal or a date is text, written by `as_json`, so no
verifier has to guess how a number was spelt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

__all__ = ["as_json", "canonical_bytes", "canonical_lines"]

#: Types of values that the encoder writes in their canonical form by itself, or hands to `as_json`.
SIMPLE = frozenset({type(None), bool, str, int, Decimal, datetime, date})


def canonical_bytes(value: object) -> bytes:
    """Return the RFC 8785 bytes of a plain value (see `as_json`).

    Raises:
        TypeError: for anything that is not plain (floats, dates, keys that are not text).
        ValueError: for text with a lone surrogate, and for whole numbers beyond ±(2**53 - 1), which I-JSON
            (RFC 7493, 2.2) can't carry.
    """
    ordered = _ordered(value)
    try:
        return orjson.dumps(ordered, option=orjson.OPT_STRICT_INTEGER)
    except orjson.JSONEncodeError as error:  # a TypeError; what is left to refuse are values, not types
        raise ValueError(f"No canonical form: {error}") from error


def canonical_lines(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield each row as one line: the canonical bytes of its values by name, and a line end.

    The same bytes as `canonical_bytes(as_json(dict(zip(names, row))))`, quicker for many rows of the same names, which
    are ASCII.

    Raises:
        TypeError: a value has no canonical form; see `as_json`.
        ValueError: see `as_json` and `canonical_bytes`.
    """
    places = sorted(range(len(names)), key=names.__getitem__)
    keys = [names[place] for place in places]
    option = orjson.OPT_STRICT_INTEGER | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE
    for row in rows:
        if SIMPLE.issuperset(map(type, row)):  # nothing nested, whose keys would have to be sorted as well
            ordered = dict(zip(keys, [row[place] for place in places], strict=True))
            try:
                yield orjson.dumps(ordered, default=as_json, option=option)
            except orjson.JSONEncodeError as error:
                raise ValueError(f"No canonical form: {error}") from error
        else:
            yield canonical_bytes(as_json(dict(zip(names, row, strict=True)))) + b"\n"


def as_json(value: object) -> Any:
    """Return `value` in the types that have a canonical form.

    Decimals become plain decimal notation with their digits kept, dates ISO 8601, moments UTC with microseconds and
    `Z`, UUIDs their hexadecimal form; mappings, lists and tuples are followed.

    Raises:
        TypeError: for other types.
        ValueError: for a moment without a zone, and a decimal that is not a finite number.
    """
    match value:
        case None | bool():
            return value
        case str():
            return str.__str__(value)  # drops subclasses (choices, safe strings), keeps the text
        case int():
            return int(value)
        case Decimal():
            return _decimal(value)
        case datetime():  # before date, which a moment is too
            return _moment(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Mapping():
            return {as_json(key): as_json(item) for key, item in value.items()}
        case list() | tuple():
            return [as_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form; write it as text first.")


def _ordered(value: Any) -> Any:
    """Return `value` with the keys of every object in canonical order, or refuse it."""
    # By the exact type: orjson writes subclasses too, enumerations and dataclasses among them, in ways of its own.
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is dict:
        return {key: _ordered(value[key]) for key in _sorted_keys(value)}
    if kind is list or kind is tuple:
        return [_ordered(item) for item in value]
    raise TypeError(f"{kind.__name__} has no canonical form; pass the value through as_json() first.")


def _sorted_keys(value: dict[Any, Any]) -> list[str]:
    """Sort keys by their UTF-16 code units (RFC 8785, 3.2.3)."""
    for key in value:
        if type(key) is not str:
            raise TypeError(f"The key {key!r} is not text.")
    if all(map(str.isascii, value)):  # for ASCII that is Python's own order
        return sorted(value)
    return sorted(value, key=lambda key: key.encode("utf-16-be"))


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number.")
    return format(value, "f")


def _moment(value: datetime) -> str:
    if value.utcoffset() is None:
        raise ValueError(f"{value.isoformat()} names no time zone.")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
