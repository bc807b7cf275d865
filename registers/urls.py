"""The addresses of every register's pages, made from its declaration."""

from __future__ import annotations

from django.urls import URLPattern, path

from registers import views
from registers.register import Register, registry
from registers.views import custom_fields, tagging, talking

#: name → (address below the register's, shared view)
PAGES = {
    "list": ("", views.ListRecords),
    "create": ("new/", views.CreateRecord),
    "suggest": ("suggest/", views.SuggestRecords),
    "tags": ("tags/", tagging.SuggestTags),
    "import": ("import/", views.UploadFile),
    "import-template": ("import/template.xlsx", views.ImportTemplate),
    "import-job": ("import/<int:job>/", views.ImportPage),
    "import-refused": ("import/<int:job>/refused.xlsx", views.RefusedFile),
    "import-undo": ("import/<int:job>/undo/", views.UndoImport),
    "import-mapping": ("import/<int:job>/mapping.json", views.MappingFile),
    "cells": ("cells/", views.PasteCells),
    "bulk": ("rows/", views.EditRows),
    "bulk-job": ("rows/<int:job>/", views.BulkJob),
    "menus": ("menus/", views.ListMenus),
    "view-save": ("views/new/", views.SaveView),
    "view": ("views/<int:view>/", views.ChangeView),
    "detail": ("<str:reference>/", views.RecordPage),
    "edit": ("<str:reference>/edit/", views.EditRecord),
    "cell": ("<str:reference>/cell/<str:column>/", views.EditCell),
    "history": ("<str:reference>/history/", views.RecordHistory),
    "comments": ("<str:reference>/comments/", talking.RecordComments),
    "comment": ("<str:reference>/comments/new/", talking.AddComment),
    "watch": ("<str:reference>/watch/", talking.WatchRecord),
    "archive": ("<str:reference>/archive/", views.ArchiveRecord),
    "restore": ("<str:reference>/restore/", views.RestoreRecord),
}


def register_urls(register: Register) -> list[URLPattern]:
    """The URL patterns of one register, below ``/o/<slug>/``."""
    pages = [
        path(
            f"{register.slug}/{address}",
            register.views.get(name, view).as_view(register=register),
            name=f"{register.slug}-{name}",
        )
        for name, (address, view) in PAGES.items()
    ]
    exports = path(
        f"{register.slug}/export.<export_format:format>",
        register.views.get("export", views.ExportRecords).as_view(register=register),
        name=f"{register.slug}-export",
    )
    children = [
        path(
            f"{register.slug}/<str:reference>/{child.name}/new/",
            views.ChildCreate.as_view(register=register, child=child),
            name=f"{register.slug}-{child.name}-add",
        )
        for child in register.children
        if child.form is not None
    ]
    return [exports, *pages, *children]


def urlpatterns() -> list[URLPattern]:
    """The URL patterns of all registers, custom fields, and the way to another moment."""
    moments = path("as-of/", views.GoToMoment.as_view(), name="as-of")
    fields = [
        path("fields/", custom_fields.CustomFields.as_view(), name="custom-fields"),
        path("fields/<slug:register>/new/", custom_fields.AddCustomField.as_view(), name="custom-field-new"),
        path("fields/<int:pk>/edit/", custom_fields.EditCustomField.as_view(), name="custom-field-edit"),
        path("mentions/", talking.Mentions.as_view(), name="mentions"),
        path("fields/<int:pk>/", custom_fields.ChangeCustomField.as_view(), name="custom-field-change"),
    ]
    return [moments, *fields, *(pattern for register in registry for pattern in register_urls(register))]
