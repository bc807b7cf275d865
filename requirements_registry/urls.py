"""Addresses of requirements' own pages."""

from __future__ import annotations

from django.urls import path

from requirements_registry.views import Acknowledge

app_name = "requirements_registry"
urlpatterns = [path("requirements/<str:reference>/acknowledge/", Acknowledge.as_view(), name="acknowledge")]
