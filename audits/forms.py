"""Forms of the auditor's bench."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.utils.translation import gettext_lazy as _

from audits.models import AuditNote, EvidenceRequest, Reply, Sample
from audits.population import strata
from evidence.models import Attachment
from registers.register import Register


class SampleForm(forms.ModelForm):
    """A form that asks how rows are drawn from a register's list."""

    stratified_by = forms.ChoiceField(
        label=_("Grouped by"), required=False, help_text=_("For a stratified sample: the column whose values are the groups.")
    )  # fmt: skip

    class Meta:
        model = Sample
        fields = ("purpose", "method", "stratified_by", "size", "seed")

    def __init__(self, *args: Any, register: Register, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(column.name, column.label) for column in strata(register)]
        self.fields["stratified_by"].choices = [("", "–"), *groups]  # type: ignore[attr-defined]

    @property
    def helper(self) -> FormHelper:
        """Crispy's layout; the template brings the form tag and buttons."""
        helper = FormHelper(self)
        helper.form_tag = False
        rows = (Row(Column("method"), Column("stratified_by")), Row(Column("size"), Column("seed")))
        helper.layout = Layout("purpose", *rows)
        return helper


class Beside(forms.ModelForm):
    """A form that stands on one page with others: the ids of its fields are its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"{type(self).__name__}-%s"


class NoteForm(Beside):
    """A form for what an auditor found of a row."""

    class Meta:
        model = AuditNote
        fields = ("finding", "text")
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}


class AskForm(Beside):
    """A form for what an auditor wants to see of a row."""

    class Meta:
        model = EvidenceRequest
        fields = ("text", "needed_by")
        widgets = {
            "text": forms.Textarea(attrs={"rows": 3}),
            "needed_by": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }


class AnswerForm(forms.ModelForm):
    """The quality manager's answer, with a file that the row has or gets."""

    upload = forms.FileField(label=_("New file"), required=False, help_text=_("It is attached to the row."))

    class Meta:
        model = Reply
        fields = ("text", "attachment")
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, subject: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An acceptance has no words, so the model asks for none; an answer does.
        self.fields["text"].required = True
        self.fields["attachment"].queryset = Attachment.objects.filter(subject=subject)  # type: ignore[attr-defined]


class VerdictForm(forms.ModelForm):
    """A form for the auditor's word on an answer."""

    class Meta:
        model = Reply
        fields = ("text",)
        labels = {"text": _("What is missing")}
        help_texts = {"text": _("Needed where the answer isn't enough.")}
        widgets = {"text": forms.Textarea(attrs={"rows": 2})}
