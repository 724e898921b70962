"""Moments in words, as the reader's language writes them. Pages show hundreds, and the same ones again."""

from datetime import datetime
from functools import lru_cache

from django.utils import translation
from django.utils.formats import date_format

from properties import wall_clock

KEPT = 20_000  # a page of a large business shows a thousand


def in_words(at: datetime, zone: str, form: str) -> str:
    """What the clock of that zone shows at an instant, in one of the forms of `config/formats`."""
    return _in_words(at, zone, form, translation.get_language())


@lru_cache(maxsize=KEPT)
def _in_words(at: datetime, zone: str, form: str, language: str | None) -> str:
    del language  # for which `date_format` asks by itself
    return date_format(wall_clock.shown(at, zone), form)
