"""The form on which people name a business of their own."""

from django import forms
from django.utils.translation import gettext_lazy as _


class FoundBusinessForm(forms.Form):
    """What the business is called."""

    name = forms.CharField(
        label=_("Name of the business"),
        max_length=100,
        help_text=_("Guests read it in every message. You can change it later."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
