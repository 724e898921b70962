"""Saying at a form's field why a stay could not be booked or changed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.forms import Form
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from access import queries, stays
from access.models import Stay
from properties import wall_clock


def say_at(form: Form, operation: Callable[[], None], *, besides: int | None = None) -> bool:
    """Make the call; a refusal becomes words at the field that it is about. True where it was done.

    `besides` is the stay that is changed, and so does not stand in its own way.
    """
    try:
        operation()
    except stays.UnitIsTaken:
        say_who_is_there(form, in_the_way(form.cleaned_data, besides=besides))
    except stays.UnitHasNoSmartLock:
        form.add_error(
            "unit", _("No door of this unit has a smart lock yet. Put a lock on a door under Properties.")
        )
    except stays.StayEndsBeforeItStarts:
        form.add_error("ends", _("The departure has to be after the arrival."))
    except stays.StayIsOver:
        form.add_error("ends", _("This stay would be over already."))
    except stays.StayIsCancelled:
        form.add_error(None, _("This stay was cancelled. Book a new one."))
    except stays.CodeIsTaken:
        form.add_error(
            "code",
            _("This code is on one of the doors, or was until lately. Choose another, or leave it empty."),
        )
    else:
        return True
    return False


def in_the_way(asked: Mapping[str, Any], *, besides: int | None = None) -> Stay | None:
    """The stay that has the unit in the time that a form asks for."""
    return queries.neighbour(
        unit_id=asked["unit"].pk, starts_at=asked["starts_at"], ends_at=asked["ends_at"], besides=besides
    )


def say_who_is_there(form: Form, other: Stay | None) -> None:
    """Say at the unit who has it, and when, with the way to that stay."""
    form.add_error("unit", linked(other) if other else _("Another stay of this unit is in the way."))


def linked(other: Stay) -> SafeString:
    """Who has a unit, and when, as the way to that stay."""
    sentence = _("%(guest)s has this unit from %(starts)s to %(ends)s.") % {
        "guest": other.guest.called,
        "starts": on_the_wall(other.starts_at, other),
        "ends": on_the_wall(other.ends_at, other),
    }
    return format_html('<a href="{}">{}</a>', reverse("access:stay", kwargs={"stay_id": other.pk}), sentence)


def on_the_wall(instant: datetime, stay: Stay) -> str:
    """Day and time on the clocks of the stay's property."""
    return date_format(wall_clock.shown(instant, stay.unit.property.time_zone), "DAY_CLOCK")
