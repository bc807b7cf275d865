"""Forms of actions."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Column, Fieldset, Row
from django.utils.translation import gettext as _

from actions.models import Action, EffectivenessCheck
from registers.forms import RecordForm, ScopedForm


class ActionForm(RecordForm):
    """An action."""

    class Meta(RecordForm.Meta):
        model = Action
        fields = (
            "title", "kind", "status", "origin", "description", "cause", "owner", "due_on", "done_on", "process", "escalated_on", "escalation",
            "waiting_days", "site", "external_id",
        )  # fmt: skip

    def layout(self) -> list[Any]:
        return [
            Fieldset(
                _("What"), "title", Row(Column("kind"), Column("status"), Column("origin")), "description", "cause"
            ),
            Fieldset(
                _("Who and when"),
                Row(Column("owner"), Column("due_on"), Column("done_on")),
                Row(Column("process"), Column("waiting_days")),
            ),
            Fieldset(_("Escalation"), Row(Column("escalated_on", css_class="col-md-4"), Column("escalation"))),
            Fieldset(_("Filing"), Row(Column("site"), Column("external_id"))),
            *self.closing(),
        ]


class EffectivenessCheckForm(ScopedForm):
    """Whether an action was effective."""

    class Meta(ScopedForm.Meta):
        model = EffectivenessCheck
        fields = ("checked_on", "verdict", "evidence", "checker")
