"""The forms about places and Nuki accounts: refusals stand at the field that they are about."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from properties import wall_clock
from properties.models import Door, GuestsOpen, NukiAccount, Organization, Property, SmartLock, Unit
from properties.places import USUAL_BACKUP_CODES, USUAL_CHECK_IN, USUAL_CHECK_OUT
from properties.queries import doors_of, free_smart_locks

MOST_GRACE_MINUTES = 24 * 60
YES, NO = "yes", "no"


class ClockInput(forms.TimeInput):
    """A time of day as browsers let people choose it."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class PropertyForm(forms.ModelForm[Property]):
    """A building."""

    grace_minutes = forms.IntegerField(
        label=_("Minutes of grace"),
        min_value=0,
        max_value=MOST_GRACE_MINUTES,
        initial=0,
        help_text=_("How long codes go on opening after departure."),
    )

    backup_codes = forms.TypedChoiceField(
        label=_("Backup codes on each door"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            (0, _("None")),
            (1, _("One")),
            (2, _("Two")),
            (3, _("Three")),
        ],
        help_text=_(
            "They wait on locks with a keypad. Where a guest's own code does not open, the guest gets one."
        ),
    )

    class Meta:
        model = Property
        fields = ("name", "address", "time_zone", "check_in_time", "check_out_time")
        widgets = {
            "time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
            "check_in_time": ClockInput(),
            "check_out_time": ClockInput(),
        }
        labels = {
            "name": _("Name"),
            "address": _("Address"),
            "time_zone": _("Time zone"),
            "check_in_time": _("Check-in from"),
            "check_out_time": _("Check-out until"),
        }
        help_texts = {
            "time_zone": _(
                "What the clocks there show, such as Europe/Vienna. Stays keep their times on them."
            )
        }

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._organization = organization
        if self.instance.pk:
            self.initial["grace_minutes"] = self.instance.grace // timedelta(minutes=1)
        else:
            self.initial.update(check_in_time=USUAL_CHECK_IN, check_out_time=USUAL_CHECK_OUT)
        self.initial["backup_codes"] = self.instance.backup_codes if self.instance.pk else USUAL_BACKUP_CODES

    def clean_name(self) -> str:
        """A name that the organization's other properties do not have."""
        name: str = self.cleaned_data["name"]
        others = Property.objects.filter(organization=self._organization, name=name).exclude(
            pk=self.instance.pk
        )
        if others.exists():
            raise ValidationError(_("You have a property of this name already."))
        return name

    def clean_backup_codes(self) -> int:
        """Their choice; what was not asked for stays as it is."""
        chosen: int | None = self.cleaned_data["backup_codes"]
        return int(self.initial["backup_codes"]) if chosen is None else chosen

    def clean_time_zone(self) -> str:
        """A zone of the IANA database."""
        try:
            return wall_clock.check_time_zone(self.cleaned_data["time_zone"])
        except wall_clock.UnknownTimeZone:
            raise ValidationError(_("This is no time zone we know. Names look like Europe/Vienna.")) from None

    def save(self, commit: bool = True) -> Property:  # noqa: FBT001, FBT002  Django's signature
        """Keep the property in its organization."""
        self.instance.organization = self._organization
        self.instance.backup_codes = self.cleaned_data["backup_codes"]
        self.instance.grace = timedelta(minutes=self.cleaned_data["grace_minutes"])
        return super().save(commit)


class DoorForm(forms.Form):
    """A door and the smart lock on it."""

    name = forms.CharField(label=_("Name"), max_length=100)
    smart_lock: Any = forms.ModelChoiceField(
        label=_("Smart lock"),
        queryset=SmartLock.objects.none(),
        required=False,
        empty_label=_("No smart lock"),
        help_text=_("A lock can be on one door only. Codes of stays that are not over move along."),
    )

    guests_open = forms.ChoiceField(
        label=_("Guests open it from their page"),
        required=False,
        initial=GuestsOpen.NO.value,
        choices=[
            (GuestsOpen.NO.value, _("No: only by their code")),
            (GuestsOpen.YES.value, _("Yes, during their stay")),
            (GuestsOpen.TELL_HOST.value, _("Yes, and we get an e-mail, each half hour at most")),
        ],
        help_text=_("They hold a button, six times an hour at most. Each opening stands with the stay."),
    )

    has_backup_codes = forms.ChoiceField(
        label=_("Backup codes"),
        required=False,
        initial=YES,
        choices=[(YES, _("As many as the property says")), (NO, _("None on this door"))],
        help_text=_("They are on the lock before anybody needs them."),
    )

    def __init__(self, *args: Any, place: Property, door: Door | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._place, self._door = place, door
        choice: Any = self.fields["smart_lock"]
        choice.queryset = free_smart_locks(place.organization, keep=[door.smart_lock_id if door else None])
        choice.label_from_instance = _lock_label

    def clean_guests_open(self) -> GuestsOpen:
        """Their choice; what was not asked for stays as it is."""
        usual = self._door.guests_open if self._door else GuestsOpen.NO
        return GuestsOpen(self.cleaned_data["guests_open"] or usual)

    def clean_has_backup_codes(self) -> bool:
        """The same."""
        chosen = self.cleaned_data["has_backup_codes"]
        usual = self._door.has_backup_codes if self._door else True
        return chosen == YES if chosen else usual

    def clean_name(self) -> str:
        """A name that the property's other doors do not have."""
        name: str = self.cleaned_data["name"]
        others = self._place.doors.filter(name=name)
        if (others.exclude(pk=self._door.pk) if self._door else others).exists():
            raise ValidationError(_("This property has a door of this name already."))
        return name


class UnitForm(forms.Form):
    """A unit and the doors on its way in."""

    name = forms.CharField(label=_("Name"), max_length=100)
    doors: Any = forms.ModelMultipleChoiceField(
        label=_("Doors on the way in"),
        queryset=Door.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Doors shared by several units come first on the way in, then the unit's own."),
    )

    def __init__(self, *args: Any, place: Property, unit: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._place, self._unit = place, unit
        choice: Any = self.fields["doors"]
        others = Count("opens", filter=~Q(opens__unit=unit)) if unit else Count("opens")
        choice.queryset = doors_of(place).annotate(other_units=others)
        choice.label_from_instance = lambda door: door.name

    def clean_name(self) -> str:
        """A name that the property's other units do not have."""
        name: str = self.cleaned_data["name"]
        others = self._place.units.filter(name=name)
        if (others.exclude(pk=self._unit.pk) if self._unit else others).exists():
            raise ValidationError(_("This property has a unit of this name already."))
        return name

    def way_in(self) -> list[Door]:
        """The chosen doors: those of more units first, as those stand nearer to the street."""
        chosen: list[Any] = list(self.cleaned_data["doors"])
        return sorted(chosen, key=lambda door: (-door.other_units, door.name))


class SignInForm(forms.Form):
    """The name of a Nuki account that is about to be connected by signing in there."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What you want to call this account in Keyturn.")
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "sign-in-%s"  # another form with a name is on the same page
        self._organization = organization

    def clean_name(self) -> str:
        """A name that none of the organization's Nuki accounts has."""
        name: str = self.cleaned_data["name"]
        if NukiAccount.objects.filter(organization=self._organization, name=name).exists():
            raise ValidationError(_("You have a Nuki account of this name already."))
        return name


class NukiAccountForm(forms.Form):
    """A Nuki account's name and token."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Yours to choose, such as “Nuki of the old town”.")
    )
    token = forms.CharField(
        label=_("API token"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("From Nuki Web, menu API. We keep it encrypted and never show it again."),
    )

    def clean_token(self) -> str:
        """Without the spaces that copying adds; a token has none inside and is plain ASCII."""
        token: str = self.cleaned_data["token"].strip()
        if not token.isascii() or any(letter.isspace() for letter in token):
            raise ValidationError(
                _("This is not a token of Nuki Web: it has no spaces and only plain letters.")
            )
        return token


class TokenForm(NukiAccountForm):
    """Another token for an account that is there."""

    name = None  # type: ignore[assignment]  # Django's way to leave a field of the base out


def _lock_label(lock: SmartLock) -> str:
    keypad = _("keypad") if lock.has_keypad else _("no keypad")
    return f"{lock.called} · {lock.kind} · {keypad}"
