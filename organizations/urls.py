from __future__ import annotations

from django.urls import path

from organizations import views

app_name = "organizations"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("invitations/<str:token>/", views.AcceptInvitation.as_view(), name="accept"),
    path("o/<slug:organization>/people/", views.Members.as_view(), name="members"),
    path("o/<slug:organization>/people/invite/", views.Invite.as_view(), name="invite"),
    path("o/<slug:organization>/people/<int:pk>/end/", views.EndMembership.as_view(), name="end-membership"),
    path("o/<slug:organization>/settings/", views.OrganizationSettings.as_view(), name="settings"),
    path("o/<slug:organization>/settings/targets/", views.NewTargets.as_view(), name="targets"),
]
