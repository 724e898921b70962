"""The pages on which stays are booked: they translate, make one call, and translate back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import guest_pages, guest_queries, queries, refusals, stays, unit_choice
from access.forms import BookStayForm, preset, usual_times, usual_times_anew
from access.models import Stay
from access.party import Person
from access.party_forms import PartyForm
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.models import Unit
from properties.queries import bookable_units
from properties.rights import needs
from properties.roles import Right

KNOWN_SHOWN = 5  # guests that are offered while somebody types
FEWEST_LETTERS = 2  # before anybody is offered
LONGEST_SEARCH = 100


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_STAYS)
def book_stay(request: OrganizationRequest) -> HttpResponse:
    """Book a stay."""
    moment = now()
    usual = _usual(request, moment)
    if not usual:
        nothing = {"section": "stays", "back_url": reverse("access:stays")}
        return render(request, "access/nothing_to_book.html", nothing)
    if request.method != "POST":
        form = BookStayForm(organization=request.organization, reach=request.reach, now=moment, initial=usual)
        return _page(request, form, PartyForm.shown([]))
    if "usual" in request.POST or "one_more" in request.POST:
        return _page(request, *_still_writing(request, moment))
    form = BookStayForm(request.POST, organization=request.organization, reach=request.reach, now=moment)
    party = PartyForm.sent(request.POST)
    is_valid = form.is_valid()
    if not party.is_valid(besides=_who_books(form)) or not is_valid:
        return _page(request, form, party)
    return _booked(request, form, party, moment) or _page(request, form, party)


@never_cache
@require_POST
@needs(Right.CHANGE_STAYS)
def book_again(request: OrganizationRequest, stay_id: int) -> HttpResponse:
    """Book a cancelled stay once more, by one click."""
    cancelled = get_object_or_404(queries.stays_of(request.organization, request.reach), pk=stay_id)
    try:
        again = stays.book_again(stay=cancelled, booked_by=request.user, now=now())
    except stays.UnitIsTaken:
        return _is_taken(request, cancelled)
    except stays.StayIsNotCancelled:
        pass  # it is booked: what was asked for is so
    except stays.StayIsOver:
        notices.warning(request, _("This stay would be over already."))
    except stays.ExternalIdIsTaken:
        notices.warning(request, _("Your property system has booked another stay in its place."))
    except stays.GuestIsUnknown:
        notices.warning(request, _("This guest's name and address were erased. Book a new stay."))
    except stays.UnitHasNoSmartLock:
        notices.warning(request, _("No door of this unit has a smart lock any more."))
    else:
        notices.success(request, _("Booked again. The guest is told once the code is on every door."))
        return redirect("access:stay", stay_id=again.pk)
    return redirect("access:stay", stay_id=stay_id)


@never_cache
@require_GET
@needs(Right.CHANGE_STAYS)
def known_guests(request: OrganizationRequest) -> HttpResponse:
    """Known guests whose name or address has the letters that were typed so far."""
    typed = request.GET.get(request.GET.get("field", ""), "")
    looked_for = typed.replace("\0", "").strip()[:LONGEST_SEARCH]
    found = guest_queries.known(request.organization, request.reach, looked_for)[:KNOWN_SHOWN]
    known = guest_pages.known(found if len(looked_for) >= FEWEST_LETTERS else [])
    return render(request, "access/_known_guests.html", {"known": known})


@never_cache
@require_GET
@needs(Right.CHANGE_STAYS)
def known_units(request: OrganizationRequest) -> HttpResponse:
    """Units to choose from whose names have the letters that were typed so far."""
    units = bookable_units(request.organization, request.reach)
    found = list(unit_choice.find(units, request.GET.get("unit_like", "")))[: unit_choice.MOST_OFFERED]
    options = [(unit.pk, unit_choice.label(unit)) for unit in found]
    return render(request, "access/_unit_options.html", {"options": options})


def _page(request: OrganizationRequest, form: BookStayForm, party: PartyForm) -> HttpResponse:
    """The form, with what it was preset to: by that it knows later what a host has changed."""
    context = {
        "section": "stays",
        "form": form,
        "party": party,
        "preset": form.initial.get("preset") or request.POST.get("preset", ""),
        "back_url": reverse("access:stays"),
    }
    return render(request, "access/book_stay.html", context)


def _booked(
    request: OrganizationRequest, form: BookStayForm, party: PartyForm, moment: datetime
) -> HttpResponse | None:
    """Book what was asked for, and go there; nothing where it was refused, which the form says."""
    asked, made = dict(form.cleaned_data), list[Stay]()
    if not refusals.say_at(
        form,
        lambda: made.append(
            stays.book(
                organization=request.organization,
                unit=asked["unit"],
                guest_name=asked["guest_name"],
                guest_email=asked["guest_email"],
                language=asked["language"],
                starts_at=asked["starts_at"],
                ends_at=asked["ends_at"],
                code=asked["code"],
                companions=party.people(),
                booked_by=request.user,
                now=moment,
            )
        ),
    ):
        already = _same(asked)  # by a second click, or the way back and forth again
        if already is None:
            return None
        notices.info(request, _("This stay is booked already."))
        return redirect("access:stay", stay_id=already.pk)
    return redirect("access:stay", stay_id=made[0].pk)


def _same(asked: Mapping[str, Any]) -> Stay | None:
    """The stay that this very form has made before."""
    there = refusals.in_the_way(asked)
    if there is None or asked["code"]:  # a code that was chosen may be another one than it has
        return None
    is_same = (there.starts_at, there.ends_at, there.guest.name, there.guest.email) == (
        asked["starts_at"],
        asked["ends_at"],
        asked["guest_name"],
        asked["guest_email"].lower(),
    )
    return there if is_same else None


def _who_books(form: BookStayForm) -> Person | None:
    asked = form.cleaned_data
    if not asked.get("guest_name") or not asked.get("guest_email"):
        return None
    return Person(asked["guest_name"], asked["guest_email"])


def _is_taken(request: OrganizationRequest, cancelled: Stay) -> HttpResponse:
    """Lead to the stay if it is the same one, booked by a click before; else say who has the unit."""
    other = queries.neighbour(
        unit_id=cancelled.unit_id, starts_at=cancelled.starts_at, ends_at=cancelled.ends_at, besides=None
    )
    if other is not None and (other.guest_id, other.starts_at, other.ends_at) == (
        cancelled.guest_id,
        cancelled.starts_at,
        cancelled.ends_at,
    ):
        return redirect("access:stay", stay_id=other.pk)
    notices.warning(
        request, refusals.linked(other) if other else _("Another stay of this unit is in the way.")
    )
    return redirect("access:stay", stay_id=cancelled.pk)


def _still_writing(request: OrganizationRequest, moment: datetime) -> tuple[BookStayForm, PartyForm]:
    """The form as it was sent, unchecked: another unit was chosen, or a row for one more guest asked for."""
    typed: dict[str, Any] = {name: request.POST.get(name, "") for name in BookStayForm.base_fields}
    typed["preset"] = request.POST.get("preset", "")
    unit = _unit(request, typed["unit"]) if "usual" in request.POST else None
    if unit is not None:
        typed["starts"], typed["ends"] = usual_times_anew(
            typed["starts"], typed["ends"], was=typed["preset"], unit=unit
        )
        typed["preset"] = preset(*usual_times(unit, moment))
    form = BookStayForm(organization=request.organization, reach=request.reach, now=moment, initial=typed)
    return form, PartyForm.typed(request.POST, one_more="one_more" in request.POST)


def _usual(request: OrganizationRequest, moment: datetime) -> dict[str, object]:
    """The form's first values: unit and days the address names, at the usual times there or at the first.

    An address that names no unit of ours presets none: another unit in its place would be booked unnoticed.
    """
    chosen = _unit(request, request.GET.get("unit", ""))
    usual = chosen or bookable_units(request.organization, request.reach).first()
    if usual is None:
        return {}
    named_days = {"first": request.GET.get("from", ""), "last": request.GET.get("until", "")}
    starts, ends = usual_times(usual, moment, **named_days)
    return {
        "unit": chosen.pk if chosen else None,
        "starts": starts,
        "ends": ends,
        "preset": preset(starts, ends),
    }


def _unit(request: OrganizationRequest, number: str) -> Unit | None:
    ours = bookable_units(request.organization, request.reach)
    return ours.filter(pk=int(number)).first() if number.isdecimal() else None
