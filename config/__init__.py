"""The composition root: settings from the environment, addresses, Celery, and the demo that runs it all."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
