"""The forms of the settings page."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from properties.code_styles import CodeStyle
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


class CodeStyleForm(forms.Form):
    """How new keypad codes are drawn."""

    prefix = "codes"
    code_style = forms.ChoiceField(
        label=_("New codes"),
        widget=forms.RadioSelect,
        choices=[
            (CodeStyle.EASY.value, _("Easy to key: of eight safe codes the one with the shortest ways")),
            (CodeStyle.PLAIN.value, _("Plain random")),
        ],
        help_text=_(
            "Neither is ever a run, a repetition or a date, nor given again for a door within 30 days. "
            "Codes that guests have stay as they are."
        ),
    )


class LanguageForm(forms.Form):
    """In which language the person who asks reads."""

    prefix = "person"
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser asks")), *settings.LANGUAGES],
        help_text=_("Of pages and of e-mails to you."),
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
