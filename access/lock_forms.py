"""The forms about smart locks: which activity is asked for, which lock goes on which door."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from access import lock_queries
from access.days import YEARS
from properties.models import Door, Organization, SmartLock
from properties.queries import free_smart_locks


class DayInput(forms.DateInput):
    """A day as browsers let people choose it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ActivityFilterForm(forms.Form):
    """Of which day, and of whom."""

    day = forms.DateField(label=_("Day"), required=False, widget=DayInput, input_formats=["%Y-%m-%d"])
    who = forms.CharField(label=_("Person"), required=False, max_length=100, strip=True)

    def clean_day(self) -> date | None:
        """A day of which there can be activity; near the ends of the calendar instants end."""
        day: date | None = self.cleaned_data["day"]
        if day is not None and day.year not in YEARS:
            raise ValidationError(_("Write a day such as 2026-11-21."))
        return day

    def asked(self) -> dict[str, str]:
        """What is asked for, as it stands in the address; nothing where the form has mistakes."""
        if not self.is_valid():
            return {}
        day, who = self.cleaned_data["day"], self.cleaned_data["who"]
        return {name: str(value) for name, value in (("day", day), ("who", who)) if value}


class LockForDoorForm(forms.Form):
    """The smart lock that a door gets."""

    smart_lock: Any = forms.ModelChoiceField(
        label=_("Smart lock"),
        queryset=SmartLock.objects.none(),
        empty_label=_("Choose a smart lock"),
        help_text=_("Locks of your Nuki accounts that are on no door."),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["smart_lock"]
        choice.queryset = free_smart_locks(organization)
        choice.label_from_instance = _lock_label


class DoorForLockForm(forms.Form):
    """The door that a smart lock goes to."""

    door: Any = forms.ModelChoiceField(
        label=_("Door"), queryset=Door.objects.none(), empty_label=_("Choose a door")
    )

    def __init__(self, *args: Any, organization: Organization, lock: SmartLock, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["door"]
        choice.queryset = lock_queries.doors_to_move_to(organization, lock)
        choice.label_from_instance = _door_label


class LockToSwapForm(forms.Form):
    """The smart lock with which another one changes doors."""

    smart_lock: Any = forms.ModelChoiceField(
        label=_("Smart lock"), queryset=SmartLock.objects.none(), empty_label=_("Choose a smart lock")
    )

    def __init__(self, *args: Any, organization: Organization, lock: SmartLock, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["smart_lock"]
        choice.queryset = lock_queries.locks_to_swap_with(organization, lock)
        choice.label_from_instance = _lock_on_door_label


class LockNameForm(forms.Form):
    """What the portal calls a smart lock."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=100,
        strip=True,
        help_text=_("Without a name here it is called as in the Nuki app."),
    )

    def __init__(self, *args: Any, lock: SmartLock, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"name": lock.called}, **kwargs})
        self._at_nuki = lock.name

    def clean_name(self) -> str:
        """The same name as at Nuki is none of ours: it follows when it is changed there."""
        name = str(self.cleaned_data["name"])
        return "" if name == self._at_nuki else name


class HolderForm(forms.Form):
    """Who uses something that is on a lock."""

    name = forms.CharField(label=_("Name"), max_length=60, strip=True)
    note = forms.CharField(
        label=_("What this person does"),
        required=False,
        max_length=60,
        strip=True,
        help_text=_("Such as “cleaner”. It stands behind the name."),
    )


def _lock_label(lock: SmartLock) -> str:
    keypad = _("keypad") if lock.has_keypad else _("no keypad")
    return f"{lock.called} · {lock.kind} · {keypad}"


def _lock_on_door_label(lock: SmartLock) -> str:
    return f"{lock.door.property.name} · {lock.door.name} · {lock.called}"


def _door_label(door: Door) -> str:
    lock = door.smart_lock.called if door.smart_lock else _("no smart lock yet")
    return f"{door.property.name} · {door.name} · {lock}"
