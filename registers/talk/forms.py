"""The form of a comment."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from registers.forms import LinesField
from registers.talk.models import LENGTH


class CommentForm(forms.Form):
    """What somebody says about a record."""

    text = LinesField(
        label=_("Comment"),
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("Say something; @ and a name mentions a person")}),
        help_text=_("It is kept as it is written. @ and the name of a person mails it to them."),
    )
