"""Addresses of risks' own pages."""

from __future__ import annotations

from django.urls import path

from risks import views

app_name = "risks"
urlpatterns = [
    path("risks/<str:reference>/accept/", views.AcceptRisk.as_view(), name="accept"),
    path("requirements/<str:reference>/no-significant-risk/", views.DecideNoRisk.as_view(), name="no-risk"),
]
