"""Forms of the trail."""

from __future__ import annotations

from typing import Any

from django import forms

from organizations.scope import current_organization
from trail.models import HeadRecipient


class HeadRecipientForm(forms.ModelForm):
    """Somebody outside who is to keep signed heads."""

    class Meta:
        model = HeadRecipient
        fields = ("name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organization = current_organization()

    def clean_email(self) -> str:
        """Addresses are compared in small letters."""
        return str(self.cleaned_data["email"]).lower()

    def _get_validation_exclusions(self) -> set[str]:
        """An address is looked for among those of the organization, which is no field of the form."""
        return super()._get_validation_exclusions() - {"organization", "ended_at"}  # type: ignore[misc]
