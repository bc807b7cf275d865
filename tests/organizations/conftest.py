"""Rows of both organizations, for tests of what keeps them apart."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from actions.models import Action
from organizations.models import Organization, Site
from organizations.scope import in_organization


@dataclass(frozen=True)
class Rows:
    """A site and an action at that site."""

    site: Site
    action: Action


def make_rows(organization: Organization) -> Rows:
    """The same rows in any organization: only the organization tells them apart."""
    with in_organization(organization):
        site = Site.objects.create(code="N", name=f"{organization.name} North")
        action = Action(title=f"Calibrate at {organization.name}", site=site)
        action.save()
    return Rows(site, action)


@pytest.fixture
def ours(acme: Organization) -> Rows:
    """Acme's rows."""
    return make_rows(acme)


@pytest.fixture
def theirs(other: Organization, ours: Rows) -> Rows:
    """The other organization's rows."""
    return make_rows(other)
