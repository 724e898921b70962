"""A business's own words at the beginning and the end of messages: keeping and finding them."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from access import placeholders
from access.models import MessageKind, MessageWords
from properties import languages
from properties.models import Organization


@dataclass(frozen=True)
class Words:
    """How a message begins and ends, and the language of that. "" where it is said in our words."""

    opening: str = ""
    closing: str = ""
    language: str = languages.FIRST


@transaction.atomic(durable=True)
def write(
    *, organization: Organization, kind: MessageKind, language: str, opening: str, closing: str
) -> None:
    """Keep own words; none where both are empty. Raises `placeholders.BrokenVariable`, and keeps nothing."""
    placeholders.check(opening)
    placeholders.check(closing)
    if not opening and not closing:
        MessageWords.objects.filter(organization=organization, kind=kind, language=language).delete()
        return
    MessageWords.objects.update_or_create(
        organization=organization,
        kind=kind,
        language=language,
        defaults={"opening": opening, "closing": closing},
    )


def words_of(organization: Organization, kind: MessageKind) -> QuerySet[MessageWords]:
    """A business's own words of one kind of message, in all languages."""
    return MessageWords.objects.filter(organization=organization, kind=kind)


def nearest(organization: Organization, kind: MessageKind, language: str) -> Words:
    """The words that a guest reads who wants this language. One query."""
    there = {row.language: row for row in words_of(organization, kind)}
    found = there.get(languages.nearest(language, there))
    return Words(found.opening, found.closing, found.language) if found else Words()
