"""The forms of a signer: decisions on gaps, conclusions on sub-clauses, a withdrawal.

And the form that searches the trail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

import orjson
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clauses.assertion import SUB_CLAUSES
from organizations.members import members
from organizations.models import User
from organizations.scope import current_organization
from registers.forms import LinesField
from reviews.audit_log import Sought, kinds
from reviews.gap_form import LONGEST, GapForm, day, lines
from reviews.models import Conclusion, GapDecision, Withdrawal
from reviews.sign_off.snapshot import Plain, fingerprints, gaps
from reviews.sign_off.statement import Concluded


class ConclusionForm(forms.Form):
    """What a signer concludes of one sub-clause."""

    conclusion = forms.ChoiceField(
        label=gettext_lazy("Conclusion"),
        choices=Conclusion,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Conclude on this part.")},
    )
    comment = lines(gettext_lazy("Comment"))

    def __init__(self, letter: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, prefix=letter)
        self.letter = letter

    @property
    def concluded(self) -> Concluded:
        """The conclusion, of a form that was filled in."""
        return Concluded(self.letter, Conclusion(self.cleaned_data["conclusion"]), self.cleaned_data["comment"])


class InterimForm(forms.Form):
    """The mark of a period that isn't over."""

    interim = forms.BooleanField(
        label=gettext_lazy("Interim: this period isn't over, and my signature doesn't close it."),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
        error_messages={"required": gettext_lazy("This period isn't over: it can only be signed as interim.")},
    )


class SigningForms:
    """All that a signer fills in, as one."""

    def __init__(
        self,
        evaluation: Plain,
        data: Mapping[str, Any] | None = None,
        *,
        interim: bool,
        running: Mapping[str, GapDecision],
        legal: Collection[str] = (),
    ) -> None:
        self.evaluation, self.data, self.running = evaluation, data, running
        self.gaps = [
            GapForm(entry, data, legal=entry["code"] in legal)
            for entry in gaps(evaluation)
            if entry["code"] not in running
        ]
        self.conclusions = {letter: ConclusionForm(letter, data) for letter in SUB_CLAUSES}
        self.interim = InterimForm(data) if interim else None

    @property
    def all(self) -> list[forms.Form]:
        """Every form, in the order of the page."""
        return [*self.gaps, *self.conclusions.values(), *([self.interim] if self.interim else [])]

    def is_valid(self) -> bool:
        """Return whether everything is filled in."""
        return all(form.is_valid() for form in self.all)

    @property
    def errors(self) -> list[dict[str, Any]]:
        """What is wrong, each with the field to go to."""
        return [
            {"field": field, "of": getattr(form, "entry", {}).get("title", ""), "errors": field.errors}
            for form in self.all
            for field in form
            if field.errors
        ]

    @property
    def shown(self) -> str:
        """What the signer is shown, for the form to carry."""
        return orjson.dumps(fingerprints(self.evaluation)).decode()

    @cached_property
    def seen(self) -> Mapping[str, list[str]]:
        """What the signer was shown when they sent the form; nothing where it isn't readable."""
        try:
            found = orjson.loads((self.data or {}).get("seen", ""))
        except orjson.JSONDecodeError:
            return {}
        well_formed = isinstance(found, dict) and all(
            # Anybody can send anything: ``unlike`` sorts codes by this number and takes three parts of each.
            code[1:].isdecimal()
            and isinstance(said, list)
            and len(said) == 3
            and all(isinstance(part, str) for part in said)
            for code, said in found.items()
        )
        return found if well_formed else {}

    @property
    def decided_before(self) -> list[str]:
        """References of the decisions that hold, as the signer is shown them."""
        return sorted(each.reference for each in self.running.values())

    @property
    def are_decisions_as_shown(self) -> bool:
        """Whether the decisions that hold are those that were shown when the form was sent."""
        sent = (self.data or {}).get("decided_before", "")
        return sorted(filter(None, sent.split(","))) == self.decided_before

    def given(self) -> dict[str, Any]:
        """Return the arguments of :func:`reviews.sign_off.services.sign_off`."""
        return {
            "seen": self.seen,
            "conclusions": [form.concluded for form in self.conclusions.values()],
            "decisions": [form.decided for form in self.gaps],
            "interim": self.interim is not None,
            "decided_before": self.decided_before,
        }


class WithdrawalForm(forms.Form):
    """Why a signature is taken back."""

    reason = LinesField(
        label=Withdrawal._meta.get_field("reason").verbose_name,
        help_text=Withdrawal._meta.get_field("reason").help_text,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class TrailForm(forms.Form):
    """What is looked for in the trail. Days are those of sealing, where the organization is."""

    reference = forms.CharField(label=gettext_lazy("Reference"), required=False, max_length=40)
    table = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    person = forms.ModelChoiceField(
        label=gettext_lazy("Person"),
        required=False,
        queryset=User.objects.none(),
        empty_label=gettext_lazy("Everybody"),
    )
    first = day(gettext_lazy("From"))
    last = day(gettext_lazy("To"))
    before = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["table"].choices = [("", _("Everything")), *kinds()]  # type: ignore[attr-defined]
        self.fields["person"].queryset = members()  # type: ignore[attr-defined]

    def clean_reference(self) -> str:
        return str(self.cleaned_data["reference"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("first") and cleaned.get("last") and cleaned["last"] < cleaned["first"]:
            self.add_error("last", _("The last day is before the first."))
        return cleaned

    @property
    def sought(self) -> Sought:
        """What is looked for, of a form that is valid."""
        given, organization = self.cleaned_data, current_organization()
        first, last = given["first"], given["last"]
        return Sought(
            reference=given["reference"],
            table=given["table"],
            person=given["person"] and given["person"].pk,
            starts=first and datetime.combine(first, time.min, organization.zone),
            # The next midnight: ``ends`` isn't included, the last day is.
            ends=last and datetime.combine(last + timedelta(days=1), time.min, organization.zone),
            before=given["before"],
        )
