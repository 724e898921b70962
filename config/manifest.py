"""What a telephone needs to put Keyturn on its home screen: a name, icons, colours, and where it begins."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

PAPER = "#f7f9fc"  # --n-1 of the stylesheet in its light scheme: the page before it is there


@cache_control(public=True, max_age=3600)  # seconds; icons have names of their own for each version
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """The web manifest. It is the same for everybody: the start page leads to one's business."""
    del request
    said: dict[str, Any] = {
        "name": "Keyturn",
        "short_name": "Keyturn",
        "description": _("Guests' codes on the doors of your properties."),
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            _icon("keyturn/favicon.svg", "any"),
            _icon("keyturn/icon.svg", "maskable"),
        ],
    }
    return JsonResponse(said, content_type="application/manifest+json")


def _icon(file: str, purpose: str) -> dict[str, str]:
    return {"src": static(file), "type": "image/svg+xml", "sizes": "any", "purpose": purpose}
