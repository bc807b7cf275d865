from __future__ import annotations

from django.urls import path

from evidence import views

app_name = "evidence"
urlpatterns = [
    path("packs/", views.PackList.as_view(), name="packs"),
    path("packs/new/", views.RequestPack.as_view(), name="pack-request"),
    path("packs/<str:reference>/", views.PackPage.as_view(), name="pack"),
    path("packs/<str:reference>/download/", views.DownloadPack.as_view(), name="pack-download"),
    path("packs/<str:reference>/cancel/", views.CancelPack.as_view(), name="pack-cancel"),
    path("packs/<str:reference>/retry/", views.RetryPack.as_view(), name="pack-retry"),
    path("attach/<str:reference>/", views.Attach.as_view(), name="attach"),
    path("attachments/<int:pk>/", views.DownloadAttachment.as_view(), name="attachment"),
]
