"""The forms of an import: the file, how it is read, its columns."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imports.mapping import ImportMapping
from imports.new_fields import choices as new_field_choices
from imports.sources import MappingError, Source
from registers.parsing.targets import Target, targets_of
from registers.register import Register

_ENCODINGS = (
    "utf-8",
    "windows-1252",
    "iso-8859-15",
    "utf-16",
    "mac_roman",
    "cp850",
    "cp1250",
    "cp1251",
    "cp1253",
    "shift_jis",
    "gb18030",
)
_MOST_MAPPING_BYTES = 1024 * 1024
#: Before the kind, where a column becomes a field.
_NEW = "new-"


def helper(*layout: Any) -> FormHelper:
    """Return how a form of an import is laid out: several share one form tag."""
    made = FormHelper()
    made.form_tag = False
    # The template has the form tag and its token; some forms share one.
    made.disable_csrf = True
    if layout:
        made.layout = Layout(*layout)
    return made


class UploadForm(forms.Form):
    """A file, and a mapping kept from an earlier import."""

    file = forms.FileField(label=gettext_lazy("File"))
    mapping = forms.FileField(
        label=gettext_lazy("Mapping"),
        required=False,
        help_text=gettext_lazy("A JSON file that says which column is what, if you have one from an earlier import."),
    )

    def __init__(self, *args: Any, register: Register, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._register = register
        limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
        self.fields["file"].help_text = _("A table as CSV, XLSX, XLS, XLSB or ODS, up to %(limit)s MiB.") % {
            "limit": limit
        }
        summary = format_html(
            '<details class="cf-details"><summary>{}</summary>', _("Use a mapping from an earlier import")
        )
        self.helper = helper("file", HTML(summary), "mapping", HTML("</details>"))

    def clean_mapping(self) -> ImportMapping:
        given = self.cleaned_data["mapping"]
        if given is None:
            return ImportMapping()
        if given.size > _MOST_MAPPING_BYTES:
            raise ValidationError(_("This is too large for a mapping."))
        try:
            return ImportMapping.read(json.loads(given.read().decode("utf-8-sig")), targets_of(self._register))
        # JSON that is nested deeply enough ends in a RecursionError.
        except (ValueError, RecursionError) as error:
            raise ValidationError(_("This is not JSON: %(reason)s") % {"reason": error}) from error
        except MappingError as error:
            raise ValidationError(error.messages) from error


class FilesInput(forms.ClearableFileInput):
    """A control that takes several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; each passes the checks of a single one."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        if not data:
            raise ValidationError(self.error_messages["required"], code="required")
        return [super(FilesField, self).clean(each, initial) for each in data]


class FilesForm(forms.Form):
    """Several files at once, each for the register that is proposed for it."""

    tables = FilesField(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy(
            "Several tables at once, as CSV, XLSX, XLS, XLSB or ODS; drop them here or choose them."
        ),
    )


class ReadingForm(forms.Form):
    """How to read the file where it isn't as it was taken."""

    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"), required=False)
    header_row = forms.IntegerField(
        label=gettext_lazy("Header in row"), required=False, min_value=1, max_value=1_000_000
    )
    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), required=False)
    delimiter = forms.ChoiceField(
        label=gettext_lazy("Separator"),
        required=False,
        choices=[
            ("", gettext_lazy("as found")),
            (",", gettext_lazy("comma")),
            (";", gettext_lazy("semicolon")),
            ("tab", gettext_lazy("tab")),
            ("|", gettext_lazy("pipe")),
        ],
    )
    every_row = forms.BooleanField(
        label=gettext_lazy("Take names of groups, totals and notes below the table as rows too"), required=False
    )

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        found: Mapping[str, Any],
        mapping: ImportMapping,
        targets: Mapping[str, Target],
    ) -> None:
        super().__init__(data, initial=dict(mapping.reading))
        sheets = [sheet["name"] for sheet in found.get("sheets", ())]
        as_found = ("", _("as found"))
        self.fields["sheet"].choices = [as_found, *((name, name) for name in sheets)]  # type: ignore[attr-defined]
        encodings = dict.fromkeys([*_ENCODINGS, *filter(None, [mapping.reading.get("encoding")])])
        self.fields["encoding"].choices = [as_found, *((name, name) for name in encodings)]  # type: ignore[attr-defined]
        self.initial["delimiter"] = {"\t": "tab"}.get(delimiter := mapping.reading.get("delimiter", ""), delimiter)
        for name in ("encoding", "delimiter") if found.get("format", "csv") != "csv" else ("sheet",):
            del self.fields[name]
        self._ask("dates", found, mapping.dates, targets, _("Dates of “%(field)s”"), [
            ("dmy", _("day first: 31.12.2026")),
            ("mdy", _("month first: 12/31/2026")),
            ("sign", _("day first between points, else month first: 31.12.2026, 12/31/2026")),
        ])  # fmt: skip
        self._ask("numbers", found, mapping.numbers, targets, _("Numbers of “%(field)s”"), [
            ("comma", _("decimals after a comma: 1.234,56")),
            ("point", _("decimals after a point: 1,234.56")),
        ])  # fmt: skip
        self.helper = helper()

    def _ask(
        self,
        what: str,
        found: Mapping[str, Any],
        said: Mapping[str, str],
        targets: Mapping[str, Target],
        label: str,
        choices: list[tuple[str, str]],
    ) -> None:
        """Ask about each column whose dates or numbers can be read in two ways, or were."""
        for name, style in found.get(what, {}).items():
            if name in targets and (style["open"] or name in said):
                self.fields[f"{what}-{name}"] = forms.ChoiceField(
                    label=label % {"field": targets[name].label},
                    required=False,
                    initial=said.get(name, ""),
                    choices=[("", style["label"]), *choices],
                )

    @property
    def reading(self) -> dict[str, Any]:
        """What a person has said about how to read the file."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if "-" not in name and value not in ("", None, False)
        }

    def said(self, what: str) -> dict[str, str]:
        """Return fields with what a person has said about their ``dates`` or ``numbers``."""
        return {
            name.removeprefix(f"{what}-"): value
            for name, value in self.cleaned_data.items()
            if name.startswith(f"{what}-") and value
        }


class ColumnsForm(forms.Form):
    """For each column of the file, the field it fills."""

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        found: Mapping[str, Any],
        complete: ImportMapping,
        targets: Mapping[str, Target],
        kept: bool,
        adding: Collection[str],
        may_add_fields: bool,
    ) -> None:
        super().__init__(data)
        new = [new_field_choices()] if may_add_fields else []
        self._headers: list[str] = found.get("headers", [])
        self._samples: list[str] = found.get("samples", [])
        fills = {header: name for name, source in complete.fields.items() if source for header in source.headers}
        nothing = _("– kept as text –") if kept else _("– not imported –")
        fields = [(name, f"{target.label} *" if target.required else target.label) for name, target in targets.items()]
        self._adding, self._questions = frozenset(adding), complete.questions or {}
        for place, header in enumerate(self._headers):
            unfilled = ("", _("– what is added –") if header in self._adding else nothing)
            if header in self._questions:
                unfilled = ("", _("– a question –"))
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=header, required=False, initial=fills.get(header, ""), choices=[unfilled, *fields, *new]
            )

    def lines(self) -> list[dict[str, Any]]:
        """Return a line a column: header, sample, field."""
        fields = [self[f"column-{place}"] for place in range(len(self._headers))]
        samples = self._samples or [""] * len(self._headers)
        return [
            {
                "header": h,
                "sample": s,
                "field": f,
                "known": bool(f.value()) or h in self._adding or h in self._questions,
            }
            for h, s, f in zip(self._headers, samples, fields, strict=True)
        ]

    def sources(self, before: ImportMapping) -> dict[str, Source]:
        """Return the columns that fill each field, in the file's order.

        Columns that fill several fields keep doing so where nobody changed them.
        """
        chosen: dict[str, list[str]] = {}
        for place, header in enumerate(self._headers):
            name = self.cleaned_data[f"column-{place}"]
            if name and not name.startswith(_NEW):
                chosen.setdefault(name, []).append(header)
        changed = {self._headers[int(name.partition("-")[2])] for name in self.changed_data}
        kept = {
            name: source
            for name, source in before.fields.items()
            if source and source.headers and not changed & {*source.headers, *chosen.get(name, ())}
        }
        return {name: Source(tuple(headers)) for name, headers in chosen.items()} | kept

    def new_fields(self) -> list[tuple[str, str]]:
        """Return the columns that are to become fields, each a header and the kind that was chosen."""
        chosen = ((header, self.cleaned_data[f"column-{place}"]) for place, header in enumerate(self._headers))
        return [(header, name.removeprefix(_NEW)) for header, name in chosen if name.startswith(_NEW)]
