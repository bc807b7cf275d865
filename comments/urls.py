"""The addresses of mentions, and of the comments and watchers of every register's records."""

from __future__ import annotations

from django.urls import path

from comments import views
from registers.urls import pages_of_registers

urlpatterns = [
    path("mentions/", views.Mentions.as_view(), name="mentions"),
    *pages_of_registers(
        {
            "comments": ("<str:reference>/comments/", views.RecordComments),
            "comment": ("<str:reference>/comments/new/", views.AddComment),
            "watch": ("<str:reference>/watch/", views.WatchRecord),
        }
    ),
]
