from __future__ import annotations

from django.urls import path

from feedback.views import satisfaction

app_name = "feedback"
urlpatterns = [path("satisfaction/", satisfaction.Satisfaction.as_view(), name="satisfaction")]
