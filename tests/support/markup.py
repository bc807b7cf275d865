"""Markup in every text that the database holds, and what a page made of it.

What is planted is found by walking the models: a new column is planted from its first day. Left out is what no person
writes, by the names of the columns and for the reasons below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

from registers.tags import TagsField

#: An element that no page has, and an address that no page asks for. No blanks: mail addresses and links may hold it too.
TAG, ASKED = "x-planted", "/planted"
SHORT = f"<{TAG}/hx-get={ASKED}>"
#: Out of an attribute and of an element, into a template of Django's, a formula and a typesetter's command.
LONG = f"""'"></textarea></script>{{{{1|x}}}}{{%x%}}#panic(1)<{TAG} hx-get={ASKED} hx-trigger=load>"""
#: Tables of Django and its apps that hold no text of people.
_NOT_OURS = ("contenttypes", "auth", "sessions", "account", "mfa")
#: What programs write and read: keys, codes, digests, paths, queries, messages of jobs; by their columns.
_PROGRAMS = re.compile(
    r"(\w+_)?(key|code|digest|sha256|path|query|register|reference|token|fingerprint|seed|subject|verb|prefix)"
    r"|slug|password|edition|time_zone|sub_clauses|media_type|frontier|seal_\w+|stratified_by|folded|origin|status"
    r"|mapping|undo|task|steps|contents|evaluation|sites|samples|entries|currency|history_\w+"
)
#: Columns whose name is a program's in one table, a person's elsewhere.
_PROGRAMS_IN = {
    "Organization.language", "EvidencePack.language", "Leaf.source", "Seal.note", "GapDecision.value",
    "GapDecision.result", "BulkEdit.chosen", "BulkEdit.changes", "ImportJob.found",
}  # fmt: skip
#: A value in JSON that is a code, a number, a moment, a digest or a reference, as programs write them.
_CODE = re.compile(r"[a-z0-9_.:/+=-]*|[A-Z]+-\d+|[\dTZ:.+-]+|no evidence|not applicable")


def plant() -> list[str]:
    """Write markup into every text of every row there is, behind what it holds; give the columns."""
    found = []
    for model in _models():
        columns = [field for field in model._meta.concrete_fields if _is_peoples(model, field)]
        rows: Any = models.QuerySet(model)  # no manager's: histories and append-only tables refuse
        for row in rows.values("pk", *(field.attname for field in columns)) if columns else ():
            given = {f.attname: _planted(f, row[f.attname], row["pk"]) for f in columns}
            written = _update(rows.filter(pk=row["pk"]), given)
            found += [f"{model._meta.label}.{name}" for name in written if TAG in str(given[name])]
    return sorted(set(found))


def _update(row: Any, given: dict[str, Any]) -> list[str]:
    """Write what the table lets be written, one by one where it refuses all together; give the columns."""
    with suppress(IntegrityError), transaction.atomic():
        row.update(**given)
        return list(given)
    return [name for name, value in given.items() if len(given) > 1 and _update(row, {name: value})]


def could_be_planted() -> list[str]:
    """The columns that hold people's texts, whether there are rows or not."""
    return sorted(
        f"{model._meta.label}.{field.attname}"
        for model in _models()
        for field in model._meta.concrete_fields
        if _is_peoples(model, field) and not isinstance(field, models.JSONField)
    )


def _models() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if model._meta.app_label not in _NOT_OURS and model._meta.managed:
            yield model


def _is_peoples(model: type[models.Model], field: Any) -> bool:
    """Whether people write what the column holds, and it is long enough for an element."""
    if not isinstance(field, models.CharField | models.TextField | models.JSONField) or field.choices:
        return False
    name = f"{model.__name__.removeprefix('Historical')}.{field.name}"
    is_long = field.max_length is None or field.max_length > len(SHORT) + 5
    return is_long and name not in _PROGRAMS_IN and not _PROGRAMS.fullmatch(field.name)


def _planted(field: Any, value: Any, key: int) -> Any:
    if isinstance(field, models.JSONField):
        return _in_json(value)
    if value is None:
        return None
    if isinstance(field, TagsField):
        return f"=tag; {SHORT}"
    if isinstance(field, models.EmailField):
        return f'"{value.partition("@")[0]}{SHORT}"@planted.example'
    if isinstance(field, models.URLField):
        return f"https://planted.example/{SHORT}"
    if value.startswith("{"):  # what is signed is kept as it was signed
        return json.dumps(_in_json(json.loads(value)), ensure_ascii=False)
    if TAG in value:
        return value
    room = 10_000 if field.max_length is None else field.max_length - 1
    markup = f"{key}{LONG if len(LONG) + 20 < room else SHORT}"  # the key: some are there once only
    return f"={value[: room - len(markup)]}{markup}"


def _in_json(value: Any) -> Any:
    match value:
        case dict():
            return {key: _in_json(each) for key, each in value.items()}
        case list():
            return [_in_json(each) for each in value]
        case str() if not _CODE.fullmatch(value) and TAG not in value:
            return f"={value}{LONG}"
    return value


class Page(HTMLParser):
    """What a browser makes of a page: whether something planted became an element or an attribute; and its forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.became: list[str] = []
        #: Names and kinds of the inputs of each form that is posted, by its address.
        self.forms: list[tuple[str, dict[str, tuple[str, str]]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag.startswith(TAG) or given.get("hx-get") == ASKED or any(TAG in name for name in given):
            self.became.append(f"{tag} {given}")
        if tag == "form" and given.get("method") == "post":
            self.forms.append((given.get("action", ""), {}))
        elif tag in ("input", "textarea", "select") and self.forms and "name" in given:
            kind = given.get("type", "text") if tag == "input" else tag
            self.forms[-1][1][given["name"]] = (kind, given.get("value", ""))
