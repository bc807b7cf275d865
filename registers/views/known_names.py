"""The page of the names in an organization's tables, and whom they mean."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from organizations.access import OrganizationView
from organizations.members import members
from organizations.request import OrganizationRequest
from organizations.roles import KNOWN_NAMES, Action
from registers.known_names import services
from registers.known_names.models import NAME_LENGTH, KnownName, folded_name


class KnownNameForm(forms.Form):
    """A name, and whom it means."""

    text = forms.CharField(
        label=gettext_lazy("Name as it stands in your tables"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("A name, initials, or a function that a person has, such as QMB."),
    )
    person = forms.ModelChoiceField(
        label=gettext_lazy("Stands for"),
        queryset=members(),
        required=False,
        empty_label=gettext_lazy("nobody: its cells are left empty"),
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not folded_name(text):
            raise forms.ValidationError(_("Write a name with letters in it."))
        return text


class KnownNames(OrganizationView, FormView):
    """The names that are known; one can be added, changed and forgotten."""

    action, subject = Action.CHANGE, KNOWN_NAMES
    form_class = KnownNameForm
    template_name = "registers/known_names.html"
    request: OrganizationRequest

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        if "forget" not in request.POST:
            return super().post(request, *args, **kwargs)
        name = get_object_or_404(
            KnownName.objects, pk=request.POST.get("forget") if request.POST["forget"].isdecimal() else 0
        )
        services.forget(name, by=request.user)
        messages.success(
            request, _("“%(name)s” is forgotten: the next import asks whom it means.") % {"name": name.text}
        )
        return self._back()

    def form_valid(self, form: Any) -> HttpResponse:
        text, person = form.cleaned_data["text"], form.cleaned_data["person"]
        services.learn({text: person and person.pk}, by=self.request.user)
        said = _("“%(name)s” stands for %(person)s.") if person else _("“%(name)s” stands for nobody.")
        messages.success(self.request, said % {"name": text, "person": person})
        return self._back()

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = KnownName.objects.select_related("person")
        return super().get_context_data(**kwargs) | {"names": names, "people": list(members())}

    def _back(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("known-names", args=[self.request.organization.slug]))
