from __future__ import annotations

from django.urls import path

from reviews import views

app_name = "reviews"
urlpatterns = [
    path("trail/", views.TrailPage.as_view(), name="trail"),
    path("sign-offs/", views.SignOffList.as_view(), name="sign-offs"),
    path("sign-offs/new/", views.SignPage.as_view(), name="sign"),
    path("sign-offs/<str:reference>/", views.SignOffPage.as_view(), name="sign-off"),
    path("sign-offs/<str:reference>/withdraw/", views.WithdrawPage.as_view(), name="withdraw"),
    path("sign-offs/<str:reference>/report.pdf", views.SignOffPdf.as_view(), name="sign-off-pdf"),
]
