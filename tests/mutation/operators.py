"""Operators for Cosmic Ray: what Django's queries say in names of lookups, methods and conditions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import parso
from cosmic_ray.operators import boolean_replacer
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.operators.provider import OperatorProvider

Position = tuple[tuple[int, int], tuple[int, int]]

#: Each bound, the one that differs on the bound itself, and the opposite one.
LOOKUPS = {"__lt": ("__lte", "__gte"), "__lte": ("__lt", "__gt"), "__gt": ("__gte", "__lte"), "__gte": ("__gt", "__lt")}
CALLED = {"filter": "exclude", "exclude": "filter", "min": "max", "max": "min", "any": "all", "all": "any", "Least": "Greatest", "Greatest": "Least"}  # fmt: skip
CONDITIONS = ("Q", "Exists")
ASKING = ("Q", "filter", "exclude", "part")


class ReplaceLookup(Operator):
    """Move the bound of a lookup: ``day__lt`` to ``day__lte`` and to ``day__gte``; in formatted strings too."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        for _ in range(2 if _lookup(node) else 0):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        found = _lookup(node)
        node.value = node.value.removesuffix(found) + LOOKUPS[found][index]
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (
            Example("f(day__lt=1)", "f(day__lte=1)"),
            Example("f(day__lt=1)", "f(day__gte=1)", occurrence=1),
            Example('f"{due}__gt"', 'f"{due}__gte"'),
        )


class ReplaceCalled(Operator):
    """Call the opposite: ``exclude`` for ``filter``, ``max`` for ``min``, ``all`` for ``any``."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "name" and node.value in CALLED and _is_called(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        node.value = CALLED[node.value]
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("rows.filter(a=1)", "rows.exclude(a=1)"), Example("min(a, b)", "max(a, b)"))


class AddNot(boolean_replacer.AddNot):
    """Ask the opposite, also where a condition gives a name to what it asks."""

    def mutate(self, node: Any, index: int) -> Any:
        place = 2 if node.type == "test" else 1
        node.children[place] = parso.parse(f" not ({node.children[place].get_code().strip()})")
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("if a := b: pass", "if not (a := b): pass"), Example("a if b else c", "a if not (b) else c"))


class ReplaceMembership(Operator):
    """Ask ``not in`` for ``in``, and the other way round; loops aren't asked."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "comparison":
            for operator in _memberships(node):
                yield operator.start_pos, operator.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        operator = list(_memberships(node))[index]
        place = node.children.index(operator)
        node.children[place] = parso.parse(" in" if operator.type == "comp_op" else " not in")
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("a in b", "a not in b"), Example("a not in b", "a in b"))


class NegateCondition(Operator):
    """Put ``~`` before a condition of a query that has none."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "atom_expr" and getattr(node.children[0], "value", None) in CONDITIONS:
            before = node.parent.children[0] if node.parent.type == "factor" else None
            if getattr(before, "value", None) != "~" and node.children[1].type == "trailer":
                yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        name = node.children[0]
        name.value = f"~{name.value}"
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("x = Q(a=1)", "x = ~Q(a=1)"),)


class NegateNone(Operator):
    """Ask for something where a query asks for nothing: ``day=None`` becomes ``day__isnull=False``."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "argument" and [getattr(each, "value", "") for each in node.children][1:] == ["=", "None"]:
            call = node.parent.parent if node.parent.type == "arglist" else node.parent
            name = call.get_previous_leaf()
            if name is not None and name.value in ASKING:
                yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        node.children[0].value += "__isnull"
        node.children[2].value = "False"
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("x = Q(day=None)", "x = Q(day__isnull=False)"),)


OURS = {
    each.__name__: each
    for each in (AddNot, ReplaceLookup, ReplaceCalled, ReplaceMembership, NegateCondition, NegateNone)
}


def operator(name: str) -> Operator:
    """Return an operator by its name: one of ours, or of Cosmic Ray."""
    kind: type[Operator] = OURS.get(name) or OperatorProvider()[name]
    return kind()


def _lookup(node: Any) -> str:
    """Return the lookup with which a name of an argument, or a piece of a string, ends; empty where it ends with none."""
    is_argument = node.type == "name" and node.parent is not None and node.parent.type == "argument"
    if not (is_argument and node.parent.children[0] is node) and node.type != "fstring_string":
        return ""
    return next((each for each in LOOKUPS if node.value.endswith(each)), "")


def _is_called(node: Any) -> bool:
    following = node.get_next_leaf()
    return following is not None and following.value == "(" and node.parent.type in ("trailer", "atom_expr")


def _memberships(node: Any) -> Iterator[Any]:
    for each in node.children[1::2]:
        if each.get_code().split() in (["in"], ["not", "in"]):
            yield each
