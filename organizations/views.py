"""Pages that choose an organization, and those of its settings, people and invitations."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, UpdateView

from organizations import appointments, services
from organizations.access import OrganizationView, entrances
from organizations.forms import AcceptForm, EndMembershipForm, InvitationForm, OrganizationForm, TargetsForm
from organizations.models import Invitation, Membership, Organization, Site, Targets, User
from organizations.request import OrganizationRequest
from organizations.roles import MEMBERS, SETTINGS, Action, Role, given_by


class Home(TemplateView):
    """The page after log-in: the person's organization, or a choice where they have several."""

    template_name = "organizations/switch.html"
    request: OrganizationRequest

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        choices = entrances(Membership.objects.held_by(self.request.user))
        return (
            redirect(choices[0].url)
            if len(choices) == 1
            else self.render_to_response(self.get_context_data(choices=choices))
        )


class OrganizationSettings(OrganizationView, UpdateView):
    """The settings of the organization."""

    action, subject = Action.CHANGE, SETTINGS
    form_class = OrganizationForm
    template_name = "organizations/settings.html"
    request: OrganizationRequest

    def get_object(self, queryset: Any = None) -> Organization:
        # A copy: what is typed in wrongly must not become the organization that the page is shown in.
        return Organization.objects.get(pk=self.request.organization.pk)

    def form_valid(self, form: Any) -> HttpResponse:
        form.save()
        messages.success(self.request, _("Settings are saved."))
        return redirect("organizations:settings", self.request.organization.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = self.request.organization.today()
        return super().get_context_data(**kwargs) | {
            "targets": Targets.objects.all(),
            "in_force": Targets.objects.in_force(today),
        }


class NewTargets(OrganizationView, FormView):
    """The page that sets a new version of the targets.

    Earlier versions stay, to judge earlier days by.
    """

    action, subject = Action.CHANGE, SETTINGS
    form_class = TargetsForm
    template_name = "organizations/targets.html"
    request: OrganizationRequest

    def get_form_kwargs(self) -> dict[str, Any]:
        today = self.request.organization.today()
        version = Targets.objects.in_force(today)
        # The form begins with the targets in force, and saves them as a row of its own.
        version.pk, version.effective_from = None, today
        version._state.adding = True
        return super().get_form_kwargs() | {"instance": version}

    def form_valid(self, form: Any) -> HttpResponse:
        day = form.cleaned_data["effective_from"]
        if day < self.request.organization.today():
            # Days that have gone by, and targets that complaints of then were given, would be judged anew.
            form.add_error(
                "effective_from",
                _("This day has gone by, and was judged by other targets. Choose today or a later day."),
            )
        elif Targets.objects.filter(effective_from=day).exists():
            form.add_error("effective_from", _("A version from this day exists. Choose a later day."))
        if form.errors:
            return self.form_invalid(form)
        form.save()
        messages.success(
            self.request, _("The targets are in force from %(day)s.") % {"day": form.instance.effective_from}
        )
        return redirect("organizations:settings", self.request.organization.slug)


class Members(OrganizationView, TemplateView):
    """The people in the organization, as what, until when; and those who have been invited."""

    action, subject = Action.VIEW, MEMBERS
    template_name = "organizations/members.html"
    request: OrganizationRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = self.request.organization
        names = dict(Site.objects.values_list("pk", "name"))
        memberships = Membership.objects.filter(organization=organization).select_related("user", "given_by")
        invitations = Invitation.objects.open().filter(organization=organization)
        return super().get_context_data(**kwargs) | {
            "memberships_list": [(membership, membership.reach_in_words(names)) for membership in memberships],
            "invitations": [(invitation, invitation.reach_in_words(names)) for invitation in invitations],
            "today": organization.today(),
            "given": given_by(self.request.memberships),
        }


class Invite(OrganizationView, FormView):
    """The page that invites a person by mail."""

    action, subject = Action.ADD, MEMBERS
    form_class = InvitationForm
    template_name = "organizations/invite.html"
    request: OrganizationRequest

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": self.request.organization.today()}

    def get_form_kwargs(self) -> dict[str, Any]:
        offered = appointments.offered_by(self.request.memberships, self.request.organization)
        appoints = Role.TOP_MANAGEMENT in set(offered) - given_by(self.request.memberships)
        return super().get_form_kwargs() | {"roles": offered, "appoints": appoints}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            invitation = services.invite(
                form.save(commit=False), organization=self.request.organization, by=self.request.user
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(self.request, _("The invitation goes to %(email)s.") % {"email": invitation.email})
        return redirect("organizations:members", self.request.organization.slug)


class EndMembership(OrganizationView, FormView):
    """The page that lets a membership end on a day, or at once."""

    action, subject = Action.CHANGE, MEMBERS
    form_class = EndMembershipForm
    template_name = "organizations/end_membership.html"
    request: OrganizationRequest
    kwargs: dict[str, Any]

    @property
    def membership(self) -> Membership:
        return get_object_or_404(Membership, pk=self.kwargs["pk"], organization=self.request.organization)

    def get_initial(self) -> dict[str, Any]:
        return {"valid_until": self.request.organization.today()}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            services.end_membership(
                self.membership,
                last_day=form.cleaned_data["valid_until"],
                by=self.request.user,
                at_once=form.cleaned_data["at_once"],
            )
        except ValidationError as error:
            form.add_error("valid_until", error.messages)
            return self.form_invalid(form)
        return redirect("organizations:members", self.request.organization.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(membership=self.membership, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class AcceptInvitation(FormView):
    """The page of an invitation's link: takes up the role one was invited to.

    A person without an account chooses name and password.
    """

    form_class = AcceptForm
    template_name = "organizations/accept.html"
    request: OrganizationRequest
    kwargs: dict[str, Any]

    @property
    def invitation(self) -> Invitation:
        if (invitation := services.find_invitation(self.kwargs["token"])) is None:
            raise Http404
        return invitation

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        invitation = self.invitation
        is_known = services.has_account(invitation.email)
        is_me = self.request.user.is_authenticated and self.request.user.email == invitation.email
        login_url = f"{reverse('account_login')}?next={self.request.path}"
        return super().get_context_data(
            invitation=invitation, is_known=is_known, is_me=is_me, login_url=login_url, **kwargs
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        invitation = self.invitation
        if self.request.user.is_authenticated and self.request.user.email == invitation.email:
            return self._accept(invitation, self.request.user)
        if services.has_account(invitation.email):
            return redirect(f"{reverse('account_login')}?next={self.request.path}")
        return super().post(self.request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        invitation = self.invitation
        name, password = form.cleaned_data["name"], form.cleaned_data["password"]
        user = services.take_up_account(invitation.email, name=name, password=password)
        login(self.request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return self._accept(invitation, user)

    def _accept(self, invitation: Invitation, user: User) -> HttpResponse:
        try:
            services.accept(invitation, by=user)
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
        return redirect("organizations:home")
