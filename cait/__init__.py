"""Wiring only: settings, addresses, Celery, the web server and the embedded servers."""

from cait.celery import app as celery_app

__all__ = ["celery_app"]
