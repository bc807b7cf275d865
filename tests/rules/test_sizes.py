"""The plan of the house in figures: rooms, names, sizes, and modules that import each other.

``python -m tests.rules.test_sizes`` prints them.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.rules.test_code import MODULES, PROJECT, name, tree

#: Of all lines, those that the largest app may hold.
LARGEST_APP = 0.20
#: Of all modules, those whose names may end in -ing or -ed: what they do instead of what they hold.
VERBAL_NAMES = 0.03
#: Lines of nine functions in ten, of the longest one, and of nine modules in ten.
MOST_FUNCTIONS, LONGEST_FUNCTION, MOST_MODULES = 20, 60, 250
#: Modules that import each other where only types are checked, each family with its reason.
FAMILIES = {
    frozenset({"organizations.models", "organizations.querysets", "organizations.roles", "organizations.scope"}):
        "who may do what is asked of memberships, and they, like every model, stand in the scope of an organization",
    frozenset({"requirements_registry.models.requirements", "requirements_registry.models.versions", "requirements_registry.models.version_mixin"}):
        "a requirement has versions, and each version is one of a requirement",
    frozenset({"risks.models.assessable", "risks.models.assessment", "risks.models.told"}):
        "what is assessed points to its latest assessments, each assessment to what it assesses, and files tell both",
    frozenset({"risks.models.scale", "risks.querysets"}):
        "a scale is found by its queryset, which gives scales",
}  # fmt: skip


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def functions() -> Iterator[tuple[str, int]]:
    """Each function with its number of lines."""
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name(path)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def ninth_of_ten(sizes: list[int]) -> int:
    return sorted(sizes)[int(len(sizes) * 0.9)]


def shares() -> dict[str, float]:
    """Each app's share of all lines, the largest first."""
    counted: Counter[str] = Counter()
    for path in MODULES:
        counted[path.relative_to(PROJECT).parts[0]] += lines(path)
    return {app: count / counted.total() for app, count in counted.most_common()}


def verbal() -> list[str]:
    """Modules and packages whose names end in -ing or -ed."""
    return sorted(module for path in MODULES if re.search(r"(ing|ed)$", module := dotted(path)))


def imports(*, with_types: bool) -> dict[str, set[str]]:
    """Which modules of ours each module imports; with or without what only the type checker follows."""
    known = {dotted(path): path for path in MODULES}
    found: dict[str, set[str]] = {}
    for module, path in known.items():
        typing = {
            node
            for branch in ast.walk(tree(path))
            if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
            for node in ast.walk(branch)
        }
        found[module] = {
            full if (full := f"{node.module}.{alias.name}") in known else str(node.module)
            for node in ast.walk(tree(path))
            if isinstance(node, ast.ImportFrom) and (with_types or node not in typing)
            for alias in node.names
        } & known.keys() - {module}
    return found


def circles(graph: dict[str, set[str]]) -> set[frozenset[str]]:
    """The sets of modules that can all be reached from each other (Tarjan's strongly connected components)."""
    reached = {module: _reachable(graph, module) for module in graph}
    return {
        frozenset(other for other in reached[module] if module in reached[other])
        for module in graph
        if module in reached[module]
    }


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += graph[module]
    return found


def test_no_app_holds_more_than_a_fifth() -> None:
    assert {app: share for app, share in shares().items() if share > LARGEST_APP} == {}


def test_modules_are_called_by_what_they_hold() -> None:
    assert len(verbal()) <= VERBAL_NAMES * len(MODULES), verbal()


def test_functions_are_short() -> None:
    found = dict(functions())
    assert ninth_of_ten(list(found.values())) <= MOST_FUNCTIONS
    assert [each for each, size in found.items() if size > LONGEST_FUNCTION] == []


def test_modules_are_short() -> None:
    assert ninth_of_ten([lines(path) for path in MODULES if name(path) != "packs/verify.py"]) <= MOST_MODULES


def test_no_modules_import_each_other_when_they_run() -> None:
    assert circles(imports(with_types=False)) == set()


def test_modules_import_each_other_for_their_types_only_in_families_of_models() -> None:
    assert circles(imports(with_types=True)) == FAMILIES.keys()


if __name__ == "__main__":
    sizes = [size for _name, size in functions()]
    print("share of lines:", *(f"{app} {share:.1%}" for app, share in shares().items()), sep="\n  ")
    print(f"names in -ing or -ed: {len(verbal())} of {len(MODULES)} ({len(verbal()) / len(MODULES):.1%})")
    print(f"functions: {len(sizes)}, nine in ten up to {ninth_of_ten(sizes)} lines, the longest {max(sizes)}")
    print(f"modules: {len(MODULES)}, nine in ten up to {ninth_of_ten([lines(path) for path in MODULES])} lines")
    print("circles when they run:", [sorted(each) for each in circles(imports(with_types=False))])
    print("circles of types:", [sorted(each) for each in circles(imports(with_types=True))])
