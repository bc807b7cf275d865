"""Attempts to log in: by account, by network, through proxies, over all processes; and whom strangers never keep out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from organizations.log_in_limits import COOKIE, MOST_OF_ACCOUNT, MOST_OF_DEVICE, MOST_OF_NETWORK, LogInAttempt
from tests.people import PASSWORD, People

pytestmark = pytest.mark.django_db
TOO_MANY = "Too many failed login attempts"
Tried = Callable[..., bool]


def tried(client: Client, login: str, password: str = "wrong", **headers: str) -> str:
    """What comes of an attempt: in, wrong or too many. Each process has a cache of its own, as if it were another one."""
    cache.clear()
    answer = client.post("/accounts/login/", {"login": login, "password": password}, **headers)  # type: ignore[arg-type]
    return "in" if answer.status_code == 302 else "too many" if TOO_MANY in answer.content.decode() else "wrong"


def test_guessing_at_an_account_ends_whatever_network_and_process_it_comes_to(people: People) -> None:
    email = people.top_management.email
    outcomes = [tried(Client(REMOTE_ADDR=f"198.51.100.{n}"), email) for n in range(MOST_OF_ACCOUNT + 3)]
    assert outcomes == ["wrong"] * MOST_OF_ACCOUNT + ["too many"] * 3
    assert tried(Client(REMOTE_ADDR="203.0.113.9"), email.upper(), PASSWORD) == "too many"


def test_guessing_at_many_accounts_from_one_network_ends(people: People) -> None:
    outcomes = [tried(Client(), f"nobody{n}@acme.example") for n in range(MOST_OF_NETWORK + 2)]
    assert outcomes.count("wrong") == MOST_OF_NETWORK and outcomes[-1] == "too many"
    inside = [f"2001:db8:0:1::{n:x}" for n in range(1, 4)]
    assert {tried(Client(REMOTE_ADDR=each), "nobody@acme.example") for each in inside} == {"wrong"}
    assert len(set(LogInAttempt.objects.order_by("-pk").values_list("network", flat=True)[:3])) == 1


def test_a_device_that_has_signed_in_before_is_not_kept_out_by_strangers(people: People) -> None:
    email, own = people.top_management.email, Client()
    assert tried(own, email, PASSWORD) == "in"
    own.post("/accounts/logout/")
    for number in range(MOST_OF_NETWORK + 5):
        tried(Client(), email if number % 2 else f"nobody{number}@acme.example")
    assert tried(Client(), email, PASSWORD) == "too many"
    assert tried(own, email, PASSWORD) == "in"


def test_a_device_has_a_count_of_its_own_and_only_for_its_accounts(people: People) -> None:
    own, other = Client(), people.quality_manager.email
    tried(own, people.top_management.email, PASSWORD)
    own.post("/accounts/logout/")
    assert [tried(own, people.top_management.email) for _ in range(MOST_OF_DEVICE + 1)][-1] == "too many"
    assert [tried(own, other) for _ in range(MOST_OF_ACCOUNT + 1)][-1] == "too many"


def test_a_forged_device_counts_for_nothing(people: People) -> None:
    email = people.top_management.email
    for _ in range(MOST_OF_ACCOUNT + 1):
        tried(Client(), email)
    forged = Client()
    forged.cookies[COOKIE] = "0" * 32 + ":" + "0" * 64 + ":signature"
    assert tried(forged, email, PASSWORD) == "too many"


def test_whoever_is_logged_in_can_confirm_who_they_are_whatever_strangers_do(people: People) -> None:
    own = Client()
    own.force_login(people.top_management)
    for _ in range(MOST_OF_ACCOUNT + 1):
        tried(Client(), people.top_management.email)
    answer = own.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302


def test_success_is_not_counted(people: People) -> None:
    for _ in range(MOST_OF_NETWORK + 5):
        assert tried(Client(), people.quality_manager.email, PASSWORD) == "in"
    assert not LogInAttempt.objects.exists()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "same"),
    [
        (0, "198.51.100.{n}", True),  # nobody's word is taken
        (1, "198.51.100.{n}", False),  # a proxy tells whom it was asked by
        (1, "198.51.100.{n}, 203.0.113.7", True),  # what the browser itself claims doesn't count
        (2, "198.51.100.{n}, 10.0.0.1", False),
        (2, "198.51.100.7", True),  # past a proxy: by the address that asks
    ],
)
def test_networks_are_told_as_trusted_proxies_tell_them(
    people: People, settings: Any, proxies: int, forwarded: str, same: bool
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for n in range(3):
        tried(Client(REMOTE_ADDR="10.0.0.2"), f"n{n}@acme.example", HTTP_X_FORWARDED_FOR=forwarded.format(n=n))
    assert (len(set(LogInAttempt.objects.values_list("network", flat=True))) == 1) is same


def test_neither_addresses_nor_accounts_stand_in_the_database(people: People) -> None:
    tried(Client(REMOTE_ADDR="198.51.100.7"), people.quality_manager.email)
    attempt = LogInAttempt.objects.get()
    assert re.fullmatch("[0-9a-f]{64}", attempt.account) and re.fullmatch("[0-9a-f]{64}", attempt.network)


def test_a_passkey_is_offered_whatever_strangers_do(people: People) -> None:
    for _ in range(60):
        tried(Client(), people.top_management.email)
    for _ in range(15):
        assert Client().get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"}).status_code == 200
