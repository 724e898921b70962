"""The pages about the API, for people: trying it out, a reference to read, and the schema itself.

They show nothing of any business, so nobody has to sign in.
"""

from functools import cache
from pathlib import Path
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

SCHEMA = Path("docs") / "openapi.yaml"
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
def schema(request: HttpRequest) -> HttpResponse:
    """The schema, as it stands in the checkout."""
    del request
    return HttpResponse(_schema(), content_type="application/yaml; charset=utf-8")


@cache
def _schema() -> bytes:
    return (settings.BASE_DIR / SCHEMA).read_bytes()
