"""The mutants of the modules that ``pyproject.toml`` names: each one place in one module, changed by one operator."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

from tests.mutation.operators import operator

PROJECT = Path(__file__).resolve().parents[2]
SETTINGS: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["mutation"]
EQUIVALENT = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        module: the file, from the project's folder.
        operator: its name.
        occurrence: the how many-th place in the module at which the operator can change something, from 0.
        line: where it is.
        statement: first and last line of what a test has to run to notice it.
        path: names and first lines of the functions it lies in, outermost first; none where it is run on import.
    """

    module: str
    operator: str
    occurrence: int
    line: int
    statement: tuple[int, int]
    path: tuple[str, ...]

    @property
    def source(self) -> str:
        """The whole module as it is when changed."""
        return str(mutate_code(read(self.module), operator(self.operator), self.occurrence))

    @property
    def change(self) -> str:
        """The line before and after, by which the mutant is known as long as the line stays."""
        old, new = read(self.module).splitlines(), self.source.splitlines()
        first = next((n for n, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), self.line - 1)
        return f"{old[first].strip()} → {new[first].strip()}"


@cache
def read(module: str) -> str:
    """Return a module's source."""
    return (PROJECT / module).read_text("utf-8")


def modules() -> list[str]:
    """Return the modules that are changed, in the order in which they are named."""
    found = (path for pattern in SETTINGS["modules"] for path in sorted(PROJECT.glob(pattern)))
    return [str(path.relative_to(PROJECT)) for path in found]


def mutants_of(module: str) -> Iterator[Mutant]:
    """Yield all mutants of a module, from its first line to its last."""
    nodes = list(ast_nodes(get_ast(read(module))))
    found = []
    for name in SETTINGS["operators"]:
        changed, occurrence = operator(name), -1
        for node in nodes:
            for start, _end in changed.mutation_positions(node):
                occurrence += 1
                if not _is_left_out(node, name):
                    callable_ = _callable_around(node)
                    found.append(
                        Mutant(module, name, occurrence, start[0], _statement(node, callable_), _path(callable_))
                    )
    return iter(sorted(found, key=lambda each: (each.line, each.operator, each.occurrence)))


def equivalent() -> dict[tuple[str, str], str]:
    """Return the reasons why mutants can't be told from the module by any test, by module and change."""
    listed = tomllib.loads(EQUIVALENT.read_text("utf-8")).get("mutant", [])
    return {(each["module"], each["change"]): each["reason"] for each in listed}


def _is_left_out(node: Any, name: str) -> bool:
    """Return whether a place holds no rule: types, decorators, how columns are stored, words put together."""
    if name == "ReplaceBinaryOperator_Mod_FloorDiv" and getattr(node.get_next_sibling(), "type", "") != "number":
        return True
    child = node
    while parent := child.parent:
        if parent.type in ("annassign", "decorator", "decorators", "import_from"):
            if parent.type != "annassign" or child is not parent.children[-1] or len(parent.children) < 4:
                return True
        elif (
            parent.type == "parameters"
            and child.type == "operator"
            or parent.type == "tfpdef"
            and child is not parent.children[0]
            or parent.type == "funcdef"
            and child is parent.annotation
        ):
            return True
        elif parent.type == "argument" and parent.children[0].type == "name":
            if parent.children[0].value in SETTINGS["storage"]:
                return True
        elif parent.type == "if_stmt" and parent.children[1].get_code().strip() == "TYPE_CHECKING":
            return True
        child = parent
    return False


def _callable_around(node: Any) -> Any:
    """Return the innermost function or lambda in whose body a place is; None where it is run on import."""
    child = node
    while parent := child.parent:
        if parent.type in ("funcdef", "lambdef") and child is parent.children[-1]:
            return parent
        child = parent
    return None


def _statement(node: Any, within: Any) -> tuple[int, int]:
    """Return first and last line of the statement around a place, no further out than the function it is in."""
    found = node
    while found.parent is not None and found.parent.type not in ("suite", "file_input", "simple_stmt"):
        if found.parent is within:
            break
        found = found.parent
        if found.type in ("if_stmt", "for_stmt", "while_stmt", "with_stmt", "try_stmt", "funcdef", "classdef"):
            # Their bodies are other statements: what is asked stands in the first line, or where the place is.
            return node.start_pos[0], node.end_pos[0]
    return found.start_pos[0], found.end_pos[0]


def _path(within: Any) -> tuple[str, ...]:
    names: list[str] = []
    while within is not None:
        if within.type == "funcdef":
            names.insert(0, within.name.value)
        elif within.type == "lambdef":
            names.insert(0, "<lambda>")
        within = within.parent
    return tuple(names)
