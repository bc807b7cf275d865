"""Taking a signature back: a signed act of its own."""

from __future__ import annotations

from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError

from organizations.models import User
from reviews.models import SignOff, Withdrawal
from reviews.sign_off.authentication import Stale
from reviews.sign_off.services import withdraw
from tests.people import People
from tests.reviews.conftest import Sign
from tests.support.sign_off import confirmed


def test_a_withdrawal_is_signed_with_its_reason_and_what_it_takes_back(sign: Sign, director: User) -> None:
    signed = sign()
    withdrawal = withdraw(signed, by=director, authentication=confirmed(director), reason=" The checks were wrong. ")
    assert withdrawal.content["withdraws"] == {"reference": signed.reference, "sha256": signed.digest}
    assert withdrawal.content["reason"] == withdrawal.reason == "The checks were wrong."
    assert sha256(withdrawal.statement.encode()).hexdigest() == withdrawal.digest
    assert withdrawal.content["signer"]["name"] == "Top Management"


def test_what_was_signed_stays_to_be_read(sign: Sign, director: User) -> None:
    signed = sign()
    withdraw(signed, by=director, authentication=confirmed(director), reason="Wrong.")
    found = SignOff.objects.get()
    assert (found.statement, found.is_withdrawn) == (signed.statement, True)
    assert not SignOff.objects.valid().exists()


def test_after_a_withdrawal_the_period_can_be_signed_anew(sign: Sign, director: User) -> None:
    withdraw(sign(), by=director, authentication=confirmed(director), reason="Wrong.")
    assert sign().reference == "SO-0002"


@pytest.mark.parametrize("reason", ["", " \n "])
def test_a_withdrawal_needs_a_reason(reason: str, sign: Sign, director: User) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        withdraw(sign(), by=director, authentication=confirmed(director), reason=reason)


def test_a_withdrawal_needs_a_recent_confirmation(sign: Sign, director: User) -> None:
    with pytest.raises(Stale):
        withdraw(sign(), by=director, authentication=confirmed(director, minutes=6), reason="Wrong.")


def test_nobody_withdraws_for_another(sign: Sign, chair: User) -> None:
    with pytest.raises(ValidationError, match="Only who signed"):
        withdraw(sign(), by=chair, authentication=confirmed(chair), reason="Not mine.")


def test_who_is_not_top_management_withdraws_nothing(sign: Sign, people: People) -> None:
    manager = people.quality_manager
    with pytest.raises(ValidationError, match="Only top management"):
        withdraw(sign(), by=manager, authentication=confirmed(manager), reason="Not mine.")


def test_nothing_is_withdrawn_twice(sign: Sign, director: User) -> None:
    signed = sign()
    withdraw(signed, by=director, authentication=confirmed(director), reason="Wrong.")
    with pytest.raises(ValidationError, match="withdrawn already"):
        withdraw(signed, by=director, authentication=confirmed(director), reason="Wrong.")
    assert Withdrawal.objects.count() == 1
