"""What couldn't have fallen short yet makes no statement met: of every statement and every register, without naming any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import combinations
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction

from clauses import periods
from clauses.assertion import Counts, Result, assertions
from clauses.evaluation import ask
from organizations.models import Organization
from registers.register import registry
from tests.support.factories import build as build_row

pytestmark = pytest.mark.django_db
#: Statements whose population a row can't enter by being there alone: it takes checks, a finished action, a score, a signature.
UNBARE = {"a14", "b12", "c3", "c13"}


def variants(model: Any) -> Iterator[dict[str, Any]]:
    """For every pair of a model's choices and yes-or-no columns each pair of their values."""
    columns = {
        field.name: [code for code, _words in field.flatchoices] if field.choices else [False, True]
        for field in model._meta.concrete_fields
        if field.editable and (field.choices or isinstance(field, models.BooleanField))
    }
    if len(columns) < 2:
        yield from ({name: value} for name, values in columns.items() for value in values)
    for (one, ones), (other, others) in combinations(columns.items(), 2):
        yield from ({one: first, other: second} for first in ones for second in others)


def bare_rows() -> dict[tuple[Any, int], set[str]]:
    """Of every register a row for each variant that its database takes, with the columns that were chosen for it."""
    said = {}
    for register in registry:
        for number, values in enumerate([{}, *variants(register.model)], start=1):
            with suppress(ValidationError, DatabaseError), transaction.atomic():
                row = build_row(register.model, number, **values)
                for field in row._meta.concrete_fields:
                    if field.name not in values and (field.null or field.blank) and not field.is_relation:
                        setattr(row, field.name, None if field.null else field.get_default())
                row.save()
                said[register.model, row.pk] = set(values)
    return said


def test_a_row_that_could_not_fall_short_yet_makes_no_statement_met(in_acme: Organization, people: Any) -> None:
    """Of whatever nothing was ever done no statement says that it was: each row is judged as if it were the only one."""
    said, question, judged = bare_rows(), ask(periods.quarter_of(in_acme.today())), set()
    for assertion in assertions:
        asked = {name for each in assertion.reasons for name in each.mends or (() if each.steps else each.columns)}
        everything, failing, soon = assertion.counted(assertion.terms(question))
        short, near = set(failing.values_list("pk", flat=True)), set(soon.values_list("pk", flat=True))
        for key in everything.values_list("pk", flat=True):
            if said.get((everything.model, key), set()) & asked:
                continue  # what the statement asks for was said of it
            counts = Counts(1, int(key in short), int(key in near))
            found = assertion.judge(question, counts, partial(everything.filter, pk=key))
            judged.add(assertion.code)
            assert found.result != Result.MET, (assertion.code, vars(everything.get(pk=key)))
    assert judged >= {each.code for each in assertions} - UNBARE
