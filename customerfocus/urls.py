"""Addresses: an organization's pages live below ``/o/<slug>/``."""

from __future__ import annotations

from django.urls import include, path, register_converter

from customerfocus.health import alive, ready
from registers.converters import ExportFormat

register_converter(ExportFormat, "export_format")

urlpatterns = [
    path("healthz", alive),
    path("readyz", ready),
    path("accounts/", include("allauth.urls")),
    path("", include("organizations.urls")),
    path("o/<slug:organization>/", include("trail.urls")),
    path("o/<slug:organization>/", include("clauses.urls")),
    path("o/<slug:organization>/", include("reviews.urls")),
    path("o/<slug:organization>/", include("evidence.urls")),
    path("o/<slug:organization>/", include("audits.urls")),
    path("o/<slug:organization>/", include("packs.urls")),
    path("o/<slug:organization>/", include("requirements_registry.urls")),
    path("o/<slug:organization>/", include("feedback.urls")),
    path("o/<slug:organization>/", include("risks.urls")),
    # Before the registers, whose "<reference>/" would swallow "import/".
    path("o/<slug:organization>/", include("imports.urls")),
    path("o/<slug:organization>/", include("comments.urls")),
    path("o/<slug:organization>/", include("registers.urls")),
]

handler500 = "trail.busy.error_page"
