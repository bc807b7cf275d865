"""The form of a comment."""

from __future__ import annotations

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from comments.models import LENGTH
from registers.forms import LinesField


class CommentForm(forms.Form):
    """What somebody says about a record."""

    text = LinesField(
        label=_("Comment"),
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("Say something; @ and a name mentions a person")}),
        help_text=_("It is kept as it is written. @ and the name of a person mails it to them."),
    )


class WatchForm(forms.Form):
    """The one button that begins or ends watching a record, and says which."""

    on = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @property
    def helper(self) -> FormHelper:
        """The layout without form tag and button: the template brings them."""
        helper = FormHelper(self)
        helper.form_tag = False
        return helper
