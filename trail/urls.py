from __future__ import annotations

from django.urls import path

from trail import views

app_name = "trail"
urlpatterns = [
    path("settings/heads/", views.Heads.as_view(), name="heads"),
    path("settings/heads/<int:pk>/end/", views.EndHeads.as_view(), name="end-heads"),
]
