"""The static files that are collected, and their names: of the packages from npm, only what pages load."""

from __future__ import annotations

from django.contrib.staticfiles.apps import StaticFilesConfig as DjangoStaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesConfig(DjangoStaticFilesConfig):
    """Django's app, less the files of Tabler, Inter and htmx that no page asks for.

    They would take a minute to compress.
    """

    ignore_patterns = [
        *DjangoStaticFilesConfig.ignore_patterns,
        "*.rtl*", "tabler-*", "tabler.css*", "*.js.map", "tabler*.js", "*.d.ts", "img", "libs", "ext", "inter-*-italic.woff2",
        "inter-*-opsz-*.woff2", "inter-*-standard-*.woff2", "inter-vietnamese*",
    ]  # fmt: skip


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Whitenoise's; scripts too import each other by names that change with what is in the files."""

    support_js_module_import_aggregation = True
