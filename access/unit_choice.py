"""Choosing a unit: all of them in one list, or the first of a long one with a search before it."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from properties.long_select import LongSelect
from properties.models import Unit

MOST_OFFERED = 200  # a list of thousands is long to load and nothing to choose from
LONGEST_SEARCH = 100
LONGEST_NUMBER = 18  # digits of a row's number

EMPTY_LABEL = _("Choose a unit")


class UnitField(forms.ModelChoiceField):  # type: ignore[type-arg]  # django-stubs' parameter is not at run time
    """A unit, shown with its property."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Unit"), queryset=Unit.objects.none(), empty_label=EMPTY_LABEL, widget=LongSelect
        )
        self.offered: dict[str, Unit] = {}  # by their numbers, as a form sends them

    def to_python(self, value: Any) -> Unit | None:
        """The unit that is offered, or may be chosen all the same."""
        return self.offered.get(str(value)) or super().to_python(value)

    def label_from_instance(self, obj: Unit) -> str:
        """Both names: units of two properties may share one."""
        return label(obj)


class UnitSearchField(forms.CharField):
    """Letters of the unit that is looked for. What is typed here shortens the list, and chooses nothing."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Find the unit"),
            required=False,
            max_length=LONGEST_SEARCH,
            help_text=_("Letters of its name or of its property: the list below shows what fits."),
            widget=forms.TextInput(
                attrs={
                    "autocomplete": "off",
                    "hx-get": reverse_lazy("access:known_units"),
                    "hx-trigger": "input changed delay:300ms",
                    "hx-sync": "this:replace",
                    "hx-target": "#id_unit",
                }
            ),
        )


def label(unit: Unit) -> str:
    """A unit's name with its property's."""
    return f"{unit.property.name} · {unit.name}"


def offer(form: forms.Form, units: QuerySet[Unit]) -> None:
    """Give the form's `unit` these to choose from; a short list needs no `unit_like` before it.

    Each of them may be chosen, also one that is not offered: by its number in an address.
    """
    field: Any = form.fields["unit"]
    field.queryset = units
    offered = list(find(units, str(_given(form, "unit_like"))))
    if len(offered) <= MOST_OFFERED and not _given(form, "unit_like"):
        del form.fields["unit_like"]
    offered = offered[:MOST_OFFERED]
    offered = _with_chosen(offered, units, str(_given(form, "unit")))
    field.offered = {str(unit.pk): unit for unit in offered}
    field.choices = [("", EMPTY_LABEL), *_options(offered)]


def find(units: QuerySet[Unit], looked_for: str) -> QuerySet[Unit]:
    """Those whose names have each of the words, and one more than is offered if there are more."""
    for word in looked_for.replace("\0", "")[:LONGEST_SEARCH].split():
        units = units.filter(Q(name__icontains=word) | Q(property__name__icontains=word))
    return units[: MOST_OFFERED + 1]


def _given(form: forms.Form, name: str) -> Any:
    """What the form was sent, or shows at first."""
    given = form.data.get(name) if form.is_bound else form.initial.get(name)
    return given or ""


def _with_chosen(offered: list[Unit], units: QuerySet[Unit], chosen: str) -> list[Unit]:
    """What was chosen stays to be seen, whatever is looked for."""
    is_number = chosen.isascii() and chosen.isdecimal() and len(chosen) <= LONGEST_NUMBER
    if not is_number or any(unit.pk == int(chosen) for unit in offered):
        return offered
    return [*units.filter(pk=int(chosen)), *offered]


def _options(units: list[Unit]) -> Iterator[tuple[int, str]]:
    return ((unit.pk, label(unit)) for unit in units)
