"""What the developer papers say of the code is there: files, modules and functions they name, links, and the picture of the layers."""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.rules.test_code import APPS, PROJECT

DOCS = PROJECT / "docs"
PAPERS = sorted([*DOCS.rglob("*.md"), *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))])
#: Beginnings of names that are no files or modules of the project: what a pack or an installation holds, what the examples add,
#: and a setting of PostgreSQL's.
ELSEWHERE = ("data/", "var/", ".venv/", "measurement", "tests/measurement", "customerfocus.organization")
_SPANS = re.compile(r"`([^`\n]+)`")
_FENCES = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"[\w./-]*\w\.(?:py|toml|txt|css|js|typ|svg|yml|html|md)")
_NAME = re.compile(rf"(?:{'|'.join(APPS)}|tests|benchmarks)(?:\.\w+)+(?::\w+(?:\.\w+)*)?")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def said(paper: Path) -> str:
    """A paper without what is to be typed in."""
    return _FENCES.sub("", paper.read_text())


def spans(paper: Path) -> Iterator[str]:
    """What a paper sets as code."""
    return (span.strip() for span in _SPANS.findall(said(paper)) if not span.startswith(ELSEWHERE))


@cache
def file_names() -> frozenset[str]:
    """Names of all files of the project, without their folders."""
    folders = [
        path
        for path in PROJECT.iterdir()
        if path.is_dir() and path.name not in (".git", ".venv", "node_modules", "var")
    ]
    found = (file.name for folder in folders for file in folder.rglob("*") if file.is_file())
    return frozenset([*found, *(path.name for path in PROJECT.iterdir())])


@cache
def names_of(module: Path) -> frozenset[str]:
    """What a module holds: its functions and classes, ``Class.attribute``, what it assigns, and what it imports."""
    found: set[str] = set()
    for node in ast.parse(module.read_text()).body:
        names = _names(node)
        found |= names
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{name}" for each in node.body for name in _names(each)}
    return frozenset(found)


def _names(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {each.asname or each.name for each in names}
    return set()


def is_there(name: str) -> bool:
    """Whether a dotted name, or ``module:function``, is a module, a package, or something that one of them holds."""
    path, _, held = name.partition(":")
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        base = PROJECT.joinpath(*parts[:cut])
        rest = ".".join([*parts[cut:], *([held] if held else [])])
        module = base.with_suffix(".py") if base.with_suffix(".py").is_file() else base / "__init__.py"
        if module.is_file():
            return not rest or rest in names_of(module)
        if base.is_dir():
            return not rest
    return False


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(PROJECT)))
def test_files_that_a_paper_names_are_there(paper: Path) -> None:
    named = {span for span in spans(paper) if _FILE.fullmatch(span)}
    here = {name for name in named if "/" in name and ((PROJECT / name).exists() or (paper.parent / name).exists())}
    alone = {name for name in named if "/" not in name and name in file_names()}
    assert named - here - alone == set()


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(PROJECT)))
def test_modules_and_functions_that_a_paper_names_are_there(paper: Path) -> None:
    named = {span.removesuffix("()") for span in spans(paper)}
    assert {
        name for name in named if _NAME.fullmatch(name) and not _FILE.fullmatch(name) and not is_there(name)
    } == set()


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(PROJECT)))
def test_links_of_a_paper_lead_somewhere(paper: Path) -> None:
    links = {link for link in _LINK.findall(said(paper)) if "://" not in link and not link.startswith("mailto:")}
    assert {link for link in links if not (paper.parent / link).exists()} == set()


def test_the_picture_of_the_layers_is_the_one_that_the_contract_gives() -> None:
    """Made anew by ``make pictures``."""
    picture = runpy.run_path(str(DOCS / "pictures" / "layers.py"))["picture"]
    assert (DOCS / "pictures" / "layers.svg").read_text() == picture()


def test_the_map_of_the_project_names_every_app() -> None:
    architecture = (DOCS / "architecture.md").read_text()
    assert [app for app in APPS if f"\n{app}/" not in architecture] == []


def test_the_index_of_decisions_holds_each_of_them() -> None:
    index = (DOCS / "decisions" / "README.md").read_text()
    decisions = [path.name for path in (DOCS / "decisions").glob("0*.md")]
    assert sorted(name for name in decisions if f"]({name})" not in index) == []
