"""The rules of who may do what: membership → role → action → row.

It is decided here and nowhere else.

An *action* is a verb, a *subject* the thing it is done to: a register's slug (``"requirements"``) or one of the subjects
below. Views declare both; the URL × person matrix in ``tests/rules`` holds every page against this table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from organizations.models import Membership, User


class Role(models.TextChoices):
    """The roles that a membership gives a person. No role implies another."""

    QUALITY_MANAGER = "quality_manager", _("Quality manager")
    CONTRIBUTOR = "contributor", _("Contributor")
    TOP_MANAGEMENT = "top_management", _("Top management")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


class Action(models.TextChoices):
    """The verbs that pages ask leave for."""

    VIEW = "view"
    ADD = "add"
    CHANGE = "change"
    ARCHIVE = "archive"
    IMPORT = "import"
    EXPORT = "export"
    ACKNOWLEDGE = "acknowledge"
    ACCEPT = "accept"
    SIGN = "sign"


# Subjects that aren't registers.
OVERVIEW = "overview"
PACKS = "packs"
ATTACHMENTS = "attachments"
SAMPLES = "samples"
REQUESTS = "requests"
SIGN_OFFS = "sign-offs"
TRAIL = "trail"
MEMBERS = "members"
#: Whom the names in tables mean.
KNOWN_NAMES = "known-names"
SETTINGS = "settings"
CUSTOM_FIELDS = "custom-fields"
#: What people say about records: to view is to see where one was mentioned.
COMMENTS = "comments"
WATCHING = "watching"
#: Lists kept under a name: to add is to keep one for oneself, to change is to share it and say what a list opens with.
SAVED_VIEWS = "saved-views"
#: Every subject that isn't listed by name in a role's grants: the registers.
REGISTERS = "*"
#: What is today's whatever moment is looked at: who may enter, settings, and papers that were made from records.
WITHOUT_PAST = (PACKS, SAMPLES, REQUESTS, TRAIL, MEMBERS, KNOWN_NAMES, SETTINGS, CUSTOM_FIELDS, COMMENTS, WATCHING)

_READ = frozenset({Action.VIEW, Action.EXPORT})
# Nobody accepts or signs in the place of top management.
_EVERYTHING = frozenset(Action) - {Action.ACCEPT, Action.SIGN}
_READER = {
    REGISTERS: _READ,
    OVERVIEW: _READ,
    PACKS: _READ,
    ATTACHMENTS: _READ,
    SIGN_OFFS: _READ,
    TRAIL: _READ,
    SAMPLES: _READ,
    REQUESTS: frozenset({Action.VIEW}),
    SAVED_VIEWS: frozenset({Action.ADD}),
    COMMENTS: frozenset({Action.VIEW}),
    WATCHING: frozenset({Action.CHANGE}),
}

GRANTS: dict[Role, dict[str, frozenset[Action]]] = {
    Role.QUALITY_MANAGER: {
        REGISTERS: _EVERYTHING,
        OVERVIEW: _READ,
        PACKS: _READ | {Action.ADD},
        ATTACHMENTS: _READ | {Action.ADD},
        SAMPLES: _READ,
        REQUESTS: frozenset({Action.VIEW, Action.CHANGE}),
        SIGN_OFFS: _READ,
        TRAIL: _READ,
        MEMBERS: frozenset({Action.VIEW, Action.ADD, Action.CHANGE}),
        KNOWN_NAMES: frozenset({Action.CHANGE}),
        CUSTOM_FIELDS: frozenset({Action.VIEW, Action.CHANGE}),
        SAVED_VIEWS: frozenset({Action.ADD, Action.CHANGE}),
        COMMENTS: frozenset({Action.VIEW, Action.ADD}),
        WATCHING: frozenset({Action.CHANGE}),
    },
    Role.CONTRIBUTOR: {
        REGISTERS: _READ,
        "requirements": _READ | {Action.ACKNOWLEDGE},
        "checks": _READ | {Action.ADD},
        "feedback": _READ | {Action.ADD},
        "complaints": _READ | {Action.ADD},
        OVERVIEW: _READ,
        ATTACHMENTS: _READ,
        SAVED_VIEWS: frozenset({Action.ADD}),
        COMMENTS: frozenset({Action.VIEW, Action.ADD}),
        WATCHING: frozenset({Action.CHANGE}),
    },
    Role.TOP_MANAGEMENT: {
        **_READER,
        "requirements": _READ | {Action.ACKNOWLEDGE},
        "risks": _READ | {Action.ACCEPT},
        SIGN_OFFS: _READ | {Action.SIGN},
        MEMBERS: frozenset({Action.VIEW, Action.ADD, Action.CHANGE}),
        COMMENTS: frozenset({Action.VIEW, Action.ADD}),
    },
    Role.AUDITOR: {
        **_READER,
        SAMPLES: _READ | {Action.ADD},
        REQUESTS: frozenset({Action.VIEW, Action.ADD}),
    },
    Role.ADMINISTRATOR: {
        MEMBERS: frozenset({Action.VIEW, Action.ADD, Action.CHANGE}),
        KNOWN_NAMES: frozenset({Action.CHANGE}),
        SETTINGS: frozenset({Action.VIEW, Action.CHANGE}),
        CUSTOM_FIELDS: frozenset({Action.VIEW, Action.CHANGE}),
        SAVED_VIEWS: frozenset({Action.CHANGE}),
    },
}


#: Who gives a role, prolongs it and ends it. Nobody makes themselves top management: only top management gives that, but
#: for the first, and where none is left (:func:`organizations.appointments.must_give`).
GIVERS: dict[Role, frozenset[Role]] = {
    Role.QUALITY_MANAGER: frozenset({Role.CONTRIBUTOR, Role.AUDITOR}),
    Role.ADMINISTRATOR: frozenset({Role.QUALITY_MANAGER, Role.ADMINISTRATOR}),
    Role.TOP_MANAGEMENT: frozenset({Role.TOP_MANAGEMENT}),
}


def given_by(memberships: Iterable[Membership]) -> frozenset[Role]:
    """Return the roles that a person gives to others, and takes from them, by any of their valid memberships."""
    return frozenset().union(*(GIVERS.get(Role(each.role), frozenset()) for each in memberships))


def reads_registers(role: Role) -> bool:
    """Return whether a role reads the organization's registers."""
    return Action.VIEW in GRANTS[role].get(REGISTERS, frozenset())


#: What a contributor may do to rows they own, beyond the table above.
_OWNER = frozenset({Action.CHANGE})


def may(
    memberships: Iterable[Membership], action: Action, subject: str, *, row: Any = None, user: User | None = None
) -> bool:
    """Return whether any of a person's valid memberships allows an action.

    Args:
        memberships: the person's memberships that are valid now.
        action: the verb.
        subject: a register's slug or one of this module's subjects.
        row: the row it is done to, where there is one; contributors may change rows they own.
        user: the person, needed with ``row``.
    """
    for membership in memberships:
        role = Role(membership.role)
        grants = GRANTS[role]
        if action in grants.get(subject, _registers_of(grants, subject)):
            return True
        if (
            role is Role.CONTRIBUTOR
            and action in _OWNER
            and row is not None
            and user is not None
            and row.is_owned_by(user)
        ):
            return True
    return False


def may_with_own(memberships: Iterable[Membership], action: Action) -> bool:
    """Return whether a person's valid memberships allow an action at least with their own rows."""
    return action in _OWNER and any(membership.role == Role.CONTRIBUTOR for membership in memberships)


def has_past(action: Action, subject: str) -> bool:
    """Return whether an action can be done as of a past moment.

    Reading records, and what follows from them, can.
    """
    return action in _READ and subject not in WITHOUT_PAST


def _registers_of(grants: dict[str, frozenset[Action]], subject: str) -> frozenset[Action]:
    # A grant for all registers says nothing about subjects that aren't registers.
    if subject in (
        OVERVIEW,
        PACKS,
        ATTACHMENTS,
        SIGN_OFFS,
        TRAIL,
        SAMPLES,
        REQUESTS,
        MEMBERS,
        KNOWN_NAMES,
        SETTINGS,
        CUSTOM_FIELDS,
        SAVED_VIEWS,
        COMMENTS,
        WATCHING,
    ):
        return frozenset()
    return grants.get(REGISTERS, frozenset())
