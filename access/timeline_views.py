"""The page that shows who is where when: units by days."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from access import days, timeline_pages, timeline_queries, timeline_ways
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.models import Property
from properties.rights import needs
from properties.roles import Right

UNITS = 30  # on a page


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def timeline(request: OrganizationRequest) -> HttpResponse:
    """Two weeks of units and stays, from the day that the address names or today."""
    moment, whose = now(), (request.organization, request.reach)
    properties = list(timeline_queries.properties_of(*whose))
    place = _named(properties, request.GET.get("property", ""))
    here = place or next(iter(properties), None)
    everything = timeline_queries.units_of(*whose, place)
    after = request.GET.get("after", "")
    found = timeline_queries.following(everything, int(after)) if after.isdecimal() else everything
    page = list(found[: UNITS + 1])
    units = page[:UNITS]
    window = timeline_ways.Window(
        first_day=days.named(request.GET.get("from", ""), otherwise=timeline_pages.today(here, moment)),
        place=place,
        after=int(after) if found is not everything else None,
        role=request.role,
        now=moment,
    )
    stays = timeline_queries.stays_in(*whose, units, first_day=window.first_day, days=timeline_ways.DAYS)
    shown = timeline_pages.timeline(
        window, properties=properties, units=units, stays=stays, has_more=len(page) > UNITS
    )
    return render(request, "access/timeline.html", {"section": "timeline", "page": shown})


def _named(properties: Sequence[Property], key: str) -> Property | None:
    """The property that the address names; an address that names none of these asks for all."""
    return next((one for one in properties if str(one.pk) == key), None)
