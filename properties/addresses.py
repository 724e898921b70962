"""Addresses of pages: `/b/<slug>/…` says which business one is in.

The slug is no part of the URL configuration. It is the script prefix of a request, so every address that is
made while the request is answered stays within the business. What people and programs reach for no business
in particular (signing in, invitations, what Nuki calls) has no slug.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.urls import get_script_prefix, reverse, set_script_prefix
from django.utils.text import slugify

OUTSIDE = "/"
LONGEST_SLUG = 50
WITHIN = re.compile(r"/b/(?P<slug>[a-z0-9-]+)(?P<page>/.*)?", re.DOTALL)


def taken_apart(path: str) -> tuple[str, str]:
    """The slug and the page of a path; the slug is empty where the path names no business."""
    found = WITHIN.fullmatch(path)
    return (found["slug"], found["page"] or "/") if found else ("", path)


def within(slug: str, page: str = "/") -> str:
    """The path of a page of a business."""
    return f"/b/{slug}{page}"


def public(name: str, *, slug: str = "", **words: str | int) -> str:
    """The whole address of a page, of a business or of none, whoever asks for it from where."""
    with made_within(slug):
        return settings.PUBLIC_URL + reverse(name, kwargs=words)


@contextmanager
def made_within(slug: str) -> Iterator[None]:
    """Have all addresses lead to pages of this business; with no slug to pages of none."""
    before = get_script_prefix()
    set_script_prefix(within(slug) if slug else OUTSIDE)
    try:
        yield
    finally:
        set_script_prefix(before)


def slug_of(name: str, number: int = 1) -> str:
    """How a business of this name is called in addresses; the number tells those of one name apart."""
    tail = f"-{number}" if number > 1 else ""
    return (slugify(name)[: LONGEST_SLUG - len(tail)].strip("-_").replace("_", "-") or "business") + tail
