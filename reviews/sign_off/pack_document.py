"""A sign-off as plain data, for evidence packs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from reviews.models import SignedAct, SignOff
from reviews.sign_off import document
from reviews.sign_off.changes import Changes, changes_since
from trail.sealing import keys
from trail.sealing.canonical import as_json as plain_values

FORMAT = "customerfocus-signed/1"


def as_json(sign_off: SignOff, *, until: int | None = None, moment: datetime | None = None) -> dict[str, Any]:
    """Return a sign-off as evidence packs carry it.

    That is the signed bytes, what they are bound to, and what has changed since.

    Args:
        sign_off: what was signed.
        until: leaves of the pack's seal: changes after it aren't told; None: everything written so far.
        moment: the moment as of which results are compared; now unless given.

    ``statement`` is a text whose UTF-8 bytes have the digest ``sha256``; ``head`` is the signed note of the trail under
    which it was signed, ``key`` the fingerprint of the key that signed that note.
    """
    withdrawal = sign_off.withdrawal if sign_off.is_withdrawn else None
    found: dict[str, Any] = plain_values(
        {
            "format": FORMAT,
            "reference": sign_off.reference,
            "period": {"from": sign_off.period_from, "to": sign_off.period_to},
            "interim": sign_off.interim,
            **_act(sign_off),
            "withdrawal": withdrawal and _act(withdrawal) | {"reason": withdrawal.reason},
            "changes": _changes(changes_since(sign_off, until=until, moment=moment)),
        }
    )
    return found


def _act(act: SignedAct) -> dict[str, Any]:
    return {
        "signer": {"name": act.printed_name, "job_title": act.job_title},
        "signed_at": act.signed_at,
        "method": str(act.method),
        "statement": act.statement,
        "sha256": act.digest,
        "head": act.seal_note,
        "size": act.seal_size,
        "root": act.seal_root,
        "key": keys.fingerprint(document.key_of(act.seal_note)),
    }


def _changes(changes: Changes) -> dict[str, Any]:
    return {
        "count": changes.total,
        "listed": len(changes.entries),
        "facts": [asdict(entry) for entry in changes.entries],
        "results": [document.difference_in_words(each) for each in changes.results],
        "by_time": [document.difference_in_words(each) for each in changes.by_time],
    }
