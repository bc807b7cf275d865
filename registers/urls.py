"""The addresses of every register's pages, made from its declaration."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import URLPattern, path
from django.views import View

from registers import views
from registers.register import Register, registry
from registers.views import custom_fields, known_names, tags

#: Name of a page → its address below the register's, and the shared view.
Pages = Mapping[str, tuple[str, type[View]]]

PAGES: Pages = {
    "list": ("", views.ListRecords),
    "create": ("new/", views.CreateRecord),
    "suggest": ("suggest/", views.SuggestRecords),
    "tags": ("tags/", tags.SuggestTags),
    "export": ("export.<export_format:format>", views.ExportRecords),
    "cells": ("cells/", views.PasteCells),
    "bulk": ("rows/", views.EditRows),
    "bulk-job": ("rows/<int:job>/", views.BulkJob),
    "menus": ("menus/", views.ListMenus),
    "view-save": ("views/new/", views.SaveView),
    "view": ("views/<int:view>/", views.ChangeView),
    # After all other pages of one part, whose addresses a reference would take.
    "detail": ("<str:reference>/", views.RecordPage),
    "edit": ("<str:reference>/edit/", views.EditRecord),
    "cell": ("<str:reference>/cell/<str:column>/", views.EditCell),
    "history": ("<str:reference>/history/", views.RecordHistory),
    "archive": ("<str:reference>/archive/", views.ArchiveRecord),
    "restore": ("<str:reference>/restore/", views.RestoreRecord),
}


def pages_of_registers(pages: Pages) -> list[URLPattern]:
    """Return the URL patterns of these pages for each register, below ``/o/<slug>/``.

    A register's own view wins.
    """
    return [
        path(
            f"{register.slug}/{address}",
            register.views.get(name, view).as_view(register=register),
            name=f"{register.slug}-{name}",
        )
        for register in registry
        for name, (address, view) in pages.items()
    ]


def _pages_of_children(register: Register) -> list[URLPattern]:
    """Return the pages on which rows are added below a register's records."""
    return [
        path(
            f"{register.slug}/<str:reference>/{child.name}/new/",
            views.ChildCreate.as_view(register=register, child=child),
            name=f"{register.slug}-{child.name}-add",
        )
        for child in register.children
        if child.form is not None
    ]


urlpatterns = [
    path("as-of/", views.GoToMoment.as_view(), name="as-of"),
    path("people/names/", known_names.KnownNames.as_view(), name="known-names"),
    path("fields/", custom_fields.CustomFields.as_view(), name="custom-fields"),
    path("fields/<slug:register>/new/", custom_fields.AddCustomField.as_view(), name="custom-field-new"),
    path("fields/<int:pk>/edit/", custom_fields.EditCustomField.as_view(), name="custom-field-edit"),
    path("fields/<int:pk>/", custom_fields.ChangeCustomField.as_view(), name="custom-field-change"),
    *pages_of_registers(PAGES),
    *(page for register in registry for page in _pages_of_children(register)),
]
