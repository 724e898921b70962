"""The languages that guests read, in the order in which hosts see them. Pure."""

from collections.abc import Iterable

FIRST = "en"
NAMES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "it": "Italiano",
    "es": "Español",
    "nl": "Nederlands",
    "pt": "Português",
    "cs": "Čeština",
    "pl": "Polski",
    "da": "Dansk",
    "sv": "Svenska",
    "fi": "Suomi",
}
CHOICES = list(NAMES.items())


def nearest(wanted: str, there: Iterable[str]) -> str:
    """Which of the languages that a text is there in is read by whoever wants this one; "" if it is in none.

    The same one, else English, else the first in the order above: house rules in a language that somebody
    can have translated say more than none.
    """
    known = set(there)
    order = [wanted, wanted.partition("-")[0], *NAMES]
    return next((language for language in order if language in known), "")
