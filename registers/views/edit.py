"""The pages that create, change and archive a record, and add a row that belongs to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from organizations.request import OrganizationRequest
from organizations.roles import Action
from registers import services
from registers.columns import BoundColumn, Column, model_field
from registers.formatting import text_of
from registers.forms import RecordForm
from registers.models import Record
from registers.register import Child
from registers.timeline import versions_of
from registers.views.base import RecordView, RegisterView, overwritten, way_back
from trail.actor import acting


class RecordFormPage(FormView):
    """The base of the pages with a register's form."""

    template_name = "registers/form.html"
    register: Any
    request: OrganizationRequest

    def get_form_class(self) -> type[RecordForm]:
        return self.register.form

    def get_template_names(self) -> list[str]:
        opts = self.register.model._meta
        return [f"{opts.app_label}/{opts.model_name}_form.html", self.template_name]

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class CreateRecord(RegisterView, RecordFormPage):
    """The page of a new record.

    Fields can be filled in by the address: ``?requirement=REQ-0042``.
    """

    request: OrganizationRequest

    action = Action.ADD

    def get_initial(self) -> dict[str, Any]:
        return {name: value for name, value in self.request.GET.items() if name in self.register.form.base_fields}

    def form_valid(self, form: Any) -> HttpResponse:
        record = services.save_form(form, by=self.request.user)
        messages.success(self.request, _("%(reference)s is recorded.") % {"reference": record.reference})
        return HttpResponseRedirect(way_back(self.request, record))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        labels = {"title": self.register.new_label, "submit_label": _("Save"), "cancel_url": self.register.url("list")}
        return super().get_context_data(**kwargs) | labels


class EditRecord(RecordView, RecordFormPage):
    """The page that changes a record.

    Whoever saves second is shown both versions; nothing is overwritten silently.
    """

    request: OrganizationRequest

    action = Action.CHANGE

    def get_form_kwargs(self) -> dict[str, Any]:
        # Read anew: validating fills the row in, and the page shows the record as it is.
        return super().get_form_kwargs() | {"instance": self.register.model.objects.get(pk=self.record.pk)}

    def form_valid(self, form: Any) -> HttpResponse:
        if not form.changed_values:
            return HttpResponseRedirect(self.record.get_absolute_url())
        try:
            record = services.save_form(form, by=self.request.user, overwrite=overwritten(self.request))
        except services.Conflict as conflict:
            return self.render_to_response(
                self.get_context_data(form=form, conflict=self._conflict(form, conflict.current)), status=409
            )
        messages.success(self.request, _("%(reference)s is saved.") % {"reference": record.reference})
        return HttpResponseRedirect(record.get_absolute_url())

    def _conflict(self, form: Any, current: Record) -> dict[str, Any]:
        """Return who saved in the meantime, and the fields in which both differ."""
        last: Any = versions_of(current).first()
        held = {field.name for field in current._meta.get_fields()} - {"revision"}
        names = held | self.register.bound.keys()  # a form may ask more than the record holds
        fields = [self._both(form, name, current) for name in form.fields if name in names]
        return {
            "who": str(last.history_user or ""),
            "when": last.history_date,
            "revision": current.revision,
            "fields": [f for f in fields if f["yours"] != f["theirs"]],
        }

    def _both(self, form: Any, name: str, current: Record) -> dict[str, str]:
        column = self.register.bound.get(name) or BoundColumn(Column(name), model_field(type(current), name))
        return {
            "label": column.label,
            "yours": _in_words(form.cleaned_data.get(name)),
            "theirs": _in_words(column.value_of(current)),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        labels = {
            "title": _("Edit %(record)s") % {"record": self.record},
            "submit_label": _("Save"),
            "cancel_url": self.record.get_absolute_url(),
        }
        return super().get_context_data(**kwargs) | labels


def _in_words(value: object) -> str:
    return ", ".join(str(item) for item in value.all()) if hasattr(value, "all") else text_of(value)


class ReasonForm(forms.Form):
    """The reason why a record is put away or taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Auditors read it in the history."),
    )


class ArchiveRecord(RecordView, FormView):
    """The page that puts a record away, with a reason."""

    request: OrganizationRequest

    action = Action.ARCHIVE
    template_name = "registers/archive.html"
    form_class = ReasonForm
    change = staticmethod(services.archive)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            record = self.change(self.record, by=self.request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error("reason", error)
            return self.form_invalid(form)
        return HttpResponseRedirect(record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "title": _("Archive %(record)s") % {"record": self.record},
            "explanation": _("It will count for nothing from now on, and stay to be read with its history."),
            "submit_label": _("Archive"),
            "cancel_url": self.record.get_absolute_url(),
        }


class RestoreRecord(ArchiveRecord):
    """The page that takes a record back from the archive, with a reason."""

    change = staticmethod(services.restore)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        labels = {
            "title": _("Restore %(record)s") % {"record": self.record},
            "explanation": _("It will count again from now on."),
            "submit_label": _("Restore"),
        }
        return super().get_context_data(**kwargs) | labels


class ChildCreate(RecordView, RecordFormPage):
    """The page that adds a row that belongs to a record.

    Who may change the record may add it.
    """

    request: OrganizationRequest

    action = Action.CHANGE
    child: Child = None  # type: ignore[assignment]

    def get_form_class(self) -> Any:
        return self.child.form

    def get_form_kwargs(self) -> dict[str, Any]:
        if self.record.is_archived:
            raise Http404
        model: Any = self.child.form._meta.model  # type: ignore[union-attr]
        return super().get_form_kwargs() | {"instance": model(**{self.child.parent_field: self.record})}

    def form_valid(self, form: Any) -> HttpResponse:
        with acting(self.request.user):
            form.save()
        return HttpResponseRedirect(way_back(self.request, self.record))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = f"{self.child.add_label}: {self.record}"
        return super().get_context_data(**kwargs) | {
            "title": title,
            "submit_label": _("Save"),
            "cancel_url": self.record.get_absolute_url(),
        }
