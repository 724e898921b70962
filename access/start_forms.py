"""The form that puts many smart locks on doors: a row for each lock, and the zone of what is new."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from access.placing import CannotBePlaced, Placement, Refusal
from properties import wall_clock
from properties.models import Door, Organization, Property, SmartLock

LONGEST_NAME = 100
ONE, EVERY = "one", "every"
LOCK = "lock"  # the field that says which rows were sent
# what locks of doors that all guests pass are called, in English and German
SHARED = ("front", "entrance", "gate", "building", "main", "street", "haust", "eingang", "tor ", "hof")


class PlacementForm(forms.Form):
    """Where one smart lock goes."""

    use = forms.BooleanField(label=_("Put it on a door now"), required=False)
    house = forms.CharField(
        label=_("Property"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"list": "properties", "autocomplete": "off"}),
    )
    door = forms.CharField(label=_("Door"), max_length=LONGEST_NAME)
    opens = forms.ChoiceField(
        label=_("It leads to"), choices=[(ONE, _("One unit")), (EVERY, _("Every unit of the property"))]
    )
    unit = forms.CharField(
        label=_("Unit"),
        max_length=LONGEST_NAME,
        help_text=_("What guests book. A name that is there already is that unit."),
        widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, lock: SmartLock, initial: dict[str, Any]) -> None:
        super().__init__(data, prefix=f"{LOCK}-{lock.pk}", initial=initial)
        self.lock = lock
        self.fields["unit"].required = self._typed("opens") != EVERY
        if self.is_bound and not self.is_wanted:
            for field in self.fields.values():
                field.required = False

    @property
    def is_wanted(self) -> bool:
        """Whether the lock is to be put on a door now."""
        return bool(self._typed("use"))

    def placement(self) -> Placement:
        """What was typed, once it is known to be whole."""
        wanted = self.cleaned_data
        return Placement(
            smart_lock=self.lock,
            property_name=wanted["house"],
            door_name=wanted["door"],
            unit_name=wanted["unit"] if wanted["opens"] == ONE else "",
        )

    def refuse(self, refusal: Refusal, name: str) -> None:
        """Say at its field why the lock cannot be placed so."""
        self.add_error(_FIELDS[refusal], _REFUSALS[refusal] % {"name": name})

    def _typed(self, name: str) -> Any:
        return self.data.get(self.add_prefix(name))


class ZoneForm(forms.Form):
    """The zone of the properties that are new."""

    time_zone = forms.CharField(
        label=_("Time zone of new properties"),
        required=False,
        max_length=64,
        help_text=_(
            "What the clocks there show. Check-in is from 15:00, check-out until 10:00, until you change it."
        ),
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
    )

    def clean_time_zone(self) -> str:
        """A zone of the IANA database, or nothing where no property is new."""
        zone: str = self.cleaned_data["time_zone"]
        try:
            return wall_clock.check_time_zone(zone) if zone else ""
        except wall_clock.UnknownTimeZone:
            raise ValidationError(_("This is no time zone we know. Names look like Europe/Vienna.")) from None


class DoorsForm:
    """All rows and the zone: one page, one button."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        locks: Sequence[SmartLock],
        properties: Sequence[Property],
        organization: Organization,
    ) -> None:
        initial = presets(locks, properties, organization)
        self.rows = [PlacementForm(data, lock=lock, initial=initial[lock.pk]) for lock in locks]
        self.zone = ZoneForm(data, initial={"time_zone": usual_zone(locks, properties)})
        self.nothing_chosen = False

    def is_valid(self) -> bool:
        """Whether every row that is wanted is whole, and at least one is."""
        wanted = [row for row in self.rows if row.is_wanted]
        self.nothing_chosen = not wanted
        checked = [form.is_valid() for form in (*wanted, self.zone)]
        return bool(wanted) and all(checked)

    @property
    def time_zone(self) -> str:
        """The zone that was typed."""
        return str(self.zone.cleaned_data["time_zone"])

    def placements(self) -> list[Placement]:
        """What is wanted."""
        return [row.placement() for row in self.rows if row.is_wanted]

    def refuse(self, refused: CannotBePlaced) -> None:
        """Say at its row what cannot be."""
        for row in self.rows:
            refusal, name = refused.refusals.get(row.lock.pk, (None, ""))
            if refusal is Refusal.NO_TIME_ZONE:
                self.zone.add_error(
                    "time_zone", _("Say which zone the clocks of %(name)s show.") % {"name": name}
                )
            elif refusal is not None:
                row.refuse(refusal, name)


def presets(
    locks: Sequence[SmartLock], properties: Sequence[Property], organization: Organization
) -> dict[int, dict[str, Any]]:
    """What is most likely meant: of one lock a place of its own, of many one house with shared doors."""
    alone = len(locks) == 1 and not properties
    usual = properties[0].name if properties else organization.name
    return {
        lock.pk: {
            "use": lock.has_keypad,
            "house": lock.called if alone else usual,
            "door": lock.called,
            "opens": EVERY if len(locks) > 1 and _sounds_shared(lock.called) else ONE,
            "unit": "" if len(locks) > 1 and _sounds_shared(lock.called) else lock.called,
        }
        for lock in locks
    }


def usual_zone(locks: Sequence[SmartLock], properties: Sequence[Property]) -> str:
    """The zone of the houses that are there, or the one that most of the locks show."""
    zones = Counter(place.time_zone for place in properties) or Counter(
        lock.time_zone for lock in locks if lock.time_zone
    )
    return next((zone for zone, _count in zones.most_common(1)), "")


class TrialForm(forms.Form):
    """The door to try."""

    door: Any = forms.ModelChoiceField(label=_("Door"), queryset=Door.objects.none(), empty_label=None)

    def __init__(self, *args: Any, doors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["door"]
        choice.queryset = doors
        choice.label_from_instance = lambda door: f"{door.property.name} · {door.name}"


def _sounds_shared(name: str) -> bool:
    return any(word in f"{name.casefold()} " for word in SHARED)


_FIELDS = {
    Refusal.LOCK_IS_ELSEWHERE: "use",
    Refusal.DOOR_HAS_A_LOCK: "door",
    Refusal.NO_UNIT: "opens",
}
_REFUSALS = {
    Refusal.LOCK_IS_ELSEWHERE: _(
        "Somebody put this lock on %(name)s meanwhile. Take it off there first, or leave it."
    ),
    Refusal.DOOR_HAS_A_LOCK: _("%(name)s would have two locks. Give each door a name of its own."),
    Refusal.NO_UNIT: _("%(name)s has no unit yet. Let at least one door lead to a unit."),
}
