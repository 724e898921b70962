"""A rehearsal within the process of a test, on the test's own database."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from config.celery import app


@pytest.fixture
def stage(transactional_db: None, settings: Settings) -> Iterator[None]:  # noqa: ARG001
    """The settings of a rehearsal."""
    app.loader.import_default_modules()
    settings.CACHES = {"default": {"BACKEND": "config.rehearsal.memory.Memory"}}
    settings.EMAIL_BACKEND = "config.rehearsal.letters.Letters"
    settings.PUBLIC_URL = "http://127.0.0.1:1"
    before = connection.settings_dict["CONN_MAX_AGE"]
    connection.settings_dict["CONN_MAX_AGE"] = None
    yield
    connection.settings_dict["CONN_MAX_AGE"] = before
