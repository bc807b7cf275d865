from __future__ import annotations

from django.urls import path

from clauses import views

app_name = "clauses"
urlpatterns = [path("", views.Overview.as_view(), name="overview")]
