from __future__ import annotations

from django.urls import path

from audits import views

app_name = "audits"
urlpatterns = [
    path("audit/samples/", views.SampleList.as_view(), name="samples"),
    path("audit/samples/new/<slug:register>/", views.DrawSample.as_view(), name="sample-draw"),
    path("audit/samples/<str:reference>/", views.SamplePage.as_view(), name="sample"),
    path("audit/samples/<str:reference>/<str:row>/", views.TracePage.as_view(), name="trace"),
    path("audit/samples/<str:reference>/<str:row>/note/", views.AddNote.as_view(), name="note"),
    path("audit/samples/<str:reference>/<str:row>/ask/", views.AskForEvidence.as_view(), name="ask"),
    path("audit/requests/", views.RequestList.as_view(), name="requests"),
    path("audit/requests/<str:reference>/", views.RequestPage.as_view(), name="request"),
    path("audit/requests/<str:reference>/answer/", views.Answer.as_view(), name="answer"),
    path("audit/requests/<str:reference>/verdict/", views.Verdict.as_view(), name="verdict"),
]
