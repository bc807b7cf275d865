"""Forms of organizations and their people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from organizations.models import Invitation, Organization, Targets, User


class OrganizationForm(forms.ModelForm):
    """What the organization is and how its reports look."""

    class Meta:
        model = Organization
        fields = ("name", "scope_statement", "edition", "time_zone", "language")
        widgets = {"scope_statement": forms.Textarea(attrs={"rows": 3})}


class TargetsForm(forms.ModelForm):
    """A new version of what the organization has set itself."""

    class Meta:
        model = Targets
        fields = (
            "effective_from", "review_days", "check_days", "acknowledgement_days", "assessment_days", "conformity_target", "soon_days", "minimum_answers",
            "satisfaction_target", "complaint_acknowledge_days", "complaint_answer_days", "complaint_close_days", "signers_required", "sign_off_days",
        )  # fmt: skip
        widgets = {"effective_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class InvitationForm(forms.ModelForm):
    """Who is invited, as what, for how long."""

    class Meta:
        model = Invitation
        fields = ("email", "role", "job_title", "valid_from", "valid_until")
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in ("valid_from", "valid_until")
        }


class EndMembershipForm(forms.Form):
    """The last day of a membership."""

    valid_until = forms.DateField(
        label=_("Last day of access"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class AcceptForm(forms.ModelForm):
    """A name and a password for a person who has no account yet."""

    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters."),
    )

    class Meta:
        model = User
        fields = ("name",)

    def clean_password(self) -> Any:
        validate_password(self.cleaned_data["password"], self.instance)
        return self.cleaned_data["password"]
