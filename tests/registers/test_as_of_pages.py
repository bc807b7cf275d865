"""Pages of the past: what they show, what they refuse, and that everything on them stays there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import get_script_prefix

from actions.models import Action
from organizations import clock
from organizations.models import Membership, Organization
from organizations.scope import in_organization
from registers.services import archive
from tests.people import People, make_organization, make_people
from tests.support.moments import BEGINNING, passes, standing_clock
from trail.models import Event
from trail.time_travel.moments import written


@dataclass
class House:
    """An organization in which an action was renamed, one archived and one recorded since ``before``."""

    organization: Organization
    people: People
    before: datetime
    hand: time_machine.Traveller

    def past(self, page: str = "", moment: str = "") -> str:
        """The address of a page as of the moment."""
        return f"/as-of/{moment or written(self.before.astimezone(self.organization.zone))}/o/acme/{page}"


@pytest.fixture
def house(db: None) -> Iterator[House]:
    with standing_clock() as hand:
        acme = make_organization("acme", "Acme Pumps")
        people = make_people(acme, make_organization("other", "Other Valves"))
        with in_organization(acme):
            rows = [Action(title="Calibrate", owner=people.contributor), Action(title="Mend")]
            for row in rows:
                row.save()
            before = passes(hand, days=1)
            rows[0].title = "Calibrate twice"
            rows[0].save()
            archive(rows[1], by=people.quality_manager, reason="Done by others")
            Action(title="Later").save()
            acme.name = "Acme Valves"
            acme.save()
            passes(hand, days=1)
        yield House(acme, people, before, hand)
    assert get_script_prefix() == "/"
    assert clock.travelled_to() is None


@pytest.fixture
def manager(house: House, client_of: Callable[..., Client]) -> Client:
    return client_of(house.people.quality_manager)


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def links(response: Any) -> set[str]:
    """Where the page leads to, besides its files."""
    found = set(re.findall(r'\b(?:href|(?<!target)action|hx-get)="([^"#?]+)', response.content.decode()))
    return {link for link in found if not link.startswith("/static/")}


# --- What is seen -----------------------------------------------------------------------------------------------------


def test_a_list_a_record_and_its_history_show_what_stood_there(house: House, manager: Client) -> None:
    listed = manager.get(house.past("actions/"))
    assert [row.title for row in listed.context["page_obj"].object_list] == ["Mend", "Calibrate"]
    assert "twice" not in text(manager.get(house.past("actions/ACT-0001/")))
    history = manager.get(house.past("actions/ACT-0001/history/"))
    assert [entry.what for entry in history.context["entries"]] == ["created"]
    assert "twice" in text(manager.get("/o/acme/actions/ACT-0001/"))


def test_the_page_says_which_moment_it_is_and_leads_back_to_today(house: House, manager: Client) -> None:
    page = manager.get(house.past("actions/?q=cal"))
    assert "You are looking at 5 January 2026, 09:00 . Nothing can be changed here." in text(page)
    assert "<title>5 Jan 2026, 09:00: Actions · Acme Pumps" in page.content.decode()
    assert page.context["present_url"] == "/o/acme/actions/?q=cal"
    assert "You are looking at" not in text(manager.get("/o/acme/actions/"))


@pytest.mark.parametrize(
    "page", ["", "actions/", "actions/ACT-0001/", "actions/ACT-0001/history/", "satisfaction/", "heat-map/"]
)
def test_every_link_stays_in_the_past_but_those_back_to_today_and_out(page: str, house: House, manager: Client) -> None:
    out = {"/", f"/o/acme/{page}", "/o/acme/as-of/"}
    inside = house.past()
    leading = {link for link in links(manager.get(house.past(page))) if not link.startswith(inside)}
    elsewhere = {link for link in leading - out if not re.match(r"/as-of/[^/]+/(o/acme/|accounts/)", link)}
    assert elsewhere == set()


@pytest.mark.parametrize("page", ["actions/", "actions/ACT-0001/", "requirements/", ""])
def test_there_is_nothing_to_change_it_with(page: str, house: House, manager: Client) -> None:
    writing = re.compile(r"/(new|edit|archive|restore|import|attach|accept|acknowledge|packs|people|settings)/")
    assert [link for link in links(manager.get(house.past(page))) if writing.search(link)] == []
    forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', manager.get(house.past(page)).content.decode())
    assert [action for action in forms if "/accounts/" not in action] == []


def test_exports_hold_the_rows_of_then_and_the_trail_says_so(house: House, manager: Client) -> None:
    csv = manager.get(house.past("actions/export.csv"))
    assert [line.split(",")[1] for line in b"".join(csv.streaming_content).decode().splitlines()[1:]] == [
        "Mend",
        "Calibrate",
    ]
    assert "actions-2026-01-05.csv" in csv.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(
        BytesIO(b"".join(manager.get(house.past("actions/export.xlsx")).streaming_content))
    ).active
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ["Mend", "Calibrate"]
    with in_organization(house.organization):
        events = list(Event.objects.filter(verb="exported"))
    assert [(e.actor, datetime.fromisoformat(e.data["as_of"])) for e in events] == [
        (house.people.quality_manager, house.before)
    ] * 2


def test_the_overview_is_that_of_the_moment_and_kept_apart_from_others(house: House, manager: Client) -> None:
    moments = [house.past(), "/o/acme/", house.past(moment=written(BEGINNING)), house.past(), "/o/acme/"]
    found = [manager.get(address) for address in moments]
    assert [page.context["evaluation"]["records"] for page in found] == [2, 2, 2, 2, 2]
    assert [page.context["evaluation"]["evaluated_at"] for page in found] == [
        house.before,
        clock.present(),
        BEGINNING,
        house.before,
        clock.present(),
    ]
    assert "Acme Pumps" in text(found[0]) and "Acme Valves" in text(found[1])


def test_versions_of_a_record_lead_to_how_all_stood_then(house: House, manager: Client) -> None:
    entries = manager.get("/o/acme/actions/ACT-0001/history/").context["entries"]
    assert [entry.what for entry in entries] == ["changed", "created"]
    shown = [text(manager.get(entry.url)) for entry in entries]
    assert ["Calibrate twice" in page for page in shown] == [True, False]


# --- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", ["actions/ACT-0001/edit/", "actions/new/", "actions/", "attach/ACT-0001/", "packs/new/", "people/invite/"]
)
def test_nothing_that_is_sent_is_done(page: str, house: House, manager: Client) -> None:
    answer = manager.post(house.past(page), {"title": "Changed", "revision": "2"})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert "Nothing was saved" in text(answer)
    with in_organization(house.organization):
        assert Action.objects.get(reference="ACT-0001").title == "Calibrate twice"
        assert Action.objects.count() == 3


@pytest.mark.parametrize(
    "page", ["actions/ACT-0001/edit/", "actions/new/", "actions/import/", "packs/", "people/", "packs/new/"]
)
def test_pages_that_belong_to_today_say_so_and_lead_there(page: str, house: House, manager: Client) -> None:
    answer = manager.get(house.past(page))
    assert answer.status_code == 403
    assert "This page belongs to today" in text(answer)
    assert f"/o/acme/{page}" in links(answer)


def test_a_record_that_was_not_there_yet_says_when_it_was_recorded(house: House, manager: Client) -> None:
    answer = manager.get(house.past("actions/ACT-0003/"))
    assert answer.status_code == 404
    assert "ACT-0003 did not exist yet" in text(answer)
    assert "You are looking at 5 January 2026, 09:00. It was recorded on 6 January 2026, 09:00." in text(answer)
    assert manager.get(answer.context["created_url"]).status_code == 200
    assert "did not exist yet" not in text(manager.get(house.past("actions/ACT-0099/")))


def test_who_may_not_see_a_record_today_does_not_learn_when_it_was_recorded(
    house: House, client_of: Callable[..., Client]
) -> None:
    answer = client_of(house.people.administrator).get(house.past("actions/ACT-0003/"))
    assert answer.status_code == 404
    assert "6 January" not in text(answer)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("yesterday", "That moment can't be read"),
        ("2026-13-40", "That moment can't be read"),
        ("0001-01-01T00:00", "That moment can't be read"),
        ("<script>", "That moment can't be read"),
        ("a\nb", "That moment can't be read"),
        ("2030-01-01", "That moment has not come yet"),
        ("2025-12-31", "was not here yet"),
    ],
)
def test_a_moment_that_there_is_none_of_is_answered_in_words(
    moment: str, said: str, house: House, manager: Client
) -> None:
    answer = manager.get(house.past("actions/", quote(moment)))
    assert answer.status_code == 404
    assert said in text(answer)
    assert "<script>" not in answer.content.decode().replace("<script src", "")
    assert "/o/acme/actions/" in links(answer)


def test_access_is_decided_by_todays_membership(house: House, client_of: Callable[..., Client]) -> None:
    director = client_of(house.people.top_management)
    assert director.get(house.past("actions/")).status_code == 200
    held = Membership.objects.get(user=house.people.top_management)
    held.valid_until = house.before.date()
    held.save()
    assert director.get(house.past("actions/")).status_code == 404
    newcomer = house.people.outsider
    Membership.objects.create(
        user=newcomer, organization=house.organization, role="contributor", valid_from=clock.present().date()
    )
    assert client_of(newcomer).get(house.past("actions/")).status_code == 200


def test_who_is_not_logged_in_comes_to_the_same_moment_after_the_log_in(house: House) -> None:
    answer = Client().get(house.past("actions/"), follow=True)
    (to_log_in, _), (log_in, _) = answer.redirect_chain
    assert to_log_in.startswith("/as-of/") and log_in.startswith("/accounts/login/?next=")
    assert unquote(log_in).endswith(house.past("actions/"))


@pytest.mark.parametrize("rest", ["/accounts/login/?next=/x", "/", "//evil.example/x", "/%0d%0aX: y/"])
def test_pages_outside_of_organizations_have_no_past(rest: str, house: House) -> None:
    answer = Client().post(f"/as-of/2026-01-05{rest}")
    assert answer.status_code == 307
    assert re.match(r"/[^/]|/$", answer.headers["Location"])


# --- The way there ----------------------------------------------------------------------------------------------------


def test_a_chosen_moment_leads_to_the_same_page_then_and_none_to_today(house: House, manager: Client) -> None:
    def leads(**parameters: str) -> str:
        return str(manager.get("/o/acme/as-of/", parameters).headers["Location"])

    page = "/o/acme/actions/?q=a%26b"
    assert leads(moment="2026-01-05T09:00", page=page) == f"/as-of/2026-01-05T09:00+01:00{page}"
    assert leads(moment="", page=page) == page
    assert leads(moment="soon", page="//evil.example/") == "/as-of/soon/o/acme/"
    assert leads(moment="../..", page="/o/other/") == "/as-of/..%2F../o/acme/"


def test_the_frame_offers_moments_since_the_organization_is_there(house: House, manager: Client) -> None:
    shown = manager.get("/o/acme/actions/ACT-0001/edit/").context["moments"]
    assert (shown["page"], shown["value"]) == ("/o/acme/", "2026-01-07T09:00")
    assert [shortcut.url for shortcut in shown["shortcuts"]] == ["/as-of/2026-01-06/o/acme/"]
    inside = manager.get(house.past("actions/?q=x")).context["moments"]
    assert (inside["page"], inside["value"], inside["url"]) == (
        "/o/acme/actions/?q=x",
        "2026-01-05T09:00",
        "/o/acme/as-of/",
    )
