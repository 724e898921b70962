"""Packs the pages of hosts for the wire, except where their length could tell a secret.

What is packed together with words that somebody else chose tells by its length whether both are alike
(BREACH). Hosts see keypad codes only in answers to forms, and secrets of second factors only on the pages of
their account: neither is packed, nor is anything for guests and strangers, whoever opens it.
docs/operations.md says more.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from properties import addresses

WITH_SECRETS = ("/accounts/", "/g/")
PACKED = "text/html"


class CompressedPages(GZipMiddleware):
    """Packs answers to members who ask for a page; whatever else there is goes as it is."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Pack the page, if the browser takes it so."""
        is_page = response.headers.get("Content-Type", "").startswith(PACKED) and not response.streaming
        is_asked_by_member = request.method == "GET" and getattr(request, "organization", None) is not None
        _slug, page = addresses.taken_apart(request.path)
        if is_page and is_asked_by_member and not page.startswith(WITH_SECRETS):
            return super().process_response(request, response)
        return response
