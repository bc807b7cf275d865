from __future__ import annotations

from django.urls import path

from clauses import views
from clauses.mend import MendRow

app_name = "clauses"
urlpatterns = [
    path("", views.Overview.as_view(), name="overview"),
    path("statements/<str:code>/<str:reference>/", MendRow.as_view(), name="mend"),
]
