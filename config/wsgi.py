"""The web server's entry: `gunicorn config.wsgi:application`."""

import gc
import os
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, ClassVar

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class WithFewMiddleware(WSGIHandler):
    """Django without what is for people: sessions, languages, policies for pages."""

    chosen: ClassVar[tuple[str, ...]] = ()

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002  Django's signature
        """Lead a request to its view through what was chosen and nothing else."""
        del is_async
        chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        for name in reversed(self.chosen):
            chain = convert_exception_to_response(import_string(name)(chain))
        self._middleware_chain = chain
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []


class ForNuki(WithFewMiddleware):
    """Nuki calls by the hundred, waits for the answer, and stops calling where it takes too long: no log."""


class ForKeys(WithFewMiddleware):
    """Programs that bring a key with each request: a safe way there, and a line in the log for each."""

    chosen = ("django.middleware.security.SecurityMiddleware", "properties.middleware.RequestLog")


for_people = get_wsgi_application()
for_programs: dict[str, WSGIHandler] = {"/webhooks/nuki/": ForNuki(), "/api/v1/": ForKeys()}
import_module(settings.ROOT_URLCONF)  # with all views, which the first request would load otherwise
gc.freeze()  # what lives as long as the process is not gone through again while somebody waits for a page


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Programs by their ways, people by another."""
    path = environ.get("PATH_INFO", "")
    way = next((handler for begins, handler in for_programs.items() if path.startswith(begins)), for_people)
    return way(environ, start_response)
