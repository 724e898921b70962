"""The form for a new API key."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from properties import limits
from properties.api_scopes import Scope
from properties.models import Organization, Property
from properties.reach import EVERYWHERE, Reach

NEVER = "never"
LASTS: dict[str, timedelta] = {
    "30": timedelta(days=30),
    "90": timedelta(days=90),
    "365": timedelta(days=365),
}


class ApiKeyForm(forms.Form):
    """What a key is called, what it may do, and for how long."""

    name = forms.CharField(
        label=_("Name"),
        max_length=50,
        help_text=_("The program that gets the key. It stands in the audit beside what the program does."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        choices=[
            (Scope.READ.value, _("Read stays, guests, doors, locks and what happened")),
            (Scope.STAYS.value, _("Book, change and cancel stays")),
            (Scope.LOCKS.value, _("Have locks read again")),
            (Scope.UNLOCK.value, _("Open doors")),
            (Scope.CODES.value, _("Look at guests' codes")),
            (Scope.ADMIN.value, _("Look after team and API keys, read the audit")),
        ],
        error_messages={"required": _("Choose at least one.")},
    )
    properties: Any = forms.ModelMultipleChoiceField(
        label=_("Only these properties"),
        queryset=Property.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The key finds nothing of the others. Choose none, and it sees all."),
    )
    lasts = forms.ChoiceField(
        label=_("Ends"),
        choices=[
            ("90", _("After 90 days")),
            ("30", _("After 30 days")),
            ("365", _("After a year")),
            (NEVER, _("Never, until you revoke it")),
        ],
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["properties"]
        choice.queryset = limits.properties_of(organization)
        choice.label_from_instance = lambda place: place.name

    def reach(self) -> Reach:
        """What the key sees."""
        chosen = self.cleaned_data["properties"]
        return Reach(frozenset(place.pk for place in chosen)) if chosen else EVERYWHERE

    def clean_scopes(self) -> list[Scope]:
        """As the table of scopes knows them."""
        return [Scope(one) for one in self.cleaned_data["scopes"]]

    def clean_lasts(self) -> timedelta | None:
        """For how long; None: until it is revoked."""
        return LASTS.get(self.cleaned_data["lasts"])
