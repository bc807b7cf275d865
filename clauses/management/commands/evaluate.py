"""``evaluate``: evaluates the assertions of a period on the command line."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clauses.assertion import Period
from clauses.evaluation import as_json, ask, evaluate
from organizations.models import Organization
from organizations.scope import in_organization
from trail.management.as_of import add_as_of, as_of_moment
from trail.sealing.canonical import as_json as plain_values


class Command(BaseCommand):
    """Evaluate the clause for an organization and a period."""

    help = "Evaluates the assertions of clause 5.1.2 for a period."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--from", dest="first", required=True, type=date.fromisoformat, metavar="DATE")
        parser.add_argument("--to", dest="last", required=True, type=date.fromisoformat, metavar="DATE")
        add_as_of(parser, "the moment to judge at, by the records of then; now unless given")
        parser.add_argument("--json", action="store_true", help="print the evaluation as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization {options['organization']}.", returncode=2)
        if options["last"] < options["first"]:
            raise CommandError("The period ends before it begins: give --from a day no later than --to.", returncode=2)
        with in_organization(organization), as_of_moment(options["as_of"]):
            evaluation = evaluate(ask(Period(options["first"], options["last"])))
            if options["json"]:
                self.stdout.write(json.dumps(plain_values(as_json(evaluation)), ensure_ascii=False, indent=2))
                return
            for outcome in evaluation.outcomes:
                self.stdout.write(
                    f"{outcome.code:4} {outcome.result.label:15} {outcome.value:>12}  {outcome.assertion.title} {outcome.detail}".rstrip()
                )
