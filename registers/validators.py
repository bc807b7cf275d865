"""Rules for single values of any register."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from organizations.scope import current_organization


def not_in_future(day: date) -> None:
    """Refuse a day that hasn't come yet where the organization is.

    What was done was done by now.
    """
    today = current_organization().today()
    if day > today:
        raise ValidationError(
            _("%(day)s lies in the future; today is %(today)s.")
            % {"day": f"{day:%Y-%m-%d}", "today": f"{today:%Y-%m-%d}"}
        )
