from __future__ import annotations

from django.urls import path

from reviews.views import decide, sign_off, trail

app_name = "reviews"
urlpatterns = [
    path("trail/", trail.TrailPage.as_view(), name="trail"),
    path("gaps/<str:code>/decide/", decide.DecidePage.as_view(), name="decide"),
    path("sign-offs/", sign_off.SignOffList.as_view(), name="sign-offs"),
    path("sign-offs/new/", sign_off.SignPage.as_view(), name="sign"),
    path("sign-offs/<str:reference>/", sign_off.SignOffPage.as_view(), name="sign-off"),
    path("sign-offs/<str:reference>/withdraw/", sign_off.WithdrawPage.as_view(), name="withdraw"),
    path("sign-offs/<str:reference>/report.pdf", sign_off.SignOffPdf.as_view(), name="sign-off-pdf"),
]
