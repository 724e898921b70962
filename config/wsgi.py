"""The web server's entry: `gunicorn config.wsgi:application`."""

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

FOR_PROGRAMS = "/webhooks/nuki/"


class WithoutMiddleware(WSGIHandler):
    """Django without what is for people: sessions, languages, policies for pages, a line in the log for each.

    Nuki calls by the hundred, waits for the answer, and stops calling where it takes too long.
    """

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002  Django's signature
        """Lead a request to its view and nothing else."""
        del is_async
        self._middleware_chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []


for_people = get_wsgi_application()
for_programs = WithoutMiddleware()
gc.freeze()  # what lives as long as the process is not gone through again while somebody waits for a page


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Programs by one way, people by the other."""
    is_program = environ.get("PATH_INFO", "").startswith(FOR_PROGRAMS)
    return (for_programs if is_program else for_people)(environ, start_response)
