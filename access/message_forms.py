"""The forms about what guests are told: a host's own words, and when."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from access import placeholders
from properties.forms import ClockInput
from properties.text_forms import PlainTextField

LONGEST = 1500
AT_ONCE = "at once"


class OwnWordsField(PlainTextField):
    """A text with words in braces; one that cannot be filled in is refused, with its place."""

    def clean(self, value: Any) -> str:
        """The text, every brace of which belongs to a word that we know."""
        text: str = super().clean(value)
        try:
            return placeholders.check(text)
        except placeholders.BrokenVariable as broken:
            place = {"written": broken.written, "line": broken.line, "column": broken.column}
            raise ValidationError(
                _("Line %(line)d, letter %(column)d: “%(written)s” stands for nothing we know."),
                params=place,
            ) from None


class WordsForm(forms.Form):
    """How messages of one kind begin and end, in one language."""

    opening = OwnWordsField(
        label=_("Opening"),
        rows=5,
        max_length=LONGEST,
        help_text=_("Stands in place of “Hello Ada,”. After it we say the code, its times and the doors."),
    )
    closing = OwnWordsField(
        label=_("Closing"),
        rows=4,
        max_length=LONGEST,
        help_text=_("Stands in place of “We wish you a good stay.”"),
    )


class SendTimeForm(forms.Form):
    """When guests of a house are told what."""

    tell_days = forms.TypedChoiceField(
        label=_("When guests are told their code"),
        widget=forms.RadioSelect,
        coerce=lambda days: None if days == AT_ONCE else int(days),
        choices=[
            (AT_ONCE, _("As soon as it is on every door")),
            ("3", _("Three days before arrival")),
            ("2", _("Two days before arrival")),
            ("1", _("The day before arrival")),
            ("0", _("On the day of arrival")),
        ],
        help_text=_(
            "Codes go on the doors three days before arrival. Guests whose stay is nearer are told at once."
        ),
    )
    tell_time = forms.TimeField(
        label=_("At"),
        widget=ClockInput,
        help_text=_("On the clocks of the property, and two hours before arrival at the latest."),
    )
    remind_time = forms.TimeField(
        label=_("Reminder on the day of arrival, at"),
        widget=ClockInput,
        required=False,
        help_text=_("For guests who were told more than a day before. Leave it empty to send none."),
    )
    says_thanks = forms.BooleanField(
        label=_("Thank guests when they leave"),
        required=False,
    )
