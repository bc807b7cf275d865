"""Arranging a list: columns, sorts, groups and totals, all of them in the address, and exports of what is shown."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from organizations.models import Organization
from organizations.scope import in_organization
from registers.lists.arrangement import Arrangement, Total
from registers.models import SavedView
from registers.register import registry
from tests.people import People, make_organization, make_people
from tests.support.factories import make, make_many

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def acme(kept_db: None) -> Organization:
    """As for all tests, but made once."""
    return make_organization("acme", "Acme Pumps")


@pytest.fixture(scope="module")
def people(acme: Organization) -> People:
    """As for all tests, but made once."""
    return make_people(acme, make_organization("other", "Other Valves"))


@pytest.fixture(scope="module", autouse=True)
def rows(acme: Organization, people: People) -> Iterator[None]:
    """Five actions of two states and a row of every other register; the tests run inside Acme."""
    with in_organization(acme):
        for register in registry:
            if register.slug != "actions":
                make_many(register, 2, link=False)
        for number, (status, days, due) in enumerate(
            [("planned", 10, 3), ("under_way", 20, 1), ("planned", 30, 2), ("under_way", 40, 2), ("planned", 50, 1)]
        ):
            make(
                registry["actions"].model,
                title=f"Action {number}",
                status=status,
                waiting_days=days,
                due_on=date(2026, 1, due),
                owner=people.quality_manager,
            )
        yield


@pytest.fixture
def manager(people: People) -> Client:
    """The quality manager's browser."""
    browser = Client()
    browser.force_login(people.quality_manager)
    return browser


def context(manager: Client, query: str, slug: str = "actions") -> Any:
    response = manager.get(f"/o/acme/{slug}/?{query}")
    assert response.status_code == 200
    return response.context


def titles(manager: Client, query: str) -> list[str]:
    return [row.record.title.removeprefix("Action ") for row in context(manager, query)["table"].rows]


def test_the_address_says_which_columns_are_shown_and_in_which_order(manager: Client) -> None:
    table = context(manager, "columns=due_on,title&columns=nothing")["table"]
    assert [heading.name for heading in table.columns] == ["reference", "due_on", "title"]
    assert [cell.text for cell in table.rows[0].cells][1:] == ["1 Jan 2026", "Action 4"]


def test_columns_are_moved_left_out_and_added_by_addresses(manager: Client) -> None:
    menu = manager.get("/o/acme/actions/menus/?columns=due_on,title&status=planned").context["arrange"]
    first, second = menu["columns"][1:]
    assert first.earlier == second.later == menu["columns"][0].without == ""
    assert second.earlier == "/o/acme/actions/?status=planned&columns=reference,title,due_on"
    assert first.without == "/o/acme/actions/?status=planned&columns=reference,title"
    added = next(choice for choice in menu["further"] if choice.value == "owner")
    assert added.url == "/o/acme/actions/?status=planned&columns=reference,due_on,title,owner"
    assert menu["usual_columns"] == "/o/acme/actions/?status=planned"


def test_rows_are_sorted_by_several_columns(manager: Client) -> None:
    assert titles(manager, "sort=due_on,-title") == ["4", "1", "3", "2", "0"]
    assert titles(manager, "sort=-due_on&sort=title") == ["0", "2", "3", "1", "4"]


def test_headings_show_their_rank_and_add_to_the_sort(manager: Client) -> None:
    headings = {heading.name: heading for heading in context(manager, "sort=-due_on,title")["table"].columns}
    assert [(headings[name].sorted, headings[name].rank) for name in ("due_on", "title", "status")] == [
        ("desc", 1),
        ("asc", 2),
        ("", 0),
    ]
    assert headings["status"].sort_url == "?sort=status"
    assert headings["status"].add_url == "?sort=-due_on,title,status"
    assert headings["title"].add_url == "?sort=-due_on,-title"
    assert headings["due_on"].add_url == "?sort=title"


def test_rows_are_grouped_with_the_count_and_totals_of_the_whole_group(manager: Client) -> None:
    shown = context(manager, "group=status&total=sum&columns=title,waiting_days&sort=-title")
    groups = [row.group for row in shown["table"].rows if row.group]
    assert [(group.cell.text, group.count) for group in groups] == [("Planned", 3), ("Under way", 2)]
    assert [(group.span, [cell.text for cell in group.cells]) for group in groups] == [(2, ["90"]), (2, ["60"])]
    assert [group.totals for group in groups] == [("Sum of Waiting time: 90",), ("Sum of Waiting time: 60",)]
    assert [row.record.title for row in shown["table"].rows] == [f"Action {number}" for number in (4, 2, 0, 3, 1)]


def test_totals_are_of_all_rows_that_fit(manager: Client) -> None:
    for total, expected in (("sum", "90"), ("average", "30"), ("smallest", "10"), ("largest", "50"), ("count", "3")):
        cells = context(manager, f"status=planned&columns=title,waiting_days&total={total}")["table"].totals
        assert [cell.text for cell in cells] == [str(Total(total).label), "", expected]


def test_a_group_without_totals_has_one_head_over_all_columns(manager: Client) -> None:
    shown = context(manager, "group=status&columns=title,waiting_days")
    assert {(row.group.span, row.group.cells) for row in shown["table"].rows if row.group} == {(3, ())}


def test_a_filter_that_is_not_understood_says_so_and_keeps_the_others(manager: Client) -> None:
    shown = context(manager, "status=planned&due_on_after=32.13.2026")
    assert shown["table"].rows == ()
    assert [(chip["label"], chip.get("is_wrong", False)) for chip in shown["chips"]] == [
        ("Status: Planned", False),
        ("Due: 32.13.2026", True),
    ]
    assert shown["chips"][1]["remove_url"].endswith("?status=planned")
    assert shown["misunderstood"] == ["Due: Enter a valid date."]
    assert shown["empty"]["title"] == "A filter can’t be understood"
    page = manager.get("/o/acme/actions/?due_on_after=32.13.2026", headers={"HX-Request": "true"}).content.decode()
    assert "Due: Enter a valid date." in page and "cf-chip-wrong" in page


@pytest.mark.parametrize(
    "query",
    ["created_at_after=0001-01-01", "created_at_before=9999-12-31", "due_on_after=0001-01-01"],
)
def test_what_no_database_takes_is_no_error(manager: Client, query: str) -> None:
    assert manager.get(f"/o/acme/actions/?{query}").status_code == 200


@pytest.mark.parametrize("query", ["q=abc%00", "q=%00"])
def test_what_nobody_can_type_is_refused(manager: Client, query: str) -> None:
    assert manager.get(f"/o/acme/actions/?{query}").status_code == 400


@pytest.mark.parametrize("day", ["0001-01-01", "0999-12-31", "9999-12-31"])
def test_a_day_that_is_no_moment_everywhere_is_no_end_of_a_filter(manager: Client, day: str) -> None:
    shown = manager.get(f"/o/acme/feedback/?collected_at_after={day}")
    assert shown.status_code == 200
    assert shown.context["misunderstood"]


def test_a_search_that_finds_nothing_says_what_was_searched(manager: Client) -> None:
    assert "“xylophone <b>”" in context(manager, "q=xylophone+<b>")["empty"]["why"]


def test_what_an_address_names_that_is_not_there_is_passed_over(manager: Client) -> None:
    usual = titles(manager, "")
    for query in ("columns=password&sort=owner__password", "group=title&total=everything", "group=&total=&sort=,,-"):
        assert titles(manager, query) == usual


def test_exports_hold_what_is_shown(manager: Client) -> None:
    shown = context(manager, "status=planned&sort=title&columns=due_on,title")
    response = manager.get(shown["exports"][1]["url"])
    exported = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))  # type: ignore[arg-type]
    headings = [heading.label for heading in shown["table"].columns]
    assert exported[0] == headings == ["Reference", "Due", "Action"]
    assert [row[2] for row in exported[1:]] == ["Action 0", "Action 2", "Action 4"]


@pytest.mark.parametrize("slug", list(registry.slugs()))
def test_every_column_can_be_shown_exported_and_grouped_by(slug: str, manager: Client) -> None:
    register = registry[slug]
    names = ",".join(register.bound)
    shown = context(manager, f"columns={names}", slug)
    assert [cell.label for cell in shown["table"].rows[0].cells] == [column.label for column in register.bound.values()]
    response = manager.get(f"/o/acme/{slug}/export.csv?columns={names}")
    exported = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))  # type: ignore[arg-type]
    assert exported[0] == [column.label for column in register.bound.values()]
    for column in Arrangement(register, QueryDict()).groupable:
        arrangement = Arrangement(register, QueryDict(f"group={column.name}&total=sum"))
        keys = set(register.rows().values_list(column.field.attname, flat=True))  # type: ignore[union-attr]
        groups = arrangement.groups(register.records(), keys)
        assert sum(group["count"] for group in groups.values()) == register.rows().count()


# --- Menus --------------------------------------------------------------------------------------------------------------

MENUS = "/o/acme/actions/menus/"


def menu(manager: Client, name: str, query: str = "") -> Any:
    """What a list's script gets when somebody opens a menu."""
    return manager.get(f"{MENUS}?{query}", headers={"HX-Request": "true", "List-Menu": name})


def rows_for(manager: Client, query: str, opened: str = "") -> str:
    """What a list's script gets when it asks for other rows, from inside a menu or not."""
    headers = {"HX-Request": "true"} | ({"List-Menu": opened} if opened else {})
    return manager.get(f"/o/acme/actions/?{query}", headers=headers).content.decode()  # type: ignore[arg-type]


def test_a_menu_that_nobody_opened_sends_along_what_its_filters_say(manager: Client) -> None:
    page = manager.get("/o/acme/actions/?status=planned&due_on_after=2026-01-02&columns=title").content.decode()
    assert '<input type="hidden" name="status" value="planned">' in page
    assert '<input type="hidden" name="due_on_after" value="2026-01-02">' in page
    assert "<select" not in page


def test_an_opened_menu_shows_its_filter_as_the_address_says_it(manager: Client) -> None:
    shown = menu(manager, "filter-status", "status=planned").content.decode()
    assert '<option value="planned" selected>' in shown
    assert "<html" not in shown and 'name="owner"' not in shown


def test_filters_without_a_menu_of_their_own_share_one(manager: Client) -> None:
    menus = context(manager, "tag=urgent")["menus"]["filters"]
    assert len(menus) == 7
    assert menus[-1].kept == (("tag", "urgent"),)
    shown = menu(manager, "further-filters", "tag=urgent").content.decode()
    assert 'name="tag" value="urgent"' in shown and 'name="archived"' in shown


def test_a_filter_that_is_not_valid_says_why_in_its_menu(manager: Client) -> None:
    assert context(manager, "due_on_after=soon")["table"].rows == ()
    shown = menu(manager, "filter-due_on", "due_on_after=soon").content.decode()
    assert "Enter a valid date." in shown and 'value="soon"' in shown


def test_a_menu_that_the_list_does_not_have_is_not_there(manager: Client) -> None:
    for name in ("filter-password", "", "rows", "<b>"):
        assert menu(manager, name).status_code == 404


def test_the_menu_that_asks_for_rows_stays_as_it_offers_now_and_the_others_are_to_be_opened_anew(
    manager: Client,
) -> None:
    answer = rows_for(manager, "columns=due_on,title", opened="columns")
    assert 'id="earlier-title"' in answer and 'id="add-sort"' not in answer
    assert answer.count("/o/acme/actions/menus/?columns=due_on,title") == 4  # address and script of two
    assert 'id="earlier-title"' not in rows_for(manager, "columns=due_on,title")


def test_without_scripts_one_page_has_all_menus(manager: Client) -> None:
    page = manager.get(f"{MENUS}?q=Action&status=planned&sort=title&group=owner").content.decode()
    for name in ("q", "sort", "group"):
        assert f'<input type="hidden" name="{name}"' in page
    assert '<option value="planned" selected>' in page
    assert 'href="/o/acme/actions/?q=Action&amp;status=planned&amp;sort=title&amp;group=owner&amp;columns=' in page
    assert "#rows" not in page.split("hx-disable")[0]


# --- Saved views --------------------------------------------------------------------------------------------------------


def save(browser: Client, query: str, name: str, **fields: str) -> Any:
    return browser.post(f"/o/acme/actions/views/new/?{query}", {"name": name, **fields})


def browser_of(person: Any) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def view_names(browser: Client) -> list[str]:
    views = browser.get("/o/acme/actions/menus/").context["views"]
    return [f"{group['title']}: {view['name']}" for group in views["groups"] for view in group["items"]]


def test_a_list_is_kept_under_a_name_and_opened_again(manager: Client) -> None:
    response = save(manager, "status=planned&sort=-title&page=2", "Planned")
    assert (response.status_code, response.headers["Location"]) == (302, "/o/acme/actions/?status=planned&sort=-title")
    assert context(manager, "sort=-title&status=planned")["view_name"] == "Planned"
    (view,) = manager.get("/o/acme/actions/menus/?sort=-title&status=planned").context["views"]["groups"][0]["items"]
    assert (view["url"], view["current"]) == ("/o/acme/actions/?status=planned&sort=-title", True)


def test_saving_under_the_same_name_replaces_the_view(manager: Client) -> None:
    save(manager, "status=planned", "Mine")
    save(manager, "status=done", "Mine")
    assert view_names(manager) == ["Mine: Mine"]
    assert SavedView.objects.get().query == "status=done"


def test_renaming_a_view_takes_the_place_of_no_other(manager: Client) -> None:
    for name in ("First", "Second"):
        save(manager, "status=done", name)
    second = SavedView.objects.get(name="Second")
    response = manager.post(f"/o/acme/actions/views/{second.pk}/", {"name": "First"})
    assert response.status_code == 422
    assert "has this name" in str(response.context["form"].errors["name"])
    assert SavedView.objects.count() == 2


def test_everyone_keeps_own_views_and_sees_those_for_everybody(manager: Client, people: People) -> None:
    contributor = browser_of(people.contributor)
    save(manager, "status=planned", "Private")
    save(manager, "status=done", "Shared", is_shared="on")
    save(contributor, "status=done", "Wanted", is_shared="on", is_default="on")
    assert view_names(manager) == ["Mine: Private", "For everybody: Shared"]
    assert view_names(contributor) == ["Mine: Wanted", "For everybody: Shared"]


def test_a_list_opens_with_its_default_view_and_can_still_be_seen_plain(manager: Client, people: People) -> None:
    save(manager, "status=planned", "Planned", is_default="on")
    save(manager, "status=under_way", "Running", is_default="on")
    contributor = browser_of(people.contributor)
    response = contributor.get("/o/acme/actions/")
    assert (response.status_code, response.headers["Location"]) == (302, "?status=under_way")
    shown = context(contributor, "status=under_way")
    assert shown["urls"]["clear"] == shown["chips"][0]["remove_url"] == "?all=1"
    assert len(context(contributor, "all=1")["table"].rows) == 5


def test_only_who_may_share_changes_what_is_for_everybody(manager: Client, people: People) -> None:
    save(manager, "status=done", "Shared", is_shared="on")
    address = f"/o/acme/actions/views/{SavedView.objects.get().pk}/"
    contributor = browser_of(people.contributor)
    assert contributor.post(address, {"remove": "1"}).status_code == 403
    assert browser_of(people.administrator).post(address, {"name": "Done", "is_shared": "on"}).status_code == 302
    assert view_names(contributor) == ["For everybody: Done"]
    assert manager.post(address, {"remove": "1"}).status_code == 302
    assert view_names(contributor) == []


def test_nobody_sees_or_changes_what_somebody_else_keeps(manager: Client, people: People) -> None:
    contributor = browser_of(people.contributor)
    save(contributor, "status=done", "Mine")
    address = f"/o/acme/actions/views/{SavedView.objects.get().pk}/"
    assert manager.get(address).status_code == 404
    assert contributor.post(address, {"name": "Renamed"}).status_code == 302
    assert view_names(contributor) == ["Mine: Renamed"]
