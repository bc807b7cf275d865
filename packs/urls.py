from __future__ import annotations

from django.urls import path

from packs import views

app_name = "packs"
urlpatterns = [
    path("packs/", views.PackList.as_view(), name="list"),
    path("packs/new/", views.RequestPack.as_view(), name="request"),
    path("packs/<str:reference>/", views.PackPage.as_view(), name="pack"),
    path("packs/<str:reference>/download/", views.DownloadPack.as_view(), name="download"),
    path("packs/<str:reference>/cancel/", views.CancelPack.as_view(), name="cancel"),
    path("packs/<str:reference>/retry/", views.RetryPack.as_view(), name="retry"),
]
