from __future__ import annotations

from django.urls import path

from evidence import views

app_name = "evidence"
urlpatterns = [
    path("attach/<str:reference>/", views.Attach.as_view(), name="attach"),
    path("attachments/<int:pk>/", views.DownloadAttachment.as_view(), name="attachment"),
]
