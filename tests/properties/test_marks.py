"""Chips, signs and times as lists show them."""

from datetime import UTC, datetime

from django.template import Context, Template
from django.utils import translation

IN_WINTER = datetime(2026, 1, 9, 23, 30, tzinfo=UTC)
IN_SUMMER = datetime(2026, 7, 9, 23, 30, tzinfo=UTC)


def shown(tag: str, **values: object) -> str:
    return Template(tag).render(Context(values))


def test_a_chip_has_colour_sign_and_word_and_takes_no_markup_from_a_name() -> None:
    made = shown("{% chip tone word %}", tone="ready", word="<b>Ready</b>")

    assert made.startswith('<span class="chip tone-ready"><svg')
    assert "&lt;b&gt;Ready&lt;/b&gt;</span>" in made


def test_each_tone_has_a_sign_of_its_own() -> None:
    tones = ["ready", "moving", "look", "act", "past", "planned"]

    assert len({shown("{% sign tone %}", tone=tone) for tone in tones}) == len(tones)


def test_a_time_is_that_of_the_zone_and_in_the_words_of_the_reader() -> None:
    tag = '{% clock at "Europe/Vienna" "WEEKDAY_CLOCK" "nowrap" %}'

    assert shown(tag, at=IN_WINTER) == (
        '<time class="nowrap" datetime="2026-01-10T00:30:00+01:00" data-zone="Europe/Vienna">'
        "Sat 10 Jan, 00:30</time>"
    )
    with translation.override("de"):
        assert "Sa" in shown(tag, at=IN_WINTER)
        assert "Sat" not in shown(tag, at=IN_WINTER)
    assert "Sat 10 Jan, 00:30" in shown(tag, at=IN_WINTER)  # not as it was kept for others


def test_a_period_leads_over_a_change_of_clocks() -> None:
    made = shown('{% period begins ends "Europe/Vienna" %}', begins=IN_WINTER, ends=IN_SUMMER)

    assert 'datetime="2026-01-10T00:30:00+01:00"' in made
    assert 'datetime="2026-07-10T01:30:00+02:00"' in made
    assert "until" in made


def test_a_moment_may_be_told_by_how_long_ago_it_was() -> None:
    made = shown("{% moment at zone %}", at=IN_SUMMER, zone="UTC")

    begins = '<time datetime="2026-07-09T23:30:00+00:00" data-zone="UTC" data-relative>'
    assert made == f"{begins}Thu 9 Jul 2026, 23:30</time>"
