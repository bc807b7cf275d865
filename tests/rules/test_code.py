"""What holds for every module, template and string."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
APPS = (
    "spreadsheets",
    "typesetting",
    "organizations",
    "trail",
    "registers",
    "imports",
    "comments",
    "clauses",
    "actions",
    "requirements_registry",
    "risks",
    "feedback",
    "reviews",
    "evidence",
    "audits",
    "packs",
    "customerfocus",
)
MODULES = sorted(path for app in APPS for path in (PROJECT / app).rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted((PROJECT / "templates").rglob("*.html"))
#: Modules that write SQL by hand, which no manager confines, each with the reason.
SQL_BY_HAND = {
    "customerfocus/health.py": "asks whether the database answers",
    "organizations/rls.py": "makes the policies that confine all SQL",
    "organizations/subqueries.py": "counts what a query finds that was written by its manager",
    "organizations/scope.py": "tells the database the current organization",
    "organizations/lock_waits.py": "tells the database how long to wait",
    "registers/lists/search_later.py": "takes rows of the current organization into the index that only proposes",
    "registers/lists/search.py": "asks and makes the index that only proposes rows of the current organization",
    "trail/history.py": "copies rows that were claimed into their history",
    "trail/staging.py": "copies rows from temporary tables into the current organization's, with their history",
    "trail/triggers.py": "makes the triggers that refuse changes",
    "trail/sealing/leaves.py": "reads versions as the database keeps them, each query confined by its organization",
    "trail/sealing/current_rows.py": "compares tables in the database, each query confined by its organization",
    "trail/sealing/seals.py": "appends many leaves at once, to the current organization's tree",
    "trail/time_travel/snapshots.py": "sets a transaction's isolation",
    "trail/time_travel/shadow_tables.py": "fills tables with the current organization's rows as of a moment",
}
#: Lines of a module, and of a function.
LONGEST_MODULE, LONGEST_FUNCTION = 400, 60
#: Modules that may be longer, each with the reason.
LONG = {
    "packs/verify.py": "goes into every pack as one file that needs no other",
}


def name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last part of what is called: ``cursor`` in ``connection.cursor()``."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_imports_point_one_way() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(program)], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_sql_is_written_by_hand_only_where_there_is_a_reason() -> None:
    found = {
        name(path)
        for path in MODULES
        if any(called(call) in ("cursor", "raw", "extra", "RawSQL", "executemany") for call in calls(path))
    }
    assert found == SQL_BY_HAND.keys()


@pytest.mark.parametrize("path", [path for path in MODULES if name(path) != "organizations/clock.py"], ids=name)
def test_the_time_is_asked_of_the_one_clock(path: Path) -> None:
    """Else a page about the past would judge by today. (A field's default is the time of writing, which is always now.)"""
    asked = {ast.unparse(call.func) for call in calls(path)}
    asked |= {f"{ast.unparse(call.func)}()" for call in calls(path) if not call.args and not call.keywords}
    assert (
        asked & {"timezone.now", "datetime.now", "date.today", "timezone.localdate()", "timezone.localtime()"} == set()
    )


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_and_functions_stay_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE or name(path) in LONG
    functions = (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef))
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= LONGEST_FUNCTION] == []


@pytest.mark.parametrize("path", [path for path in MODULES if name(path) != "packs/verify.py"], ids=name)
def test_what_people_read_can_be_translated(path: Path) -> None:
    """Messages, errors of forms and names of fields are never bare texts. (The pack's script runs without translations.)"""
    speaking = {"ValidationError", "add_error", "success", "warning", "info", "error"}
    bare = []
    for call in calls(path):
        if called(call) in speaking and not _is_log(call):
            bare += [
                f"line {arg.lineno}: {arg.value}"
                for arg in call.args
                if isinstance(arg, ast.Constant) and isinstance(arg.value, str) and " " in arg.value
            ]
        bare += [
            f"line {k.value.lineno}: {k.value.value!r}"
            for k in call.keywords
            if k.arg in ("label", "help_text", "verbose_name") and isinstance(k.value, ast.Constant) and k.value.value
        ]
    assert bare == []


def _is_log(call: ast.Call) -> bool:
    """Whether it speaks to the operator's log rather than to people."""
    return (
        isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in ("logger", "log")
    )


_NOT_READ = re.compile(
    r"{% comment %}.*?{% endcomment %}|{#.*?#}|{% block body_class %}.*?{% endblock[^%]*%}|{% blocktrans(?:late)?\b.*?{% endblocktrans(?:late)? %}|<(script|style|svg|kbd|code)\b.*?</\1>|<!--.*?-->",
    re.DOTALL,
)
_ATTRIBUTES = re.compile(r'\b(?:aria-label|placeholder|title|alt)="([^"]*)"')
#: Words that are the same in every language.
NAMES = {"Customer", "Focus", "ISO", "CSV", "XLSX", "PDF", "SHA", "kB", "MB", "NPS"}


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_texts_of_templates_can_be_translated(path: Path) -> None:
    text = re.sub(r"{%.*?%}|{{.*?}}|&\w+;", " ", _NOT_READ.sub(" ", path.read_text()), flags=re.DOTALL)
    read = [*_ATTRIBUTES.findall(text), re.sub(r"<[^>]*>", " ", text)]
    assert {word for part in read for word in re.findall(r"[A-Za-z]{2,}", part)} - NAMES == set()
