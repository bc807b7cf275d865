"""Learning what names mean, and forgetting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from organizations.models import User
from registers.known_names.models import NAME_LENGTH, KnownName, folded_name
from trail.actor import acting


@transaction.atomic
def learn(meanings: Mapping[str, int | None], *, by: User) -> None:
    """Keep whom names stand for, in place of what was known of them.

    Args:
        meanings: name → key of a person; None for nobody.
        by: who says so.
    """
    with acting(by):
        known: dict[str, Any] = {name.folded: name for name in KnownName.objects.select_for_update()}
        for text, person in meanings.items():
            name = known.get(folded_name(text)) or KnownName(text=text[:NAME_LENGTH], folded=folded_name(text))
            # Only what is new gets a version in its history.
            if name.pk is None or name.person_id != person:
                name.person_id = person
                name.save()


@transaction.atomic
def forget(name: KnownName, *, by: User) -> None:
    """Forget whom a name stands for: the next import asks again."""
    with acting(by):
        name.delete()
