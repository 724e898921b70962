"""The form for a webhook: what it is called, where it leads, and what it tells."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access import calling_out
from access.webhook_pages import FAMILIES, WORDS
from access.webhook_rules import EventType


def _choices() -> list[tuple[Promise, list[tuple[str, Promise]]]]:
    return [(family, [(one.value, WORDS[one]) for one in types]) for family, types in FAMILIES]


class WebhookForm(forms.Form):
    """A program that is to be told."""

    name = forms.CharField(
        label=_("Name"),
        max_length=40,
        help_text=_("The program that is told, such as “Lights” or “Property system”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=calling_out.LONGEST_URL,
        help_text=_("Where the program takes webhooks. It begins with https://."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    types = forms.MultipleChoiceField(
        label=_("What it is told"),
        choices=_choices,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "grouped"}),
        error_messages={"required": _("Choose at least one.")},
    )

    def clean_url(self) -> str:
        """An address to which we send, as far as that can be seen."""
        url: str = self.cleaned_data["url"]
        try:
            calling_out.check_url(url)
        except calling_out.UrlIsRefused as refusal:
            raise forms.ValidationError(str(REFUSALS[refusal.why])) from None
        return url

    def clean_types(self) -> list[EventType]:
        """As the table of types knows them."""
        chosen: list[Any] = self.cleaned_data["types"]
        return [EventType(one) for one in chosen]


REFUSALS: dict[calling_out.Why, Promise] = {
    calling_out.Why.NO_ADDRESS: _("This is no address."),
    calling_out.Why.NOT_HTTPS: _("The address has to begin with https://."),
    calling_out.Why.HAS_USER: _("The address must not hold a user or a password."),
    calling_out.Why.HAS_FRAGMENT: _("The address must not have a part after #."),
    calling_out.Why.NOT_PUBLIC: _("This address is not one of the public internet."),
}
