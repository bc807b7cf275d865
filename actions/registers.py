"""The register of actions, and the panel that shows which arise from a record."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from actions.filters import ActionFilter
from actions.forms import ActionForm, EffectivenessCheckForm
from actions.models import Action
from organizations.access import allowed
from organizations.request import OrganizationRequest
from organizations.roles import Action as Act
from registers.beside import FoundBeside
from registers.columns import Column
from registers.models import Record
from registers.panels import Panel, panels
from registers.register import Child, Register, registry
from registers.usage import Usage, usages

WHAT, WHO, LATE = _("What"), _("Who and when"), _("Escalation")

actions = registry.add(
    Register(
        slug="actions",
        file_words=("maßnahme", "action", "capa", "todo"),
        model=Action,
        form=ActionForm,
        filterset=ActionFilter,
        title=_("Actions"),
        singular=_("Action"),
        new_label=_("New action"),
        description=_(
            "What is being done about failed checks, risks, complaints and decisions. Shows that risks and nonconformities are addressed."
        ),
        search=("title", "description", "origin", "process"),
        status="status",
        found_beside=FoundBeside(
            registers=frozenset({"risks", "opportunities", "complaints", "requirements"}),
            title_words=(
                *(
                    "recommended action",
                    "recommended actions",
                    "action",
                    "actions",
                    "corrective action",
                    "corrective actions",
                ),
                *(
                    "measure",
                    "measures",
                    "maßnahme",
                    "maßnahmen",
                    "abstellmaßnahme",
                    "korrekturmaßnahme",
                    "sofortmaßnahme",
                ),
            ),
            fields=("due_on", "owner", "status", "done_on"),
            tell=("due_on", "owner"),
            origin="origin",
            not_yet=(
                *("tbd", "tba", "tbc", "to be defined", "to be determined", "open", "none", "none yet", "pending"),
                *("offen", "noch offen", "folgt", "keine", "noch festzulegen", "noch zu definieren", "in Klärung"),
            ),
        ),
        id_words=("action id", "action no", "action number", "maßnahmen nr", "maßnahme nr", "maßnahmennummer"),
        columns=(
            Column(
                "title",
                words=("action", "measure", "maßnahme", "task", "aufgabe"),
                second_words=("description", "beschreibung"),
            ),
            Column(
                "status",
                words=("state", "status", "stand"),
                tones={"planned": "neutral", "under_way": "info", "done": "met", "cancelled": "none"},
            ),
            Column("kind", group=WHAT, words=("type", "art")),
            Column("origin", group=WHAT, of_any_register=True, words=("arises from", "source", "anlass", "bezug")),
            Column("description", shown=False, group=WHAT, words=("beschreibung", "details", "comment")),
            Column("cause", shown=False, group=WHAT, words=("root cause", "ursache")),
            Column("owner", group=WHO, words=("responsible", "verantwortlich", "assignee")),
            Column("due_on", group=WHO, words=("due date", "deadline", "frist", "fällig", "termin")),
            Column("done_on", shown=False, group=WHO, words=("completed", "closed", "erledigt am")),
            Column("process", shown=False, group=WHO, words=("prozess",)),
            Column("waiting_days", shown=False, group=WHO),
            Column("escalated_on", shown=False, group=LATE, words=("eskaliert am",)),
            Column("escalation", shown=False, group=LATE, words=("eskalation",)),
        ),
        children=(
            Child(
                name="effectiveness",
                title=_("Effectiveness"),
                related_name="effectiveness_checks",
                parent_field="action",
                form=EffectivenessCheckForm,
                columns=(
                    Column("checked_on"),
                    Column("verdict", tones={"effective": "met", "partly": "attention", "not": "gap"}),
                    Column("evidence"),
                    Column("checker"),
                ),
                add_label=_("Judge effectiveness"),
                empty=_("Nobody has judged yet whether it was effective."),
            ),
        ),
    )
)


def arising(request: OrganizationRequest, register: Register, record: Record) -> list[Panel]:
    """Return the actions that arise from a record."""
    if register is actions:
        return []
    found = actions.rows().current().filter(origin=record.reference).select_related("owner")[:20]
    add_url = (
        f"{actions.url('create')}?origin={record.reference}"
        if allowed(request, Act.ADD, "actions") and not record.is_archived
        else ""
    )
    return [Panel("actions/panel.html", {"items": list(found), "add_url": add_url})]


panels.append(arising)

usages.append(Usage(Action.objects.current, "origin", "reference"))
