"""The one place where a query string becomes rows.

Lists, their exports, maps and samples all come here.
"""

from __future__ import annotations

from django.http import QueryDict

from registers.lists.filters import RegisterFilterSet
from registers.lists.search import SearchResult, search
from registers.lists.selections import selection_of
from registers.register import Register


def rows_for(register: Register, parameters: QueryDict, filterset: RegisterFilterSet | None = None) -> SearchResult:
    """Return a register's rows as the parameters narrow them: filters, selection, search.

    Args:
        register: whose rows.
        parameters: the query string's ``QueryDict``.
        filterset: bound to the parameters; the register's own unless given.
    """
    if filterset is None:
        filterset = register.filterset(parameters, queryset=register.records())
    # A filter that isn't valid finds nothing, with its error beside it: never more rows than were asked for.
    rows = filterset.qs if filterset.is_valid() or not parameters else register.records().none()
    if selection := selection_of(register, parameters):
        rows = selection.narrow(rows)
    return search(register, rows, parameters.get("q", ""))
