"""The forms about stays: they turn what a host typed into instants, and refusals into words at the field."""

from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from access import days, unit_choice
from access.days import YEARS
from access.party_forms import LONGEST_ADDRESS, LONGEST_NAME, NameField, finds_guests
from access.stay_queries import StaysShown
from access.unit_choice import UnitField, UnitSearchField
from nuki_gateway import codes
from properties import languages, wall_clock
from properties.models import Organization, Property, Unit
from properties.queries import bookable_units
from properties.reach import Reach

LONGEST_STAY = timedelta(days=366)
FARTHEST_START = timedelta(days=3 * 366)
WRITTEN = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")  # browsers with a picker, and without
LATEST = f"{YEARS[-1]}-12-31T23:59"  # lets browsers go on to the hour after four digits of the year
CODE_RULES = {
    codes.Rule.SIX_DIGITS: _("A keypad code has exactly six digits."),
    codes.Rule.NO_ZERO: _("A Nuki keypad has no 0: use the digits 1 to 9."),
    codes.Rule.BEGINNING: _("Nuki keypads take no code that begins with 12."),
}


class WallClockInput(forms.DateTimeInput):
    """A date and time as a clock on the wall shows them, without a zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(attrs={"max": LATEST}, format="%Y-%m-%dT%H:%M")


class WallClockField(forms.DateTimeField):
    """Reads a naive wall-clock time; the property's zone is put on later."""

    widget = WallClockInput

    def to_python(self, value: Any) -> datetime | None:
        """Without the zone that Django would add. A zone that was typed is refused, not dropped."""
        if value in self.empty_values:
            return None
        for form in WRITTEN:
            with suppress(ValueError):
                read = datetime.strptime(str(value).strip(), form)  # noqa: DTZ007  what a clock on the wall shows
                if read.year in YEARS:
                    return read
        raise ValidationError(_("Write a date and a time, such as 2026-11-21 15:00."))


class StayTimesForm(forms.Form):
    """Which unit, from when to when, on the clocks of its property."""

    unit_like = UnitSearchField()
    unit = UnitField()
    starts = WallClockField(label=_("Arrival"), help_text=_("On the clock at the property."))
    ends = WallClockField(label=_("Departure"), help_text=_("The code opens until this minute."))

    def __init__(
        self, *args: Any, organization: Organization, reach: Reach, now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        units = bookable_units(organization, reach).select_related(None).prefetch_related("property")
        unit_choice.offer(self, units)
        self._now = now

    def clean(self) -> dict[str, Any]:
        """Turn wall-clock times into instants of the unit's zone, and refuse what cannot be meant."""
        cleaned: dict[str, Any] = super().clean() or {}
        unit, starts, ends = cleaned.get("unit"), cleaned.get("starts"), cleaned.get("ends")
        if unit is None or starts is None or ends is None:
            return cleaned
        zone = unit.property.time_zone
        cleaned["starts_at"] = wall_clock.arrival(starts, zone)
        cleaned["ends_at"] = wall_clock.departure(ends, zone)
        self._check_span(cleaned["starts_at"], cleaned["ends_at"])
        return cleaned

    def _check_span(self, starts_at: datetime, ends_at: datetime) -> None:
        if ends_at <= starts_at:
            self.add_error("ends", _("The departure has to be after the arrival."))
        elif ends_at <= self._now:
            self.add_error("ends", _("This stay would be over already."))
        elif ends_at - starts_at > LONGEST_STAY:
            self.add_error("ends", _("A stay can last a year at most."))
        elif starts_at > self._now + FARTHEST_START:
            self.add_error("starts", _("This is more than three years ahead."))


class BookStayForm(StayTimesForm):
    """A new stay."""

    guest_name = NameField(
        label=_("Guest"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs=finds_guests("guest_name", "name", where="next")),
    )
    guest_email = forms.EmailField(
        label=_("Guest's e-mail"),
        max_length=LONGEST_ADDRESS,
        help_text=_("The code goes here once it is on every door."),
        widget=forms.EmailInput(attrs=finds_guests("guest_email", "email", where="previous")),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=languages.CHOICES,
        initial=get_language,
        help_text=_("Of the messages to the guest."),
    )
    code = forms.CharField(
        label=_("Code"),
        required=False,
        max_length=6,
        strip=True,
        help_text=_(
            "Leave empty: we draw one that nobody guesses. Six digits 1 to 9, not beginning with 12."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    field_order = ("unit_like", "unit", "starts", "ends", "guest_name", "guest_email", "language", "code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].widget.attrs |= {
            "hx-post": "",  # to the page itself, which knows the usual times of the unit
            "hx-vals": '{"usual": "1"}',
            "hx-target": "#times",
            "hx-select": "#times",
            "hx-swap": "outerHTML",
        }

    def clean_code(self) -> str:
        """Only what a keypad takes."""
        code: str = self.cleaned_data["code"]
        if not code:
            return ""
        try:
            return codes.check(code)
        except codes.CodeRefusedByKeypads as refusal:
            raise ValidationError(CODE_RULES[refusal.rule]) from None


class FindStaysForm(forms.Form):
    """Which stays are looked for. What cannot be read is left out, as in any address that was cut off."""

    q = forms.CharField(label=_("Guest or unit"), required=False, max_length=100, strip=True)
    property = forms.ModelChoiceField(
        label=_("Property"),
        queryset=Property.objects.none(),
        required=False,
        empty_label=_("All properties"),
    )
    show = forms.ChoiceField(
        label=_("Which"),
        required=False,
        choices=[
            ("", _("All")),
            (StaysShown.COMING.value, _("To come")),
            (StaysShown.HERE.value, _("In the house")),
            (StaysShown.OVER.value, _("Over")),
            (StaysShown.CANCELLED.value, _("Cancelled")),
        ],
    )

    def __init__(self, *args: Any, organization: Organization, reach: Reach, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ours = Property.objects.filter(reach.covers("pk"), organization=organization).order_by("name", "pk")
        choice: Any = self.fields["property"]
        choice.queryset = ours
        choice.label_from_instance = lambda place: place.name

    def asked(self) -> dict[str, Any]:
        """What is asked for, by field; what could not be read is not there."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class GuestForm(forms.Form):
    """Who a guest is, and where messages go."""

    name = NameField(label=_("Name"), max_length=LONGEST_NAME)
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=LONGEST_ADDRESS,
        help_text=_("Whoever has a stay to come is told the code again at a new address."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=languages.CHOICES,
        initial=get_language,
        help_text=_("Of the messages to the guest."),
    )

    def __init__(self, *args: Any, needs_address: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = needs_address


def usual_times(unit: Unit, now: datetime, *, first: str = "", last: str = "") -> tuple[datetime, datetime]:
    """Check-in and check-out at the unit's property, as its clocks show them, on the days that are named.

    Days that are not named, or not such that one can leave after one came, are today and the day after.
    """
    place = unit.property
    today = wall_clock.shown(now.astimezone(UTC), place.time_zone).date()
    arrives = days.named(first, otherwise=today)
    next_day = arrives + timedelta(days=1)
    leaves = max(days.named(last, otherwise=next_day), next_day)
    return wall_clock.at(arrives, place.check_in_time), wall_clock.at(leaves, place.check_out_time)


def preset(starts: datetime, ends: datetime) -> str:
    """The times of day that a form was given, in one word, to tell later whether a host changed them."""
    return f"{starts:%H:%M} {ends:%H:%M}"


def usual_times_anew(starts: str, ends: str, *, was: str, unit: Unit) -> tuple[str, str]:
    """What was typed as arrival and departure, once another unit was chosen.

    Times of day that are still those of the form (`was`, made by `preset`) become the unit's; the others,
    and the days, stay as somebody typed them.
    """
    place = unit.property
    arrives, __, leaves = was.partition(" ")
    return _usual_anew(starts, arrives, place.check_in_time), _usual_anew(ends, leaves, place.check_out_time)


def _usual_anew(typed: str, was: str, usual: time) -> str:
    day, separator, clock = typed.strip().replace(" ", "T").partition("T")
    return f"{day}T{usual:%H:%M}" if separator and clock[:5] == was else typed
