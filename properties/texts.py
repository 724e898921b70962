"""What guests of a house read: keeping it, and choosing the language of each text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q, QuerySet

from properties import languages
from properties.models import Property, PropertyFacts, PropertyText, TextKind

Subject = tuple[TextKind, int | None]  # what a text is about; the door's key where it is about a door


@dataclass(frozen=True)
class HouseTexts:
    """What guests of a house read, in the language nearest to theirs; "" where there is nothing."""

    way_in: str = ""
    house_rules: str = ""
    good_to_know: str = ""
    doors: Mapping[int, str] = field(default_factory=dict)
    wifi_name: str = ""
    wifi_password: str = ""
    phone: str = ""


@transaction.atomic(durable=True)
def write(*, place: Property, language: str, texts: Mapping[Subject, str]) -> None:
    """Keep these texts of a house in one language. A text that is empty is taken away."""
    Property.objects.select_for_update().get(pk=place.pk)  # of two who save at once the later one stands
    about = Q()
    for kind, door_id in texts:
        about |= Q(kind=kind, door_id=door_id)
    PropertyText.objects.filter(about, property=place, language=language).delete()
    PropertyText.objects.bulk_create(
        PropertyText(
            organization_id=place.organization_id,
            property=place,
            door_id=door_id,
            language=language,
            kind=kind,
            text=text,
        )
        for (kind, door_id), text in texts.items()
        if text
    )


@transaction.atomic(durable=True)
def note_facts(*, place: Property, wifi_name: str, wifi_password: str, phone: str) -> None:
    """Keep what is the same in every language."""
    PropertyFacts.objects.update_or_create(
        property=place,
        defaults={
            "organization_id": place.organization_id,
            "wifi_name": wifi_name,
            "wifi_password": wifi_password,
            "phone": phone,
        },
    )


def facts_of(place: Property) -> PropertyFacts:
    """What is kept, or empty facts."""
    return PropertyFacts.objects.filter(property=place).first() or PropertyFacts(property=place)


def texts_of(place: Property) -> QuerySet[PropertyText]:
    """All texts of a house, in all languages."""
    return PropertyText.objects.filter(property=place).order_by("pk")


def by_subject(rows: Iterable[PropertyText]) -> dict[Subject, dict[str, str]]:
    """Texts by what they are about, then by language."""
    found: dict[Subject, dict[str, str]] = {}
    for row in rows:
        found.setdefault((TextKind(row.kind), row.door_id), {})[row.language] = row.text
    return found


def for_guests(place: Property, language: str) -> HouseTexts:
    """What guests read who want this language. Two queries."""
    texts = {
        subject: there[languages.nearest(language, there)]
        for subject, there in by_subject(texts_of(place)).items()
    }
    facts = facts_of(place)
    return HouseTexts(
        way_in=texts.get((TextKind.WAY_IN, None), ""),
        house_rules=texts.get((TextKind.HOUSE_RULES, None), ""),
        good_to_know=texts.get((TextKind.GOOD_TO_KNOW, None), ""),
        doors={door_id: text for (_, door_id), text in texts.items() if door_id is not None},
        wifi_name=facts.wifi_name,
        wifi_password=facts.wifi_password,
        phone=facts.phone,
    )
