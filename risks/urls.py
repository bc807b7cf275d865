"""Addresses of risks' own pages."""

from __future__ import annotations

from django.urls import path

from risks import views
from risks.registers import opportunities, risks

app_name = "risks"
urlpatterns = [
    path("heat-map/", views.HeatMap.as_view(register=risks), name="heat-map"),
    path("heat-map/opportunities/", views.HeatMap.as_view(register=opportunities), name="opportunity-map"),
    path("scale/", views.ScaleVersions.as_view(), name="scale"),
    path("scale/new/", views.NewScale.as_view(), name="new-scale"),
    path("risks/<str:reference>/accept/", views.AcceptRisk.as_view(), name="accept"),
    path("requirements/<str:reference>/no-significant-risk/", views.DecideNoRisk.as_view(), name="no-risk"),
]
