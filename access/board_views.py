"""The board: will everybody get in?"""

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from access import board_pages, board_queries, queries
from access.board_pages import Board
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.queries import bookable_units
from properties.rights import needs
from properties.roles import Right

ACTIVITY_LENGTH = 6


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def today(request: OrganizationRequest) -> HttpResponse:
    """Who arrives, who is in the house, who leaves, and whether everybody gets in."""
    return render(request, "access/today.html", {"section": "today", "page": _board(request)})


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def today_live(request: OrganizationRequest) -> HttpResponse:
    """The part of that page that changes, or nothing where it is as the page has it."""
    board = _board(request)
    if board.version == request.GET.get("seen", ""):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "access/_today_live.html", {"page": board})


def _board(request: OrganizationRequest) -> Board:
    moment, whose = now(), (request.organization, request.reach)
    stays = board_queries.stays_on_the_board(*whose, moment)
    doors = board_queries.doors_in_need(*whose)
    activity = list(queries.activity_of(*whose)[:ACTIVITY_LENGTH])
    is_empty = not (stays or activity)
    return board_pages.board(
        stays,
        doors=doors,
        activity=activity,
        can_be_booked=not is_empty or bookable_units(*whose).exists(),
        role=request.role,
        now=moment,
    )
