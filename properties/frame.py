"""What the frame around every page shows: businesses, and where the demo's parts are."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True)
class Demo:
    """The addresses that only the demo has."""

    simulator_url: str
    inbox_url: str


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor of all pages."""
    demo = Demo(settings.DEMO_SIMULATOR_URL, settings.DEMO_INBOX_URL)
    return {
        "organizations": getattr(request, "organizations", []),
        "demo": demo if demo.simulator_url else None,
    }
