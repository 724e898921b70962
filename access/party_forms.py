"""The rows of a form about who comes along: as many as were sent, and one more where it is asked for."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from access import names
from access.party import MOST_COMPANIONS, Person

LONGEST_ADDRESS = 254  # what a mail server takes
LONGEST_NAME = 100
NAME, EMAIL = "party_name", "party_email"


class NameField(forms.CharField):
    """A person's name on one line, however it was pasted."""

    def to_python(self, value: Any) -> str:
        """Without line breaks and letters that are not seen."""
        read = super().to_python(value)
        return names.tidy(read) if read else ""


def finds_guests(field: str, part: str, *, where: str) -> dict[str, Any]:
    """Attributes of an input that offers known guests while somebody types.

    `part` says what of a guest the input takes: name or email. `where` is the list beside it.
    """
    return {
        "autocomplete": "off",
        "data-guest": part,
        "hx-get": reverse_lazy("access:known_guests"),
        "hx-vals": f'{{"field": "{field}"}}',
        "hx-trigger": "input changed delay:300ms",
        "hx-sync": "this:replace",
        "hx-target": f"{where} .known",
    }


class CompanionForm(forms.Form):
    """One who comes along."""

    party_name = NameField(
        label=later("Name"),
        max_length=LONGEST_NAME,
        error_messages={"required": later("Who has this address?")},
        widget=forms.TextInput(attrs=finds_guests(NAME, "name", where="next")),
    )
    party_email = forms.EmailField(
        label=later("E-mail"),
        required=False,
        max_length=LONGEST_ADDRESS,
        widget=forms.EmailInput(attrs=finds_guests(EMAIL, "email", where="previous")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"empty_permitted": True, "use_required_attribute": False})

    def person(self) -> Person | None:
        """Who was named; nobody in an empty row."""
        read = self.cleaned_data
        return Person(read[NAME], read[EMAIL].lower()) if NAME in read else None


class PartyForm:
    """All rows together. Rows of one form have inputs of the same names: their order tells them apart."""

    def __init__(self, rows: Sequence[CompanionForm], *, is_long: bool = False) -> None:
        self.rows = list(rows)
        self.is_full = len(self.rows) >= MOST_COMPANIONS
        self._is_long = is_long

    @classmethod
    def sent(cls, sent: QueryDict) -> "PartyForm":
        """As it was sent, to be checked; empty rows are left out."""
        typed = _typed(sent)
        kept = typed[:MOST_COMPANIONS]
        rows = [CompanionForm(_named(*row), auto_id=_ids(number)) for number, row in enumerate(kept)]
        return cls(rows, is_long=len(typed) > MOST_COMPANIONS)

    @classmethod
    def shown(cls, people: Sequence[tuple[str, str]], *, one_more: bool = False) -> "PartyForm":
        """With these names and addresses, and one row to write on where it is asked for and there is room."""
        rows = [*people, *([("", "")] if one_more else [])][:MOST_COMPANIONS]
        forms_of = [
            CompanionForm(initial=_named(*row), auto_id=_ids(number)) for number, row in enumerate(rows)
        ]
        if one_more and forms_of:
            forms_of[-1].fields[NAME].widget.attrs["data-focus"] = True
        return cls(forms_of)

    @classmethod
    def typed(cls, sent: QueryDict, *, one_more: bool = False) -> "PartyForm":
        """As it was sent, unchecked: while somebody is still writing."""
        return cls.shown(_typed(sent), one_more=one_more)

    def is_valid(self, *, besides: Person | None = None) -> bool:
        """Whether every row names somebody else, whom the stay was not booked for either (`besides`)."""
        if not all(row.is_valid() for row in self.rows):
            return False
        if self._is_long:
            self.rows[-1].add_error(NAME, _("More guests than this cannot be named."))
        met = {_as_known(besides)} if besides else set()
        for row in self.rows:
            person = row.person()
            if person is None:
                continue
            if _as_known(person) in met:
                row.add_error(NAME, _("This guest is on the list already."))
            met.add(_as_known(person))
        return not any(row.errors for row in self.rows)

    def people(self) -> list[Person]:
        """Who comes along, once all rows are valid."""
        return [person for row in self.rows if (person := row.person())]


def _as_known(person: Person) -> tuple[str, str]:
    return person.name.casefold(), person.email.lower()


def _typed(sent: QueryDict) -> list[tuple[str, str]]:
    emails = sent.getlist(EMAIL)
    padded = [*emails, *[""] * len(sent.getlist(NAME))]
    rows = zip(sent.getlist(NAME), padded, strict=False)
    return [row for row in rows if any(part.strip() for part in row)]


def _named(name: str, email: str) -> dict[str, str]:
    return {NAME: name, EMAIL: email}


def _ids(number: int) -> str:
    return f"id_companion_{number}_%s"
