from __future__ import annotations

from django.urls import path

from feedback import views

app_name = "feedback"
urlpatterns = [path("satisfaction/", views.Satisfaction.as_view(), name="satisfaction")]
