"""Small marks that lists show hundreds of: a state as a chip or a sign, a moment, a period.

Tags and not templates, as a template that is included costs more than all that it says.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from properties import dates, icons, wall_clock

register = template.Library()

# the sign of each tone; whatever has another is planned
SIGNS = {
    "ready": "check-circle",
    "moving": "clock",
    "look": "eye",
    "act": "hand-raised",
    "past": "archive-box",
}
PLANNED = "calendar"


@register.simple_tag
def chip(tone: str, word: str | Promise) -> SafeString:
    """A state: its colour, its sign and its word."""
    return format_html(
        '<span class="chip tone-{}">{}{}</span>', tone, _drawn(icons.heroicon_micro, tone), word
    )


@register.simple_tag
@cache
def sign(tone: str) -> SafeString:
    """The sign of a state, beside words that say it."""
    return format_html('<span class="sign">{}</span>', _drawn(icons.heroicon_solid, tone))


@register.simple_tag
def moment(at: datetime, zone: str) -> SafeString:
    """When something happened, on the clock of a zone; the script beside it says how long ago."""
    return format_html(
        '<time datetime="{}" data-zone="{}" data-relative>{}</time>',
        *_told(at, zone, "WEEKDAY_OF_YEAR_CLOCK"),
    )


@register.simple_tag
def clock(at: datetime, zone: str, form: str, kind: str = "") -> SafeString:
    """A time on the clock of a zone, in one of the forms of `config/formats`."""
    return format_html(
        '<time class="{}" datetime="{}" data-zone="{}">{}</time>', kind, *_told(at, zone, form)
    )


@register.simple_tag
def period(starts_at: datetime, ends_at: datetime, zone: str) -> SafeString:
    """From when to when, on the clock of a zone."""
    begins, _zone, begins_in_words = _told(starts_at, zone, "WEEKDAY_CLOCK")
    return format_html(
        '<span class="period"><time class="nowrap" datetime="{}">{}</time> <span aria-hidden="true">→</span> '
        '<span class="visually-hidden">{}</span> '
        '<time class="nowrap" datetime="{}" data-zone="{}">{}</time></span>',
        begins,
        begins_in_words,
        _("until"),
        *_told(ends_at, zone, "WEEKDAY_CLOCK"),
    )


def _drawn(draw: Callable[..., str], tone: str) -> str:
    return draw(SIGNS.get(tone, PLANNED), aria_hidden="true")


def _told(at: datetime, zone: str, form: str) -> tuple[str, str, str]:
    """The moment for programs, its zone, and the moment for people."""
    return wall_clock.kept(at, zone), zone, dates.in_words(at, zone, form)
