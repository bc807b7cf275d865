"""The page on which an organization adds fields to its registers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView, TemplateView

from organizations.access import OrganizationView
from organizations.request import OrganizationRequest
from organizations.roles import CUSTOM_FIELDS, Action
from organizations.scope import current_organization
from registers.custom_fields import services
from registers.custom_fields.forms import CustomFieldForm
from registers.custom_fields.models import CustomField, definitions
from registers.register import Register, registry


def page_url() -> str:
    """Return the address of the page that shows all custom fields."""
    return reverse("custom-fields", args=[current_organization().slug])


class CustomFields(OrganizationView, TemplateView):
    """The custom fields of every register, retired ones too."""

    request: OrganizationRequest

    action, subject = Action.VIEW, CUSTOM_FIELDS
    template_name = "registers/custom_fields.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = [(register, definitions(register.slug)) for register in registry]
        return super().get_context_data(**kwargs) | {
            "registers": [
                {
                    "register": register,
                    "used": [definition for definition in fields if not definition.is_retired],
                    "retired": [definition for definition in fields if definition.is_retired],
                }
                for register, fields in found
                if fields
            ],
            "without": [register for register, fields in found if not fields],
        }


class CustomFieldPage(OrganizationView, FormView):
    """The base of the pages that add and change a field."""

    action, subject = Action.CHANGE, CUSTOM_FIELDS
    form_class = CustomFieldForm
    template_name = "registers/form.html"
    request: OrganizationRequest
    kwargs: dict[str, Any]
    title = submit_label = said = ""
    save: Callable[..., CustomField]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"back_label": _("Custom fields"), "cancel_url": page_url()}

    def form_valid(self, form: Any) -> HttpResponse:
        definition = self.save(form.instance, by=self.request.user)
        messages.success(self.request, self.said % {"name": definition.label})
        return HttpResponseRedirect(page_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class AddCustomField(CustomFieldPage):
    """The page that adds a field to a register."""

    save = staticmethod(services.add_field)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": CustomField(register=self.register.slug)}

    @property
    def register(self) -> Register:
        """The register in the address; 404 where there is none."""
        if register := registry.get(self.kwargs["register"]):
            return register
        raise Http404

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = _("Add a field: %(register)s") % {"register": self.register.title}
        return super().get_context_data(**kwargs) | {
            "title": title,
            "explanation": _("It is empty in every row at first. Its kind stays as you choose it now."),
            "submit_label": _("Add the field"),
        }

    @property
    def said(self) -> str:  # type: ignore[override]
        return _("“%(name)s” is a field now.")


class EditCustomField(CustomFieldPage):
    """The page that changes a field's name, explanation or choices."""

    save = staticmethod(services.save_field)

    @cached_property
    def definition(self) -> CustomField:
        """The field that the page is about."""
        found: CustomField = get_object_or_404(CustomField.objects, pk=self.kwargs["pk"])
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.definition}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = self.definition.get_kind_display()
        return super().get_context_data(**kwargs) | {
            # Read anew: a form that isn't valid has put its own label into the definition.
            "title": _("Edit the field “%(name)s”") % {"name": CustomField.objects.get(pk=self.definition.pk).label},
            "explanation": _("Kind: %(kind)s. What is renamed is renamed everywhere; values stay.") % {"kind": kind},
            "submit_label": _("Save"),
        }

    @property
    def said(self) -> str:  # type: ignore[override]
        return _("“%(name)s” is saved.")


class ChangeCustomField(OrganizationView, View):
    """The buttons that move a field, retire it, or take it into use again."""

    action, subject = Action.CHANGE, CUSTOM_FIELDS
    http_method_names = ["post"]

    def post(self, request: OrganizationRequest, organization: str, pk: int) -> HttpResponse:
        definition = get_object_or_404(CustomField.objects, pk=pk)
        match request.POST.get("do"):
            case "up" | "down" as way if not definition.is_retired:
                services.move_field(definition, up=way == "up", by=request.user)
            case "retire" if not definition.is_retired:
                services.retire_field(definition, by=request.user)
                said = _("“%(name)s” is retired. Its values stay in the rows.")
                messages.success(request, said % {"name": definition.label})
            case "restore" if definition.is_retired:
                services.restore_field(definition, by=request.user)
                messages.success(request, _("“%(name)s” is in use again.") % {"name": definition.label})
        return HttpResponseRedirect(page_url())
