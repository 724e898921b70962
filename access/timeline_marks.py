"""The half days of the timeline's table. A tag and not a template, as a page has a thousand of them."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from access.timeline_pages import Bar, Place
from properties import marks

register = template.Library()


@register.simple_tag
def tape_place(place: Place) -> SafeString:
    """Who is there in these half days, or how to book them."""
    return _taken(place) if place.bars else _free(place)


def _taken(place: Place) -> SafeString:
    bars = format_html_join("", "{}", ((_bar(one),) for one in place.bars))
    return format_html('<td class="tape-taken" colspan="{}">{}</td>', place.width, bars)


def _bar(bar: Bar) -> SafeString:
    began_before = " began-before" if bar.span.began_before else ""
    goes_on = " goes-on" if bar.span.goes_on else ""
    return format_html(
        '<a class="bar tone-{tone}{ends}" href="{url}" title="{name}: {words}">'
        '<span class="bar-inside"><span class="bar-words">{sign} <span>{name}</span> '
        '<span class="bar-word" aria-hidden="true">{word}</span></span></span>'
        '<span class="visually-hidden">{words}</span></a>',
        tone=bar.chip.tone,
        ends=began_before + goes_on,
        url=bar.url,
        name=bar.guest_name,
        words=bar.words,
        sign=marks.sign(bar.chip.tone),
        word=bar.chip.word,
    )


def _free(place: Place) -> SafeString:
    begins = " begins" if place.begins_a_day else ""
    kind = " today" if place.is_today else " weekend" if place.head.is_weekend else ""
    return format_html(
        '<td class="tape-free{}" colspan="{}" data-day="{}" data-words="{}">{}</td>',
        begins + kind,
        place.width,
        place.head.iso,
        place.head.words,
        _book(place),
    )


def _book(place: Place) -> SafeString | str:
    if not place.book_url:
        return ""
    return format_html(
        '<a class="book" href="{}"><span class="visually-hidden">{}</span></a>',
        place.book_url,
        place.book_words,
    )
