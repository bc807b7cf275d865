"""What a finished import came to besides its rows: who was recorded along, and what of the file wasn't taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imports.summary import kept_beside
from registers.parsing.targets import Target
from registers.register import registry

#: Rows that are named with a link; all of them are in their register.
_MOST = 20


def outcome_lines(result: Mapping[str, Any], targets: Mapping[str, Target]) -> Iterator[dict[str, Any]]:
    """Yield sentences, each with the rows that it names: a query a kind of row."""
    for each in result.get("recorded_along", ()):
        yield _recorded(registry[each["register"]], each["names"])
    if unmapped := result.get("unmapped"):
        yield {"text": _left_out(unmapped, is_kept=bool(result.get("kept_unmapped"))), "rows": []}
    yield from ({"text": sentence, "rows": []} for sentence in kept_beside(result, targets))


def _recorded(register: Any, names: list[str]) -> dict[str, Any]:
    rows = register.rows().filter(**{f"{register.model.title_field}__in": names[:_MOST]}).order_by("reference")
    text = _("%(count)s recorded along in %(register)s, since they weren't there:")
    rest = len(names) - min(len(names), _MOST)
    more = ngettext("and %(count)s more", "and %(count)s more", rest) % {"count": f"{rest:,}"} if rest else ""
    return {
        "text": text % {"count": f"{len(names):,}", "register": register.title},
        "rows": [{"label": str(row), "url": row.get_absolute_url()} for row in rows],
        "more": more,
    }


def _left_out(columns: list[str], *, is_kept: bool) -> str:
    words = (
        ngettext(
            "%(count)s column fills no field and is kept as text in each row: %(columns)s.",
            "%(count)s columns fill no field and are kept as text in each row: %(columns)s.",
            len(columns),
        )
        if is_kept
        else ngettext(
            "%(count)s column of the file was not imported: %(columns)s.",
            "%(count)s columns of the file were not imported: %(columns)s.",
            len(columns),
        )
    )
    return words % {"count": f"{len(columns):,}", "columns": ", ".join(columns)}
