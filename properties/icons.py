"""Heroicons' tags under their own names, which draw each icon once: pages show hundreds of the same few."""

from collections.abc import Callable
from functools import cache

from django import template
from heroicons.templatetags import heroicons

register = template.Library()


@register.simple_tag
def heroicon_micro(name: str, *, size: int | None = 16, **attributes: object) -> str:
    """For 16 pixels."""
    return _drawn(heroicons.heroicon_micro, name, size, tuple(attributes.items()))


@register.simple_tag
def heroicon_mini(name: str, *, size: int | None = 20, **attributes: object) -> str:
    """For 20 pixels."""
    return _drawn(heroicons.heroicon_mini, name, size, tuple(attributes.items()))


@register.simple_tag
def heroicon_outline(name: str, *, size: int | None = 24, **attributes: object) -> str:
    """For 24 pixels, by lines."""
    return _drawn(heroicons.heroicon_outline, name, size, tuple(attributes.items()))


@register.simple_tag
def heroicon_solid(name: str, *, size: int | None = 24, **attributes: object) -> str:
    """For 24 pixels, filled."""
    return _drawn(heroicons.heroicon_solid, name, size, tuple(attributes.items()))


@cache
def _drawn(
    draw: Callable[..., str], name: str, size: int | None, attributes: tuple[tuple[str, object], ...]
) -> str:
    return draw(name, size=size, **dict(attributes))
