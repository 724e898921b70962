"""The values behind the page on which hosts write what guests of a house read."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from properties import languages
from properties.models import Property
from properties.texts import Subject


@dataclass(frozen=True)
class LanguageLink:
    """One language to switch to."""

    code: str
    name: str
    url: str
    is_current: bool
    is_empty: bool


@dataclass(frozen=True)
class TextsView:
    """The texts of one house in one language."""

    property_name: str
    language: str
    language_name: str
    sentence: str
    languages: list[LanguageLink]
    save_url: str
    facts_url: str
    back_url: str


def texts_view(place: Property, language: str, there: Mapping[Subject, Mapping[str, str]]) -> TextsView:
    """The page in one language; `there` has all texts by what they are about and language."""
    where = {"property_id": place.pk}
    url = reverse("properties:texts", kwargs=where)
    counts = {code: sum(code in texts for texts in there.values()) for code in languages.NAMES}
    return TextsView(
        property_name=place.name,
        language=language,
        language_name=languages.NAMES[language],
        sentence=_sentence(language, len(there), counts[language]),
        languages=language_links(url, language, {code for code, count in counts.items() if count}),
        save_url=f"{url}?language={language}",
        facts_url=reverse("properties:facts", kwargs=where) + f"?language={language}",
        back_url=reverse("properties:property", kwargs=where),
    )


def language_links(url: str, current: str, written: set[str]) -> list[LanguageLink]:
    """A link to each language; `written` are those in which there is something."""
    mark = "&" if "?" in url else "?"
    return [
        LanguageLink(
            code=code,
            name=name,
            url=f"{url}{mark}language={code}",
            is_current=code == current,
            is_empty=code not in written,
        )
        for code, name in languages.NAMES.items()
    ]


def _sentence(language: str, all_texts: int, here: int) -> str:
    """What guests who read this language get."""
    name = languages.NAMES[language]
    if not all_texts:
        return _("Nothing is written yet. Guests get the code, the doors and the times.")
    if not here:
        return _("%(language)s is empty: guests read what you wrote in another language.") % {
            "language": name
        }
    if here < all_texts:
        missing = all_texts - here
        sentence = ngettext(
            "%(count)d text is not in %(language)s yet: guests read it in another language.",
            "%(count)d texts are not in %(language)s yet: guests read them in another language.",
            missing,
        )
        return sentence % {"count": missing, "language": name}
    return _("Guests who read %(language)s get every text in it.") % {"language": name}
