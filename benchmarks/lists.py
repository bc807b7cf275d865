"""A register's list on one database: filtered, sorted, searched, and far from its beginning.

Each page, and its rows alone as a browser fetches them that has the page already, stands beside the same statements run by hand
in a bare table, as a page behind the same door (:mod:`benchmarks.bare`). And beside the rows and their count as somebody would
write the SQL who knows of indexes, cursors and the bound of counting, and wants no more than nine columns that the table has as
they are: as a page, and by themselves, without any request. So many requirements are copied by the database from one; they have
no history. Run by ``python -m benchmarks lists`` with the environment of an
installation of its own; prints its figures as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.template import Context

from benchmarks.pages import BARE, Bench, in_turn  # isort: skip - sets Django up
import customerfocus.wsgi  # noqa: F401 - as the server has it: the garbage collector passes over what is loaded by now
from benchmarks.bare import ADDRESS, ByHand
from organizations.models import Organization, User
from organizations.scope import in_organization
from organizations.services import create_organization
from registers.lists.pagination import CAP, page_of
from requirements_registry.models import InterestedParty, Requirement

TABLE = "requirements_registry_requirement"
TURNS = 15
#: What is a row's own; everything else is copied. (SQLite joins texts before it counts: numbers stand in brackets.)
OWN = {
    "reference": "'REQ-' || n",
    "title": "'Pressure test of pump ' || (CAST(n AS bigint) * 7919 % {rows}) || ' in hall ' || (n % 211)",
    "statement": "'Every pump of series ' || (n % 1009) || ' holds 1.5 times its nominal pressure for ten minutes.'",
    "source": "'Contract ' || (n % 5003)",
    "kind": "CASE n % 4 WHEN 0 THEN 'customer' WHEN 1 THEN 'statutory' WHEN 2 THEN 'regulatory' ELSE 'customer' END",
    "status": "CASE n % 3 WHEN 0 THEN 'active' WHEN 1 THEN 'draft' ELSE 'in_review' END",
    "effective_on": "CASE WHEN n % 5 > 0 THEN {day} END",
}
#: What the list's own statement gives for the columns that it shows.
SHOWN = ("reference", "title", "kind", "source", "status", "last_result", "checks_counted", "name", "next_review")
ROWS_BY_HAND = """
SELECT r.reference, r.title, r.kind, r.source, r.status, r.criticality, r.last_reviewed_on, u.name, p.name
FROM requirements_registry_requirement r
LEFT JOIN organizations_user u ON u.id = r.owner_id
LEFT JOIN requirements_registry_interestedparty p ON p.id = r.interested_party_id
WHERE r.organization_id = {organization} AND r.archived_at IS NULL AND {where} ORDER BY {order} LIMIT 51
"""
COUNT_BY_HAND = (
    f"SELECT count(*) FROM (SELECT 1 FROM {TABLE} r WHERE r.organization_id = {{organization}} "
    f"AND r.archived_at IS NULL AND {{where}} LIMIT {CAP + 1}) AS counted"
)


def fill(organization: Organization, person: User, rows: int) -> None:
    """Write the requirements."""
    party = InterestedParty.objects.create(name="Harbour Water", kind="customer")
    Requirement.objects.create(title="First", statement="The pattern.", owner=person, interested_party=party)
    columns = [str(field.column) for field in Requirement._meta.concrete_fields if not field.primary_key]
    quoted = ", ".join(f'"{column}"' for column in columns)
    day = (
        "date '2020-01-01' + n % 2000"
        if connection.vendor == "postgresql"
        else "date('2020-01-01', '+' || (n % 2000) || ' days')"
    )
    values = ", ".join(OWN.get(c, f't."{c}"').format(rows=rows, day=day) for c in columns)
    series = (
        f"generate_series(2, {rows}) AS s(n)"
        if connection.vendor == "postgresql"
        else f"(WITH RECURSIVE s(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM s WHERE n < {rows}) SELECT n FROM s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} ({quoted}) SELECT {values} FROM {TABLE} t, {series} WHERE t.organization_id = {organization.pk}"
        )
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def by_hand(
    organization: Organization, where: str = "true", order: str = "r.id DESC", count: str = ""
) -> Callable[[], str]:
    """Fifty rows, their bounded count and a bare table."""

    def run() -> str:
        with in_organization(organization), connection.cursor() as cursor:
            cursor.execute(COUNT_BY_HAND.format(organization=organization.pk, where=count or where))
            cursor.fetchone()
            cursor.execute(ROWS_BY_HAND.format(organization=organization.pk, where=where, order=order))
            return BARE.render(Context({"rows": cursor.fetchall()[:50]}))

    return run


def statements_of(bench: Bench, path: str) -> list[str]:
    """What a page asks the database after sign-in."""
    connection.force_debug_cursor = True
    at_the_door = len(_asked(behind_sign_in(bench, lambda: "")))
    asked = _asked(lambda: bench.get(path))
    connection.force_debug_cursor = False
    return asked[at_the_door:]


def _asked(run: Callable[[], Any]) -> list[str]:
    """What a request reads; Django forgets the statements of the one before."""
    run()
    asked = [query["sql"] for query in connection.queries]
    return [sql for sql in asked if sql.lstrip().startswith("SELECT") and "set_config" not in sql]


def same_by_hand(bench: Bench, statements: list[str]) -> Callable[[], str]:
    """The statements by a bare cursor, and what the list shows of the rows in a bare table."""

    def run() -> str:
        rows: list[Any] = []
        with in_organization(bench.organization), connection.cursor() as cursor:
            for sql in statements:
                cursor.execute(sql)
                found, names = cursor.fetchall(), [column[0] for column in cursor.description]
                if set(SHOWN) <= set(names):
                    places = [names.index(name) for name in SHOWN]
                    rows = [[row[place] for place in places] for row in found]
        return BARE.render(Context({"rows": rows}))

    return run


def behind_sign_in(bench: Bench, write: Callable[[], str]) -> Callable[[], None]:
    """The same as a page."""

    def run() -> None:
        ByHand.write = staticmethod(write)
        bench.get(ADDRESS)

    return run


def cursor_in(order: list[str], pages: int) -> tuple[str, Any]:
    """The cursor that leads past so many pages, and the row before it."""
    rows = Requirement.objects.filter(archived_at=None)
    size = 50 * pages
    page = page_of(rows, order, size=size)
    return page.next or "", page.object_list[-1]


def measure(bench: Bench, what: str, path: str, floor: Callable[[], str]) -> None:
    """One page beside its floors."""
    same = same_by_hand(bench, statements_of(bench, path))
    figures = in_turn(
        {
            "ms": lambda: bench.get(path),
            "rows": lambda: bench.get(path, headers={"HX-Request": "true"}),
            "same_page": behind_sign_in(bench, same),
            "page": behind_sign_in(bench, floor),
            "floor": floor,
            "same": same,
        },
        TURNS,
    )
    bench.figures.append({"what": what, **figures})
    print(json.dumps(bench.figures[-1]), file=sys.stderr)


def main(rows: int) -> None:
    """Measure one size."""
    call_command("migrate", verbosity=0)
    person = User.objects.create_user("quality@demo.example", "bench", name="Quinn")
    organization = create_organization("bench", "Bench", administrator=person)
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.ROOT_URLCONF = "benchmarks.bare"
    with in_organization(organization):
        fill(organization, person, rows)
        last = rows // 50 // 2
        deep, before = cursor_in(["-id"], min(last, 2000))
        deep_title, title = cursor_in(["title"], min(last, 2000))
    bench = Bench(organization)
    list_ = "requirements/"
    quoted = title.title.replace("'", "''")
    measure(bench, "first page", list_, by_hand(organization))
    measure(
        bench,
        "filtered by kind and status",
        f"{list_}?kind=customer&status=active",
        by_hand(organization, "r.kind = 'customer' AND r.status = 'active'"),
    )
    measure(bench, "sorted by title", f"{list_}?sort=title", by_hand(organization, order="r.title, r.id"))
    measure(
        bench,
        "sorted by effective date, newest first",
        f"{list_}?sort=-effective_on",
        by_hand(organization, "r.effective_on IS NOT NULL", "r.effective_on DESC, r.id DESC"),
    )
    measure(bench, "sorted by status", f"{list_}?sort=status", by_hand(organization, order="r.status, r.id"))
    measure(bench, "searched", f"{list_}?q=101+contract", _searched(organization, "101"))
    rare = f"77{rows // 1000}"
    measure(bench, "searched, few rows found", f"{list_}?q={rare}+contract", _searched(organization, rare))
    measure(bench, "a deep page", f"{list_}?page={deep}", by_hand(organization, f"r.id < {before.pk}", count="true"))
    measure(
        bench,
        "a deep page, sorted by title",
        f"{list_}?sort=title&page={deep_title}",
        by_hand(organization, f"(r.title, r.id) > ('{quoted}', {title.pk})", "r.title, r.id", count="true"),
    )
    measure(bench, "last page", f"{list_}?page=last", by_hand(organization, order="r.id"))
    print(json.dumps({"database": connection.display_name, "rows": rows, "figures": bench.figures}))


def _searched(organization: Organization, text: str) -> Callable[[], str]:
    """By hand the index beside the table is asked too."""
    index = f"{TABLE}_searched"
    found = (
        f"SELECT id FROM {index} WHERE text LIKE upper('%{text}%')"
        if connection.vendor == "postgresql"
        else f"SELECT rowid FROM {index} WHERE {index} MATCH '\"{text}\"'"
    )
    return by_hand(organization, f"r.id IN ({found})")


if __name__ == "__main__":
    main(int(sys.argv[1]))
