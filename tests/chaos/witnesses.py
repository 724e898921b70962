"""What the simulated locks and the mailbox say, in the judge's words; and the story behind what is wrong."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from icalendar import Calendar

from access.models import AuditEntry, Grant, Message
from config.demo.inbox import mailbox
from properties import tenancy
from tests.chaos.judge import OURS, Held, Letter, Wrong

CODE = re.compile(r"^\s+(\d\d \d\d \d\d)\s*$", re.MULTILINE)
TIME_TO_ANSWER = 5.0  # seconds


class Locks:
    """The simulator's control port."""

    def __init__(self, url: str) -> None:
        self._url = url

    def held(self) -> dict[str, list[Held]]:
        """What each lock really has, by its name; raises what `requests` raises."""
        doors = requests.get(f"{self._url}/-/state.json", timeout=TIME_TO_ANSWER).json()["doors"]
        return {door["name"]: [_held(one) for one in door["on_the_lock"]] for door in doors}


def _held(one: dict[str, Any]) -> Held:
    return Held(
        one["name"],
        one["code"],
        _instant(one["allowed_from"]),
        _instant(one["allowed_until"]),
        one["enabled"],
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def letters(directory: Path) -> list[Letter]:
    """All messages that arrived, read from where the mail server keeps them."""
    return [_letter(message) for message in mailbox.Mailbox(directory).messages()]


def _letter(message: mailbox.Message) -> Letter:
    code = CODE.search(message.text)
    event = Calendar.from_ical(message.attachments[0].content).walk("VEVENT")[0]
    return Letter(
        arrived_at=datetime.strptime(f"{message.id[:21]}+0000", "%Y%m%dT%H%M%S%f%z"),
        address=message.envelope_to,
        message_id=dict(message.headers)["Message-ID"],
        stay=str(event["uid"]),
        revision=event.decoded("sequence"),
        code=code[1].replace(" ", "") if code else "",
        starts_at=event.decoded("dtstart"),
        ends_at=event.decoded("dtend"),
    )


def story(wrong: Wrong) -> Iterator[str]:
    """What there is to know of it: what the lock holds, our grants, what was done, and what was told."""
    yield str(wrong)
    for held in wrong.held:
        span = f"{held.allowed_from} to {held.allowed_until}"
        yield f"    the lock holds {held.name} {held.code} {span}"
    with tenancy.across_organizations(because="the story of a failure is told"):
        for stay_id in sorted(_stays_of(wrong)):
            yield from _rows_of(stay_id)


def _stays_of(wrong: Wrong) -> set[int]:
    of_labels = Grant.objects.filter(
        label__in=[held.name for held in wrong.held if held.name.startswith(OURS)]
    )
    known = set(of_labels.values_list("stay_id", flat=True))
    return known | ({wrong.wanted.stay_id} if wrong.wanted else set())


def _rows_of(stay_id: int) -> Iterator[str]:
    for grant in Grant.objects.filter(stay_id=stay_id).select_related("smart_lock").order_by("pk"):
        yield (
            f"    grant {grant.pk} on {grant.smart_lock.name}: {grant.label} {grant.code} "
            f"{grant.allowed_from} to {grant.allowed_until}, "
            f"wanted {grant.is_wanted}, generation {grant.generation}, "
            f"asked {grant.asked_step} {grant.asked_at} of {grant.asked_generation}, "
            f"listed {grant.listed_at}, confirmed {grant.confirmed_at}, closed {grant.closed_at}, "
            f"due {grant.due_at}, attempts {grant.attempts}, problem {grant.problem!r}; lock rests until "
            f"{grant.smart_lock.rests_until}, leased until {grant.smart_lock.leased_until}"
        )
    for entry in AuditEntry.objects.filter(stay_id=stay_id).order_by("pk"):
        yield f"    {entry.at:%H:%M:%S.%f} {entry.kind} {entry.step} {entry.answer} grant {entry.grant_id}"
    for message in Message.objects.filter(stay_id=stay_id).order_by("pk"):
        yield (
            f"    message {message.pk} of revision {message.revision}: due {message.due_at}, "
            f"claimed until {message.claimed_until}, sent {message.sent_at}, "
            f"superseded {message.superseded_at}"
        )
