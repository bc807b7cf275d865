"""The form of a decision on a gap: on the page of a sign-off, and on one of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.models import Action
from organizations.members import valid_members
from organizations.models import User
from organizations.scope import current_organization
from registers.form_fields import RecordField
from registers.forms import LinesField
from reviews.sign_off.snapshot import Plain
from reviews.sign_off.statement import Decision, NewAction

#: Characters of a comment or reason.
LONGEST = 4000


def lines(label: Any, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    """Return a field for some lines of text."""
    widget = forms.Textarea(attrs={"rows": 2})
    return LinesField(label=label, required=required, max_length=LONGEST, widget=widget, help_text=help_text)


def day(label: Any, help_text: Any = "") -> forms.DateField:
    """Return a field for a day."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


class GapForm(forms.Form):
    """A decision about one open gap."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[
            ("new", gettext_lazy("New action")),
            ("existing", gettext_lazy("Existing action")),
            ("accept", gettext_lazy("Accept until")),
            ("irrelevant", gettext_lazy("Not relevant")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Decide: an action, or a reason why none is taken, until a day.")},
    )
    title = forms.CharField(label=gettext_lazy("What is to be done"), required=False, max_length=300)
    owner = forms.ModelChoiceField(label=gettext_lazy("By whom"), required=False, queryset=User.objects.none())
    due_on = day(gettext_lazy("Until when"))
    action = RecordField(
        Action, label=gettext_lazy("Action"), required=False, help_text=gettext_lazy("Its reference or title.")
    )
    reason = lines(gettext_lazy("Why"))
    until = day(gettext_lazy("Until"), gettext_lazy("The last day for which that holds. Then you are asked again."))

    #: What each decision is made of, and the field that says what is wrong with it.
    PARTS = {
        "new": ("title", "owner", "due_on"),
        "existing": ("action",),
        "accept": ("reason", "until"),
        "irrelevant": ("reason", "until"),
    }

    def __init__(self, entry: Plain, data: Mapping[str, Any] | None = None, *, legal: bool = False) -> None:
        super().__init__(data, prefix=entry["code"])
        self.entry, self.legal = entry, legal
        if legal:  # what a law asks is treated, never accepted
            field: Any = self.fields["decision"]
            field.choices = [choice for choice in field.choices if choice[0] in ("new", "existing")]
        self.fields["owner"].queryset = valid_members(current_organization().today())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = cleaned.get("decision", "")
        for name in {name for names in self.PARTS.values() for name in names} - set(self.PARTS.get(chosen, ())):
            self.errors.pop(name, None)  # of what wasn't chosen nothing has to be right
        if not chosen or self.errors:
            return cleaned
        if chosen == "existing" and not cleaned["action"]:
            self.add_error("action", _("Name the action."))
        else:
            for doubt in self.decided.doubts():
                self.add_error(self.PARTS[chosen][0], doubt)
        return cleaned

    @property
    def decided(self) -> Decision:
        """The decision, of a form that was filled in."""
        given = self.cleaned_data
        match given["decision"]:
            case "new":
                return Decision(self.entry["code"], NewAction(given["title"], given["owner"], given["due_on"]))
            case "existing":
                return Decision(self.entry["code"], given["action"])
        relevant = given["decision"] == "accept"
        return Decision(self.entry["code"], reason=given["reason"], until=given["until"], relevant=relevant)
