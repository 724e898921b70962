"""The forms about what guests of a house read."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from properties import languages, plain_text, telephone
from properties.models import Door, TextKind
from properties.texts import Subject

LONGEST_TEXT = 3000
LONGEST_DOOR_TEXT = 500
LONGEST_WIFI_NAME, LONGEST_WIFI_PASSWORD = 32, 63  # what routers take
PHONE = re.compile(r"\+[0-9][0-9 ()/.-]{4,27}[0-9]")


class PlainTextField(forms.CharField):
    """A text of several lines, without what controls screens and printers."""

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), required=False, strip=False, **kwargs)

    def to_python(self, value: Any) -> str:
        """The text, cleaned before its length is looked at."""
        return plain_text.cleaned(super().to_python(value) or "")


class PlainLineField(forms.CharField):
    """The same in one line."""

    def to_python(self, value: Any) -> str:
        """The line, cleaned before its length is looked at."""
        return plain_text.one_line(super().to_python(value) or "")


class PropertyTextForm(forms.Form):
    """The texts of a house in one language. What is empty is read in another, which is shown."""

    prefix = "texts"

    def __init__(
        self,
        *args: Any,
        doors: Iterable[Door],
        language: str,
        there: Mapping[Subject, Mapping[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._subjects: dict[str, Subject] = {}
        self._add("way_in", (TextKind.WAY_IN, None), _("How to find the house"), rows=5)
        for door in doors:
            label = _("How to find the door “%(door)s”") % {"door": door.name}
            self._add(f"door-{door.pk}", (TextKind.DOOR, door.pk), label, rows=2, longest=LONGEST_DOOR_TEXT)
        self._add("house_rules", (TextKind.HOUSE_RULES, None), _("House rules"), rows=5)
        self._add("good_to_know", (TextKind.GOOD_TO_KNOW, None), _("Good to know"), rows=5)
        self.fields["good_to_know"].help_text = _("Parking, waste, heating: whatever guests ask for.")
        for name, subject in self._subjects.items():
            self._show_other(name, language, there.get(subject, {}))

    def texts(self) -> dict[Subject, str]:
        """What was written, by what it is about."""
        return {subject: self.cleaned_data[name] for name, subject in self._subjects.items()}

    def _add(
        self, name: str, subject: Subject, label: str | StrPromise, *, rows: int, longest: int = LONGEST_TEXT
    ) -> None:
        self._subjects[name] = subject
        self.fields[name] = PlainTextField(label=label, rows=rows, max_length=longest)

    def _show_other(self, name: str, language: str, there: Mapping[str, str]) -> None:
        """Preset what there is; where nothing is, show what guests read in its place."""
        self.initial[name] = there.get(language, "")
        other = languages.nearest(language, there)
        if other in {language, ""}:
            return
        field = self.fields[name]
        field.help_text = _("Empty: guests read the text in %(language)s.") % {
            "language": languages.NAMES[other]
        }
        field.widget.attrs["placeholder"] = there[other]


class PropertyFactsForm(forms.Form):
    """What is the same in every language."""

    prefix = "facts"
    wifi_name = PlainLineField(label=_("Name of the Wi-Fi"), required=False, max_length=LONGEST_WIFI_NAME)
    wifi_password = PlainLineField(
        label=_("Password of the Wi-Fi"),
        required=False,
        max_length=LONGEST_WIFI_PASSWORD,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Guests read it in the message with their code. We keep it encrypted."),
    )
    phone = PlainLineField(
        label=_("Telephone for guests"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel"}),
        help_text=_("With the country, such as +43 1 234567."),
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = zone

    def clean_phone(self) -> str:
        """A number that can be called from abroad."""
        phone: str = self.cleaned_data["phone"]
        if not phone or (PHONE.fullmatch(phone) and telephone.dialled(phone)):
            return phone
        if suggested := telephone.suggested(phone, self._zone):
            raise ValidationError(
                _("Write the number with its country. Is it %(number)s?"), params={"number": suggested}
            )
        raise ValidationError(_("Write a number with its country, such as +43 1 234567."))

    def clean(self) -> dict[str, Any]:
        """A password is of a network that has a name."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("wifi_password") and cleaned.get("wifi_name") == "":
            self.add_error("wifi_name", _("Write the name of the Wi-Fi, too."))
        return cleaned
