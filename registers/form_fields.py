"""Form fields that take a record by its reference or name, however many records there are."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations.scope import current_organization
from registers.models import Record

_REFERENCE = re.compile(r"\s*([A-Za-z]+-\d+)\b")


class RecordInput(forms.TextInput):
    """A text box with suggestions; without JavaScript one types the reference."""

    template_name = "registers/widgets/record_input.html"
    many = False

    def __init__(self, model: type[Record], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"autocomplete": "off", **(attrs or {})})
        self.model = model

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["suggest_url"] = reverse(
            f"{self.model.register_slug}-suggest", args=[current_organization().slug]
        )
        context["widget"]["many"] = self.many
        return context


class TagsInput(forms.TextInput):
    """A text box for tags, with those in use in a register as suggestions.

    Without JavaScript one types them.
    """

    template_name = RecordInput.template_name

    def __init__(self, model: type[Record]) -> None:
        super().__init__(attrs={"autocomplete": "off"})
        self.model = model

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        url = reverse(f"{self.model.register_slug}-tags", args=[current_organization().slug])
        context["widget"]["suggest_url"] = url
        return context


class RecordsInput(RecordInput):
    """A text box for several references."""

    many = True


class RecordField(forms.ModelChoiceField):
    """One record, given as ``REQ-0042``, ``REQ-0042 Title``, its external id or its exact title."""

    def __init__(self, model: type[Record], **options: Any) -> None:
        options.setdefault("widget", RecordInput(model))
        options.pop("queryset", None)
        super().__init__(model.objects.all(), **options)
        self.model = model

    def prepare_value(self, value: object) -> Any:
        if isinstance(value, int):
            value = self.model.objects.filter(pk=value).first() or ""
        return str(value) if isinstance(value, Record) else value

    def to_python(self, value: object) -> Record | None:
        if value in self.empty_values:
            return None
        return value if isinstance(value, Record) else find_record(self.model, str(value))


class RecordsField(forms.ModelMultipleChoiceField):
    """Several records, as references or external ids separated by commas or spaces."""

    def __init__(self, model: type[Record], **options: Any) -> None:
        options.setdefault("widget", RecordsInput(model))
        options.pop("queryset", None)
        super().__init__(model.objects.all(), **options)
        self.model = model

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        items = list(value)
        if items and not isinstance(items[0], Record):
            items = list(self.model.objects.filter(pk__in=items))
        return ", ".join(item.reference for item in items)

    def clean(self, value: object) -> Any:
        # A zero character separates too: PostgreSQL refuses to look for it.
        named = [part for part in re.split(r"[\s,;\x00]+", str(value or "")) if part]
        references = [part.upper() for part in named]
        if self.required and not references:
            raise ValidationError(self.error_messages["required"], code="required")
        rows: Any = self.model.objects.visible()  # type: ignore[attr-defined]
        by_id = dict(rows.current().known_by("external_id", named).values_list("external_id", "reference"))
        found = rows.filter(reference__in=[*references, *by_id.values()])
        known = {*by_id, *(record.reference for record in found)}
        missing = sorted(part for part in named if part not in known and part.upper() not in known)
        if missing:
            raise ValidationError(_("There is no row %(missing)s here. Write references like %(prefix)s-0001, separated by commas.")
                                  % {"missing": ", ".join(missing), "prefix": self.model.prefix})  # fmt: skip
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (self.prepare_value(initial) or "") != (data or "")


def find_record(model: type[Record], text: str) -> Record:
    """Return the record that a person means.

    Raises:
        ValidationError: none, or several with that title.
    """
    text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")  # no row has it, and PostgreSQL refuses to look for it
    rows: Any = model.objects.visible()  # type: ignore[attr-defined]
    if (match := _REFERENCE.match(text)) and (record := rows.filter(reference=match[1].upper()).first()):
        return record  # type: ignore[no-any-return]
    if record := rows.current().known_by("external_id", [text.strip()]).first():
        return record  # type: ignore[no-any-return]
    found = list(rows.filter(**{f"{model.title_field}__iexact": text.strip()}, archived_at=None)[:2])
    if len(found) == 1:
        return found[0]  # type: ignore[no-any-return]
    message = (
        _("Several rows are called “%(text)s”: write the reference.")
        if found
        else _("There is no row “%(text)s”: write a reference like %(prefix)s-0001 or the exact name.")
    )
    raise ValidationError(message % {"text": text[:80], "prefix": model.prefix})
