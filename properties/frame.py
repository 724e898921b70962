"""What the frame around every page shows: businesses, and where the demo's parts are."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from properties import addresses, organizations
from properties.models import Organization


@dataclass(frozen=True)
class Demo:
    """The addresses that only the demo has."""

    simulator_url: str
    inbox_url: str


@dataclass(frozen=True)
class Business:
    """One of the businesses that somebody works for."""

    name: str
    url: str
    is_here: bool


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor of all pages."""
    demo = Demo(settings.DEMO_SIMULATOR_URL, settings.DEMO_INBOX_URL)
    return {
        "businesses": _businesses(request),
        "demo": demo if demo.simulator_url else None,
        "sign_up_is_open": organizations.sign_up_is_open(),
    }


def _businesses(request: HttpRequest) -> list[Business]:
    """All that the person works for; the address of each leads to its own first page."""
    here: Organization | None = getattr(request, "organization", None)
    ours: list[Organization] = getattr(request, "organizations", [])
    return [Business(one.name, addresses.within(one.slug), is_here=one == here) for one in ours]
