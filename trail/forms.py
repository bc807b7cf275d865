"""Forms of the trail."""

from __future__ import annotations

from typing import Any

from django import forms

from organizations.scope import current_organization
from trail.models import HeadRecipient


class HeadRecipientForm(forms.ModelForm):
    """The form that names somebody outside who is to keep signed heads."""

    class Meta:
        model = HeadRecipient
        fields = ("name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organization = current_organization()

    def clean_email(self) -> str:
        """Return the address in small letters, in which addresses are compared."""
        return str(self.cleaned_data["email"]).lower()

    def _get_validation_exclusions(self) -> set[str]:
        """Keep the two fields of the constraint "once an address" that are no fields of the form.

        Without them Django would leave the constraint out, and the database would refuse what the form let pass.
        """
        return super()._get_validation_exclusions() - {"organization", "ended_at"}  # type: ignore[misc]
