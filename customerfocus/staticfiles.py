"""The static files that are collected: of the packages from npm, only what pages load."""

from __future__ import annotations

from django.contrib.staticfiles.apps import StaticFilesConfig as DjangoStaticFilesConfig


class StaticFilesConfig(DjangoStaticFilesConfig):
    """Django's app, less the files of Tabler and Inter that no page asks for.

    They would take a minute to compress.
    """

    ignore_patterns = [
        *DjangoStaticFilesConfig.ignore_patterns,
        "*.rtl*", "tabler-*", "tabler.css*", "*.js.map", "tabler*.js", "*.d.ts", "img", "libs", "inter-*-italic.woff2",
        "inter-*-opsz-*.woff2", "inter-*-standard-*.woff2", "inter-vietnamese*",
    ]  # fmt: skip
