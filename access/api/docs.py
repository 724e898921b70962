"""The pages about the API, for people: trying it out, a reference to read, and the schema itself.

They show nothing of any business, so nobody has to sign in.
"""

from functools import cache
from pathlib import Path
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

SCHEMA = Path("docs") / "openapi.yaml"
REDOC = "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"
LOGO = b'"https://cdn.redoc.ly/redoc/logo-mini.svg"'  # its makers' sign; their name beside it stays
UNSAFE_INLINE = "'unsafe-inline'"
# Redoc makes its styles while it runs. They can steal nothing here: nobody is signed in on this page
STYLES: dict[str, Any] = {"style-src": [UNSAFE_INLINE]}


@require_GET
def try_out(request: HttpRequest) -> HttpResponse:
    """Every operation, to be tried with a key of one's own."""
    return render(request, "access/api_docs.html")


@require_GET
@csp_update(STYLES)
def reference(request: HttpRequest) -> HttpResponse:
    """Every operation, to be read."""
    return render(request, "access/api_reference.html")


@require_GET
@cache_control(public=True, max_age=3600)
@gzip_page
def redoc(request: HttpRequest) -> HttpResponse:
    """Redoc as its package has it, but that it asks nobody else for a picture. It has no setting for that."""
    del request
    return HttpResponse(_redoc(), content_type="text/javascript; charset=utf-8")


@require_GET
def schema(request: HttpRequest) -> HttpResponse:
    """The schema, as it stands in the checkout."""
    del request
    return HttpResponse(_schema(), content_type="application/yaml; charset=utf-8")


@cache
def _redoc() -> bytes:
    found = finders.find(REDOC)
    if not isinstance(found, str):
        raise FileNotFoundError(REDOC)
    return Path(found).read_bytes().replace(LOGO, b'""')


@cache
def _schema() -> bytes:
    return (settings.BASE_DIR / SCHEMA).read_bytes()
