"""Forms of organizations and their people."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from organizations.models import Invitation, Organization, Site, Targets, User
from organizations.roles import Role


class OrganizationForm(forms.ModelForm):
    """The form of what the organization is and how its reports look."""

    second_factor_for = forms.MultipleChoiceField(
        label=_("Second factor required of"),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who has one of these roles enters with a passkey or a code of their phone besides the password."),
    )

    class Meta:
        model = Organization
        fields = ("name", "scope_statement", "edition", "time_zone", "language", "second_factor_for")
        widgets = {"scope_statement": forms.Textarea(attrs={"rows": 3})}


class TargetsForm(forms.ModelForm):
    """The form of a new version of the targets that the organization has set itself."""

    class Meta:
        model = Targets
        fields = (
            "effective_from", "review_days", "check_days", "acknowledgement_days", "assessment_days", "conformity_target", "soon_days", "minimum_answers",
            "satisfaction_target", "complaint_acknowledge_days", "complaint_answer_days", "complaint_close_days", "signers_required", "sign_off_days",
            "isolated_below", "some_up_to",
        )  # fmt: skip
        widgets = {"effective_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class InvitationForm(forms.ModelForm):
    """The form of who is invited, as what, for how long; an auditor, to what."""

    sub_clauses = forms.MultipleChoiceField(
        label=_("Sub-clauses an auditor may see"),
        choices=[("a", _("a: requirements")), ("b", _("b: risks and opportunities")), ("c", _("c: satisfaction"))],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For auditors only. None chosen: all of them."),
    )
    sites = forms.ModelMultipleChoiceField(
        label=_("Sites an auditor may see"),
        queryset=Site.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For auditors only. None chosen: all of them, and rows that belong to no site."),
    )

    class Meta:
        model = Invitation
        fields = ("email", "role", "job_title", "valid_from", "valid_until", "reason", "sub_clauses", "sites")
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in ("valid_from", "valid_until")
        }

    def __init__(self, *args: Any, roles: Collection[Role] = tuple(Role), appoints: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["role"]
        choice.choices = [(value, label) for value, label in choice.choices if not value or value in roles]
        if not appoints:
            del self.fields["reason"]
        if Role.AUDITOR not in roles:
            del self.fields["sub_clauses"], self.fields["sites"]

    def clean_sub_clauses(self) -> str:
        # All of them and none mean the same; one way of writing it keeps an invitation to everything unlimited.
        chosen = "".join(sorted(self.cleaned_data["sub_clauses"]))
        return "" if chosen == "abc" else chosen

    def clean_sites(self) -> list[int]:
        return sorted(site.pk for site in self.cleaned_data["sites"])


class EndMembershipForm(forms.Form):
    """The form of the last day of a membership."""

    valid_until = forms.DateField(
        label=_("Last day of access"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    at_once = forms.BooleanField(
        label=_("End access at once"),
        required=False,
        help_text=_(
            "Whatever the last day says: the next page they ask for is refused, also where they are signed in."
        ),
    )


class AcceptForm(forms.ModelForm):
    """The form of name and password, for a person who has no account yet."""

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
