from __future__ import annotations

from django.urls import path

from evidence.bench import views as bench
from evidence.views import attachments, packs

app_name = "evidence"
urlpatterns = [
    path("packs/", packs.PackList.as_view(), name="packs"),
    path("packs/new/", packs.RequestPack.as_view(), name="pack-request"),
    path("packs/<str:reference>/", packs.PackPage.as_view(), name="pack"),
    path("packs/<str:reference>/download/", packs.DownloadPack.as_view(), name="pack-download"),
    path("packs/<str:reference>/cancel/", packs.CancelPack.as_view(), name="pack-cancel"),
    path("packs/<str:reference>/retry/", packs.RetryPack.as_view(), name="pack-retry"),
    path("audit/samples/", bench.SampleList.as_view(), name="samples"),
    path("audit/samples/new/<slug:register>/", bench.DrawSample.as_view(), name="sample-draw"),
    path("audit/samples/<str:reference>/", bench.SamplePage.as_view(), name="sample"),
    path("audit/samples/<str:reference>/<str:row>/", bench.TracePage.as_view(), name="trace"),
    path("audit/samples/<str:reference>/<str:row>/note/", bench.AddNote.as_view(), name="note"),
    path("audit/samples/<str:reference>/<str:row>/ask/", bench.AskForEvidence.as_view(), name="ask"),
    path("audit/requests/", bench.RequestList.as_view(), name="requests"),
    path("audit/requests/<str:reference>/", bench.RequestPage.as_view(), name="request"),
    path("audit/requests/<str:reference>/answer/", bench.Answer.as_view(), name="answer"),
    path("audit/requests/<str:reference>/verdict/", bench.Verdict.as_view(), name="verdict"),
    path("attach/<str:reference>/", attachments.Attach.as_view(), name="attach"),
    path("attachments/<int:pk>/", attachments.DownloadAttachment.as_view(), name="attachment"),
]
