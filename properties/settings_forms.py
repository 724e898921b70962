"""The forms of the settings page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from properties.models import AlertMail


class BusinessForm(forms.Form):
    """What guests read of the business."""

    prefix = "business"
    name = forms.CharField(
        label=_("Name of the business"), max_length=100, help_text=_("Guests read it in every message.")
    )
    reply_to = forms.EmailField(
        label=_("Address for guests' answers"),
        max_length=254,
        help_text=_("Whoever answers a message of ours writes to this address."),
    )


class AlertMailForm(forms.Form):
    """What the person who asks is written to about."""

    prefix = "mail"
    alert_mail = forms.ChoiceField(
        label=_("E-mail to you about alerts"),
        widget=forms.RadioSelect,
        choices=[
            (AlertMail.ALL.value, _("At once what cannot wait, and the rest at eight in the morning")),
            (AlertMail.URGENT.value, _("Only what cannot wait")),
            (AlertMail.NONE.value, _("Nothing: I look at the page")),
        ],
    )
