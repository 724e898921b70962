"""People who visit pages by the test client, on the simulator's clock, and what every page has to be like."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import time_machine
from django.test import Client

from nuki_gateway.simulator import TurnedClock
from properties.models import Membership, User
from properties.roles import Role
from tests.worlds import PASSWORD, Business

TAGS = re.compile(r"<[^>]+>")
# a script without an address of its own; data in a script's tags is not carried out
SCRIPT = re.compile(r'<script(?![^>]*\b(?:src=|type="application/json"))', re.IGNORECASE)
INLINE = re.compile(r"<[^>]+\s(?:style|on[a-z]+)=", re.IGNORECASE)


@dataclass
class Visitor:
    """A person with a browser, to whom it is as late as in the simulator."""

    clock: TurnedClock
    client: Client = field(default_factory=Client)

    def get(self, path: str, **extra: Any) -> Any:
        """Look at a page; the way in leads to the same page of one's business."""
        with self.now():
            answer = self.client.get(path, **extra)
            if urlsplit(path).path == "/" and answer.headers.get("Location", "").startswith("/b/"):
                answer = self.client.get(answer.headers["Location"], **extra)
            return answer

    def post(self, path: str, fields: dict[str, Any] | None = None, **extra: Any) -> Any:
        """Send a form."""
        with self.now():
            return self.client.post(path, fields or {}, **extra)

    def sign_in(self, user: User) -> "Visitor":
        """Be signed in, without the form."""
        with self.now():
            self.client.force_login(user)
        return self

    @contextmanager
    def now(self) -> Iterator[None]:
        """Let the views' clock show what the simulator's shows."""
        with time_machine.travel(self.clock.now(), tick=False):
            yield


def signed_in(business: Business, clock: TurnedClock) -> Visitor:
    """The owner of the business, at its pages."""
    return Visitor(clock).sign_in(business.owner)


def with_role(business: Business, clock: TurnedClock, role: Role) -> Visitor:
    """Bob, who works for the business in this role."""
    bob = User.objects.create_user("bob@harbour.example", PASSWORD, name="Bob Berger")
    Membership.objects.create(organization=business.organization, user=bob, role=role)
    return Visitor(clock).sign_in(bob)


def words(answer: Any) -> str:
    """What a person reads on the page, in one line."""
    page = answer.content.decode().split("<body", 1)[-1]
    return " ".join(unescape(TAGS.sub(" ", page)).split())


def check_page(answer: Any) -> None:
    """What holds for every page: a strict policy, and nothing that it would forbid."""
    page = answer.content.decode()
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert SCRIPT.findall(page) == []
    assert INLINE.findall(page) == []
    assert "<style" not in page
    assert '<html lang="en">' in page
