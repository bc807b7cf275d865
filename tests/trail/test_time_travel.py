"""Any past moment as if it were now: what is seen there, what is refused, and that nothing of it stays."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from actions.models import Action
from feedback.models import Complaint, ComplaintRequirement
from organizations import clock
from organizations.models import Organization, Site, Targets
from organizations.scope import current_organization, in_organization
from registers.services import archive, restore, set_links
from requirements_registry.models import Requirement
from tests.people import make_organization
from tests.support.factories import make
from trail.history import bulk_create, bulk_update
from trail.models import Event, record_event
from trail.time_travel.travel import NestedTravel, NoSuchMoment, PastIsReadOnly, time_travel

pytestmark = pytest.mark.django_db(transaction=True)

BEGINNING = datetime(2026, 1, 1, 8, tzinfo=UTC)


@pytest.fixture
def clock_hand() -> Iterator[time_machine.Traveller]:
    """The time of the machine, which moves only when a test moves it."""
    with time_machine.travel(BEGINNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def house(clock_hand: time_machine.Traveller) -> Iterator[Organization]:
    """Acme, entered, a day after it was created."""
    organization = make_organization("acme", "Acme Pumps")
    with in_organization(organization):
        clock_hand.shift(timedelta(days=1))
        yield organization


def titles() -> list[str]:
    return sorted(Action.objects.values_list("title", flat=True))


# --- What is seen -----------------------------------------------------------------------------------------------------


def test_a_row_is_seen_as_it_stood(house: Organization, clock_hand: time_machine.Traveller) -> None:
    action = Action(title="Calibrate")
    action.save()
    before = timezone.now()
    clock_hand.shift(60)
    action.title = "Calibrate twice"
    action.save()
    with time_travel(before):
        assert titles() == ["Calibrate"]
    assert titles() == ["Calibrate twice"]


def test_a_row_is_seen_from_the_moment_it_was_written_on(house: Organization) -> None:
    Action(title="Calibrate").save()
    with time_travel(timezone.now()):
        assert titles() == ["Calibrate"]
    with time_travel(timezone.now() - timedelta(microseconds=1)):
        assert titles() == []


def test_of_several_versions_of_one_moment_the_last_counts(house: Organization) -> None:
    action = Action(title="One")
    action.save()
    action.title = "Two"
    action.save()
    with time_travel(timezone.now()):
        assert titles() == ["Two"]


def test_when_clocks_disagree_the_version_written_last_counts(
    house: Organization, clock_hand: time_machine.Traveller
) -> None:
    action = Action(title="One")
    action.save()
    clock_hand.shift(-5)
    action.title = "Two"
    action.save()
    clock_hand.shift(10)
    with time_travel(timezone.now()):
        assert titles() == ["Two"]


def test_what_was_archived_or_taken_back_since_is_seen_as_it_was(
    house: Organization, clock_hand: time_machine.Traveller
) -> None:
    action: Any = make(Action, title="Calibrate")
    moments = [timezone.now()]
    for change in (archive, restore):
        clock_hand.shift(60)
        action = change(action, by=None, reason="Because")
        moments.append(timezone.now())
    seen = []
    for moment in moments:
        with time_travel(moment):
            seen.append(Action.objects.current().count())
    assert seen == [1, 0, 1]


def test_links_that_were_removed_are_seen(house: Organization, clock_hand: time_machine.Traveller) -> None:
    complaint, requirement = make(Complaint), make(Requirement)
    set_links(complaint, "requirements", [requirement])
    linked = timezone.now()
    clock_hand.shift(60)
    set_links(complaint, "requirements", [])
    with time_travel(linked):
        assert list(Complaint.objects.get().requirements.all()) == [requirement]
        assert list(Complaint.objects.annotate(n=Count("requirements")).values_list("n", flat=True)) == [1]
    with time_travel(timezone.now()):
        assert ComplaintRequirement.objects.count() == 0


def test_bulk_writes_are_seen_as_they_stood(house: Organization, clock_hand: time_machine.Traveller) -> None:
    rows = bulk_create(Action, [Action(title=f"Row {n}", reference=f"ACT-{n:04d}") for n in range(400)])
    written = timezone.now()
    clock_hand.shift(60)
    for row in rows:
        row.title = "Changed"
    bulk_update(Action, rows, ["title"])
    with time_travel(written):
        assert Action.objects.filter(title__startswith="Row").count() == 400
        assert Action.objects.get(reference="ACT-0007").title == "Row 7"


def test_the_organization_its_sites_and_targets_are_those_of_then(
    house: Organization, clock_hand: time_machine.Traveller
) -> None:
    before = timezone.now()
    clock_hand.shift(60)
    house.name, house.edition = "Acme Valves", "2026"
    house.save()
    Site.objects.create(code="N", name="North")
    Targets.objects.create(effective_from=date(2025, 1, 1), check_days=1)
    with time_travel(before) as organization:
        assert (organization.name, organization.edition) == ("Acme Pumps", "2015")
        assert current_organization() is organization
        assert (Site.objects.count(), Targets.objects.count()) == (0, 1)
    assert current_organization().name == "Acme Valves"


def test_versions_and_events_of_later_are_not_seen(house: Organization, clock_hand: time_machine.Traveller) -> None:
    action = make(Action)
    record_event("looked at", action.reference)
    before = timezone.now()
    clock_hand.shift(60)
    action.save()
    record_event("looked at", action.reference)
    with time_travel(before):
        assert (Action.objects.get().history.count(), Event.objects.count()) == (1, 1)
    assert (action.history.count(), Event.objects.count()) == (2, 2)


def test_the_clock_stands_at_the_moment(house: Organization) -> None:
    moment = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)
    with time_travel(moment) as organization:
        assert clock.now() == moment
        assert organization.today() == date(2026, 1, 2)
    assert clock.now() == timezone.now()


def test_rows_of_others_stay_theirs(house: Organization, clock_hand: time_machine.Traveller) -> None:
    other = make_organization("other", "Other Valves")
    with in_organization(other):
        Action(title="Theirs").save()
    Action(title="Ours").save()
    with time_travel(timezone.now()):
        assert titles() == ["Ours"]
        with connection.cursor() as cursor:
            cursor.execute('SELECT count(*) FROM "actions_action"')
            assert cursor.fetchone() == (1,)


def test_what_one_transaction_wrote_is_seen_wholly(house: Organization, clock_hand: time_machine.Traveller) -> None:
    with transaction.atomic():
        first = Action(title="One")
        first.save()
        clock_hand.shift(60)
        Action(title="Two").save()
        record_event("made two")
    with time_travel(first.history.get().history_date):
        assert titles() == ["One", "Two"]
        assert Event.objects.count() == 1


def test_a_new_transaction_has_a_moment_of_its_own(house: Organization, clock_hand: time_machine.Traveller) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Action(title="Undone").save()
        _ = 1 / 0
    clock_hand.shift(60)
    Action(title="Done").save()
    assert Action.history.get().history_date == timezone.now()


# --- What is refused --------------------------------------------------------------------------------------------------


def test_nothing_can_be_written(house: Organization) -> None:
    action = make(Action)
    attempts = [
        lambda: action.save(),
        lambda: make(Action, 2),
        lambda: bulk_create(Action, [Action(title="New", reference="ACT-9999")]),
        lambda: Event.objects.create(verb="looked at"),
        lambda: Organization.objects.create(slug="new", name="New"),
        lambda: Organization.objects.update(name="New"),
        lambda: connection.cursor().execute("DROP TABLE actions_action"),
        lambda: connection.cursor().executemany("SELECT %s", [[1]]),
    ]
    for attempt in attempts:
        with pytest.raises(PastIsReadOnly), time_travel(timezone.now()):
            attempt()
    assert (Action.objects.count(), Event.objects.count(), Organization.objects.count()) == (1, 0, 1)


def test_what_is_told_about_looking_is_written_afterwards(house: Organization) -> None:
    moment = timezone.now() - timedelta(hours=1)
    with time_travel(moment):
        record_event("exported", "actions")
        assert Event.objects.count() == 0
    event = Event.objects.get()
    assert (event.at, event.data) == (timezone.now(), {"as_of": moment.isoformat()})


def test_a_travel_inside_a_travel_is_refused(house: Organization) -> None:
    with pytest.raises(NestedTravel), time_travel(timezone.now()), time_travel(timezone.now()):
        pass


@pytest.mark.parametrize("days", [-2, 1], ids=["before the organization", "future"])
def test_moments_that_there_are_none_of_are_refused(house: Organization, days: int) -> None:
    with pytest.raises(NoSuchMoment), time_travel(timezone.now() + timedelta(days=days)):
        pass
    assert clock.travelled_to() is None


# --- Nothing of it stays ----------------------------------------------------------------------------------------------


def assert_present(title: str = "Now") -> None:
    """The connection sees and writes the present."""
    assert titles() == [title]
    make(Action, 7, title=title)
    assert Action.objects.count() == 2
    assert not connection.in_atomic_block
    assert connection.execute_wrappers == []


def test_the_same_connection_sees_the_present_again(house: Organization, clock_hand: time_machine.Traveller) -> None:
    action = make(Action, title="Then")
    before = timezone.now()
    clock_hand.shift(60)
    action.title = "Now"
    action.save()
    with time_travel(before):
        assert titles() == ["Then"]
    assert_present()


def test_an_error_leaves_nothing_behind(house: Organization, clock_hand: time_machine.Traveller) -> None:
    make(Action, title="Now")
    with pytest.raises(ZeroDivisionError), time_travel(timezone.now() - timedelta(minutes=1)):
        assert titles() == []
        _ = 1 / 0
    assert_present()


def test_an_error_of_the_database_leaves_nothing_behind(house: Organization) -> None:
    make(Action, title="Now")
    with pytest.raises(Exception, match="nowhere"), time_travel(timezone.now()):
        assert titles() == ["Now"]
        connection.cursor().execute('SELECT * FROM "nowhere"')
    assert_present()


def test_a_lost_connection_leaves_nothing_behind(house: Organization) -> None:
    make(Action, title="Now")
    with pytest.raises(Exception, match="."), time_travel(timezone.now()):
        assert titles() == ["Now"]
        connection.connection.close()
        titles()
    connection.close()
    assert_present()


def test_a_running_transaction_goes_on_afterwards(house: Organization, clock_hand: time_machine.Traveller) -> None:
    before = timezone.now()
    clock_hand.shift(60)
    with transaction.atomic():
        action = make(Action, title="Now")
        with time_travel(before):
            assert titles() == []
        with time_travel(timezone.now()):
            assert titles() == ["Now"]
        action.title = "Later"
        action.save()
    assert titles() == ["Later"]


def test_going_back_to_a_savepoint_inside_does_not_show_the_present(
    house: Organization, clock_hand: time_machine.Traveller
) -> None:
    before = timezone.now()
    clock_hand.shift(60)
    make(Action)
    with time_travel(before):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            assert titles() == []
            _ = 1 / 0
        assert titles() == []


def test_rows_that_are_read_bit_by_bit_may_be_read_among_other_questions(house: Organization) -> None:
    bulk_create(Action, [Action(title="Row", reference=f"ACT-{n:04d}") for n in range(50)])
    with time_travel(timezone.now()):
        read = Action.objects.order_by("pk").iterator(chunk_size=10)
        next(read)
        assert Complaint.objects.count() == 0
        assert sum(1 for _ in read) == 49


def test_two_look_at_two_moments_at_once_while_a_third_writes(
    house: Organization, clock_hand: time_machine.Traveller
) -> None:
    moments = []
    for number in range(3):
        make(Action, number, title=f"Row {number}")
        moments.append(timezone.now())
        clock_hand.shift(60)
    meet = Barrier(3, timeout=20)

    def look(moment: datetime) -> tuple[Any, ...]:
        try:
            with in_organization(house), time_travel(moment):
                first = titles()
                meet.wait()  # all are inside
                meet.wait()  # the third has written
                return first, titles(), Complaint.objects.count(), clock.now()
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        looks = [pool.submit(look, moment) for moment in moments[:2]]
        meet.wait()
        make(Action, 9, title="Meanwhile")
        meet.wait()
    assert looks[0].result() == (["Row 0"], ["Row 0"], 0, moments[0])
    assert looks[1].result() == (["Row 0", "Row 1"], ["Row 0", "Row 1"], 0, moments[1])
    assert "Meanwhile" in titles()
