"""The form that asks what was done: by whom, about what, on which day."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access.audit_queries import Doers, Subject
from access.days import YEARS
from access.lock_forms import DayInput
from properties.models import User


class AuditFilterForm(forms.Form):
    """What cannot be read is left out, as in any address that was cut off."""

    who = forms.ChoiceField(label=_("Who"), required=False)
    what = forms.ChoiceField(
        label=_("What"),
        required=False,
        choices=[
            ("", _("Everything")),
            (Subject.STAYS.value, _("Stays")),
            (Subject.CODES.value, _("Codes")),
            (Subject.MESSAGES.value, _("Messages")),
            (Subject.LOCKS.value, _("Doors and locks")),
            (Subject.WEBHOOKS.value, _("Webhooks")),
            (Subject.TEAM.value, _("Team")),
        ],
    )
    day = forms.DateField(label=_("Day"), required=False, widget=DayInput, input_formats=["%Y-%m-%d"])
    stay = forms.CharField(required=False, widget=forms.HiddenInput)
    lock = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who: Any = self.fields["who"]
        who.choices = [
            ("", _("All people")),
            *((str(person.pk), person.get_full_name()) for person in people),
            (Doers.KEYTURN.value, _("Keyturn itself")),
            (Doers.ALL.value, _("People and Keyturn")),
        ]

    def asked(self) -> dict[str, Any]:
        """What is asked for, by field; what could not be read is not there."""
        self.is_valid()
        read = {name: value for name, value in self.cleaned_data.items() if value}
        if "day" in read and read["day"].year not in YEARS:
            del read["day"]  # near the ends of the calendar instants end
        return read
