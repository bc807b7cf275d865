"""Where a field of a row gets its value from, and the error of a mapping that doesn't fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

from django.utils.translation import gettext as _

_SOURCE_KEYS = {"columns", "join", "value", "only_new"}


class MappingError(Exception):
    """A mapping that doesn't fit the file or the register.

    ``messages`` say what is wrong and what there is instead.
    """

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = list(messages)


@dataclass(frozen=True)
class Source:
    """Where a field's value comes from: headers of the file, or one value for all rows."""

    headers: tuple[str, ...] = ()
    value: str | None = None
    join: str | None = None
    only_new: bool = False

    @classmethod
    def read(cls, name: str, plain: Mapping[str, Any]) -> Self:
        """Understand one entry of a mapping; raises MappingError."""
        match plain:
            case str():
                return cls(headers=(plain,))
            case [str(), *_] if all(isinstance(header, str) for header in plain):
                return cls(headers=tuple(plain))
            case {"value": str() | int() | float() | bool() as value, **rest} if rest.keys() <= {"only_new"}:
                return cls(value=str(value), only_new=bool(rest.get("only_new")))
            case {"columns": [str(), *_] as columns, **rest} if plain.keys() <= _SOURCE_KEYS - {"value"} and all(
                isinstance(c, str) for c in columns
            ):
                return cls(
                    headers=tuple(columns),
                    join=cast("str | None", rest.get("join")),
                    only_new=bool(rest.get("only_new")),
                )
        raise MappingError(
            _('“%(field)s” isn\'t mapped to a header, a list of headers, or {"value": …}.') % {"field": name}
        )

    def as_json(self) -> Any:
        """Return the entry as JSON."""
        if self.value is not None:
            return {"value": self.value} | ({"only_new": True} if self.only_new else {})
        if self.join is None and not self.only_new:
            return self.headers[0] if len(self.headers) == 1 else list(self.headers)
        return (
            {"columns": list(self.headers)}
            | ({"join": self.join} if self.join is not None else {})
            | ({"only_new": True} if self.only_new else {})
        )


def read_drawn(plain: Any) -> dict[str, Any]:
    """Understand how rows are drawn out of another register's sheet; raises MappingError."""
    match plain:
        case {"ids": [*ids], "columns": {**columns}} if plain.keys() <= {"ids", "columns", "source"} and all(
            isinstance(each, str) for each in (*ids, *columns, *columns.values())
        ):
            return {"ids": ids, "source": str(plain.get("source") or ""), "columns": columns}
    raise MappingError(
        _('The option drawn needs the columns of ids and of fields: {"ids": ["No"], "columns": {"title": "Measure"}}.')
    )
