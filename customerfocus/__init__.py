"""Wiring of the project: settings, URLs, Celery, WSGI."""

from customerfocus.celery import app as celery_app

__all__ = ["celery_app"]
