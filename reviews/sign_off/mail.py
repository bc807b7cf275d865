"""Mails that tell signers what changed behind their signature.

Each change is told once, in at most one mail a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import ngettext, override

from organizations.members import valid_members
from organizations.outbox import queue_mail
from organizations.roles import Role
from organizations.scope import current_organization
from registers.formatting import text_of
from reviews.audit_entries import AuditEntry
from reviews.models import SignOff, Told
from reviews.sign_off import document
from reviews.sign_off.changes import Changes, changes_since
from reviews.sign_off.newer_versions import followed_leaves
from trail.models import Seal
from trail.sealing import seals

#: Rows that a mail names; the page shows all.
ROWS = 40


def tell_signers() -> int:
    """Tell the current organization's signers what is new behind their signatures.

    Returns how many mails were queued.

    Everything written until now is sealed first, so that a change can be neither told twice nor left out.
    """
    organization = current_organization()
    followed = list(_followed())
    if not followed:
        return 0
    seal = seals.seal(Seal.Purpose.SCHEDULE)
    with override(organization.language), timezone.override(organization.zone):
        return sum(_tell(sign_off, seal) for sign_off in followed)


def _followed() -> Iterator[SignOff]:
    """Yield the signatures whose signers are still to be told of changes today.

    They stand, their signers are still top management and signed off no later period, and no mail went out today.
    """
    today = current_organization().today()
    later = SignOff.objects.valid().final().filter(signer=OuterRef("signer"), period_to__gt=OuterRef("period_to"))
    found = SignOff.objects.valid().filter(~Exists(later), signer__in=valid_members(today, Role.TOP_MANAGEMENT))
    told = set(Told.objects.filter(on=today).values_list("sign_off", flat=True))
    return (each for each in found.select_related("signer").order_by("pk") if each.pk not in told)


@transaction.atomic
def _tell(sign_off: SignOff, seal: Seal) -> bool:
    """Queue a mail about what was sealed since the last one, if any of it changed something.

    How far that looked is kept in the same transaction. Returns whether a mail was queued.
    """
    last = Told.objects.filter(sign_off=sign_off).order_by("-seal_size").first()
    size = last.seal_size if last else sign_off.seal_size
    # Before any row is written: ``Told`` uses up the day's mail, and no change was sealed that it could be about.
    if not followed_leaves().filter(index__gte=size, index__lt=seal.size).exists():
        return False
    changes = changes_since(sign_off, size=size, until=seal.size)
    told = Told.objects.create(sign_off=sign_off, on=current_organization().today(), seal_size=seal.size)
    return bool(changes.total) and queue_mail(
        f"changed:{sign_off.pk}:{told.on:%Y-%m-%d}",
        to=sign_off.signer.email,
        subject=_subject(sign_off, changes.total),
        text=_text(sign_off, changes),
    )


def _subject(sign_off: SignOff, count: int) -> str:
    said = {"title": document.title_of(sign_off.period, interim=sign_off.interim), "count": f"{count:,}"}
    return ngettext("%(title)s: %(count)s change behind it", "%(title)s: %(count)s changes behind it", count) % said


def _text(sign_off: SignOff, changes: Changes) -> str:
    rows = changes.rows[:ROWS]
    context = {
        "sign_off": sign_off,
        "signed_at": text_of(sign_off.signed_at),
        "organization": current_organization(),
        "rows": [
            {"heading": f"{named.subject} {named.title}".strip(), "entries": [_entry(entry) for entry in entries]}
            for named, entries in rows
        ],
        "more": changes.total - sum(len(entries) for _named, entries in rows),
        "results": [document.difference_in_words(each) for each in (*changes.results, *changes.by_time)],
        "link": f"{settings.BASE_URL}{sign_off.get_absolute_url()}#changes",
    }
    return render_to_string("reviews/mail/changed.txt", context)


def _entry(entry: AuditEntry) -> dict[str, Any]:
    return asdict(entry) | {"when": text_of(entry.when), "changes": entry.changes}
