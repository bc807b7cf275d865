"""The text a signature is put under, as the exact bytes that are hashed.

It holds everything seen, decided and meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from django.utils.translation import gettext as _

from actions.models import Action
from organizations.members import valid_members
from organizations.models import Edition, Organization, User
from organizations.scope import current_organization
from reviews.models import Conclusion, GapDecision
from reviews.sign_off.authentication import Authentication
from reviews.sign_off.signer import Signer
from reviews.sign_off.snapshot import Plain
from trail.models import Seal
from trail.sealing.canonical import as_json, canonical_bytes

SIGN_OFF_FORMAT, WITHDRAWAL_FORMAT = "customerfocus-sign-off/1", "customerfocus-withdrawal/1"


#: How a signed text calls each kind of decision.
_AS_SIGNED = {
    GapDecision.Kind.TREAT: "action",
    GapDecision.Kind.ACCEPT: "accepted",
    GapDecision.Kind.NOT_RELEVANT: "not relevant",
}


@dataclass(frozen=True)
class NewAction:
    """An action that a signer decides on while signing."""

    title: str
    owner: User | None
    due_on: date | None


@dataclass(frozen=True)
class Decision:
    """What top management decides about one open gap: an action, or acceptance or irrelevance with a reason until a day.

    Attributes:
        code: the statement that shows the gap.
        action: an action that is there, or one to be made; None where nothing is done.
        reason: why it is accepted or isn't relevant; may say more about an action too.
        until: the last day for which that holds.
        relevant: whether it is accepted, rather than found not to be relevant.
    """

    code: str
    action: Action | NewAction | None = None
    reason: str = ""
    until: date | None = None
    relevant: bool = True

    @property
    def kind(self) -> GapDecision.Kind:
        """What kind of decision it is."""
        if self.action is not None:
            return GapDecision.Kind.TREAT
        return GapDecision.Kind.ACCEPT if self.relevant else GapDecision.Kind.NOT_RELEVANT

    def doubts(self) -> list[str]:
        """Return what is wrong with the decision, in words; nothing where it can be signed."""
        today = current_organization().today()
        match self.action:
            case None:
                if not self.reason.strip():
                    return [_("Say why the gap is accepted.") if self.relevant else _("Say why it isn’t relevant.")]
                if self.until is None:
                    return [_("Say until which day that holds.")]
                if self.until < today:
                    return [_("The last day of acceptance has gone by.")]
            case NewAction(title=title, owner=owner, due_on=due_on):
                if not title.strip() or owner is None or due_on is None:
                    return [_("An action needs a title, an owner and a due date.")]
                if due_on < today:
                    return [_("The action's due date has gone by.")]
                if not valid_members(today).filter(pk=owner.pk).exists():
                    return [_("The action's owner isn't a member today.")]
            case Action(reference=reference, pk=key):
                if not Action.objects.current().open().filter(pk=key).exists():
                    return [_("%(reference)s isn't an open action here.") % {"reference": reference}]
        return []


@dataclass(frozen=True)
class Concluded:
    """What a signer concludes of one sub-clause."""

    sub_clause: str
    conclusion: Conclusion
    comment: str = ""


def meaning_of_sign_off(job_title: str, *, interim: bool) -> str:
    """Return what a signature under a sign-off means (21 CFR 11.50(a)(3))."""
    if interim:
        return _(
            "I have reviewed this interim evaluation as %(title)s and decided on each open gap. The period isn't over."
        ) % {"title": job_title}
    return _("I have reviewed this evaluation as %(title)s and decided on each open gap.") % {"title": job_title}


def meaning_of_withdrawal(job_title: str) -> str:
    """Return what a signature under a withdrawal means."""
    return _("I take back my signature as %(title)s; what I signed stays to be read.") % {"title": job_title}


def signature(
    organization: Organization, signer: Signer, meaning: str, authentication: Authentication, seal: Seal, at: datetime
) -> Plain:
    """Return the part that all signed acts share.

    Who signed, what it means, when, how they confirmed who they are, and under which head of the trail.
    """
    return {
        "organization": {
            "name": organization.name,
            "slug": organization.slug,
            "scope": organization.scope_statement,
            "edition": str(Edition(organization.edition).label),
        },
        "meaning": meaning,
        "signer": {"name": signer.name, "job_title": signer.job_title},
        "signed_at": at.astimezone(organization.zone).isoformat(timespec="microseconds"),
        "time_zone": organization.time_zone,
        "authentication": {"method": authentication.method.value, "at": authentication.at},
        "seal": {"number": seal.number, "size": seal.size, "root": bytes(seal.root).hex(), "note": seal.note},
    }


def decided(row: GapDecision, entry: Plain, *, made: bool) -> Plain:
    """Return a decision as it is signed, beside the result it is about.

    Args:
        row: the decision.
        entry: the statement as it was evaluated for the signature.
        made: whether an action was made for it while signing.
    """
    action = row.action
    return {
        "code": row.code,
        "title": entry["title"],
        "result": entry["result"],
        "value": entry["value"],
        "exceptions": entry["exceptions"]["count"],
        "decision": _AS_SIGNED[GapDecision.Kind(row.kind)],
        "action": action
        and {
            "reference": action.reference,
            "title": action.title,
            "owner": str(action.owner or ""),
            "due_on": action.due_on,
            "made": made,
        },
        "reason": row.reason,
        "until": None if action else row.until,
        "reference": row.reference,
        "decided_by": {"name": row.printed_name, "job_title": row.job_title},
        "decided_at": row.decided_at,
    }


def concluded(each: Concluded) -> Plain:
    """Return a conclusion as it is signed."""
    return {"sub_clause": each.sub_clause, "conclusion": each.conclusion.value, "comment": each.comment}


def sealed(format: str, parts: Sequence[Plain]) -> tuple[str, str]:
    """Return the statement's text, canonical JSON (RFC 8785), and its SHA-256."""
    whole: Plain = {"format": format}
    for part in parts:
        whole |= part
    data = canonical_bytes(as_json(whole))
    return data.decode(), sha256(data).hexdigest()
