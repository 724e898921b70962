"""The mail server of a rehearsal: keeps what guests are told, and fails as mail servers do."""

import random
import re
import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from properties import clock

CODE = re.compile(r"\b([1-9]{2}) ([1-9]{2}) ([1-9]{2})\b")  # as people read it
TOLD = re.compile(r"^It works\n.+?^Press the six digits", re.DOTALL | re.MULTILINE)
HALF = 0.5


@dataclass(frozen=True)
class Letter:
    """What one guest was told."""

    at: datetime
    to: str
    number: str  # its Message-ID
    code: str  # empty where the stay is cancelled
    told: str  # from when to when, and through which doors, as it stands there
    body: str


class PostOffice:
    """Takes letters, and tells whoever wants to know."""

    def __init__(self, *, chance: random.Random, refused: float, told: Callable[[Letter], None]) -> None:
        self._chance = chance
        self._refused = refused
        self._told = told
        self.failed_afterwards = 0  # letters that were taken, and whose sender was not told so

    def take(self, message: EmailMessage) -> None:
        """Take a letter; raises what `smtplib` raises, half of the time after it was taken."""
        fails = self._chance.random() < self._refused
        taken = not fails or self._chance.random() < HALF
        if taken:
            self._told(_letter(message))
        self.failed_afterwards += fails and taken
        if fails:
            raise TimeoutError if taken else smtplib.SMTPServerDisconnected("greylisted")


class NoPostOffice(Exception):
    """A letter was sent outside of a rehearsal."""


office: list[PostOffice] = []  # the one that is open


class Letters(BaseEmailBackend):
    """What Django's settings name as the way that mail goes."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Hand them over."""
        if not office:
            raise NoPostOffice
        for message in email_messages:
            office[-1].take(message)
        return len(email_messages)


def _letter(message: EmailMessage) -> Letter:
    body = str(message.body)
    found, told = CODE.search(body), TOLD.search(body)
    return Letter(
        at=clock.now(),
        to=message.to[0].rpartition("<")[2].rstrip(">"),
        number=str(message.extra_headers.get("Message-ID", "")),
        code="".join(found.groups()) if found else "",
        told=" ".join(told[0].split()) if told else "",
        body=body,
    )
