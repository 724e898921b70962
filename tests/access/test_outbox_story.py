"""Whatever happens in whatever order: the last message says what counts, and all that was told is kept.

The doors are played here: a wish is "confirmed" as the reconciler does it. Everything else is the real thing.
"""

import re
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from pytest_django.fixtures import Settings

from access import guests, messages, queries, stays, told
from access.models import Grant, Message, MessageKind, Stay
from access.models.messages import OF_A_REVISION, TELLS_ACCESS
from tests.worlds import MONDAY_NOON, Business

A_MINUTE, AN_HOUR, A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CODE = re.compile(r"\b([1-9]{2}) ([1-9]{2}) ([1-9]{2})\b")
DOOR = re.compile(r"^ +\d+\. (.+?):", re.MULTILINE)


class Killed(BaseException):
    """The worker is no more."""


class Answer(StrEnum):
    """What becomes of one handing over."""

    TAKEN = "taken"
    PUT_OFF = "put off"
    REFUSED = "refused"
    NO_SUCH_ADDRESS = "no such address"
    LOST = "lost"
    TAKEN_IN_SILENCE = "taken in silence"
    DIES_BEFORE = "dies before"
    DIES_AFTER = "dies after"


FAILURES: dict[Answer, BaseException] = {
    Answer.PUT_OFF: smtplib.SMTPDataError(451, b"later"),
    Answer.REFUSED: smtplib.SMTPDataError(554, b"no"),
    Answer.LOST: TimeoutError(),
    Answer.TAKEN_IN_SILENCE: TimeoutError(),
    Answer.DIES_BEFORE: Killed(),
    Answer.DIES_AFTER: Killed(),
}
ARRIVES = {Answer.TAKEN, Answer.TAKEN_IN_SILENCE, Answer.DIES_AFTER}


@dataclass(frozen=True)
class Letter:
    """What arrived, as its reader sees it."""

    number: int
    to: str
    is_cancellation: bool
    code: str
    doors: tuple[str, ...]
    window: tuple[datetime, datetime] | None


@dataclass
class Post:
    """The mail server of one story."""

    letters: list[Letter] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def take(self, message: EmailMessage) -> None:
        """Answer as planned, else take it."""
        answer = self.answers.pop(0) if self.answers else Answer.TAKEN
        if answer in ARRIVES:
            self.letters.append(read(message))
        if answer is Answer.NO_SUCH_ADDRESS:
            raise smtplib.SMTPRecipientsRefused(dict.fromkeys(message.recipients(), (550, b"unknown")))
        if answer in FAILURES:
            raise FAILURES[answer]


post: list[Post] = []


class Backend(BaseEmailBackend):
    """What the settings name."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Hand them over."""
        for message in email_messages:
            post[-1].take(message)
        return len(email_messages)


def read(message: EmailMessage) -> Letter:
    """Read a letter."""
    body = str(message.body)
    code, entry = CODE.search(body), next((str(one[1]) for one in message.attachments), "")
    event = Calendar.from_ical(entry).walk("VEVENT")[0] if entry else None
    return Letter(
        number=int(message.extra_headers["Message-ID"].split("-")[1].split("@")[0]),
        to=message.to[0].rpartition("<")[2].rstrip(">"),
        is_cancellation="METHOD:CANCEL" in entry,
        code="".join(code.groups()) if code else "",
        doors=tuple(DOOR.findall(body)),
        window=(event.decoded("dtstart"), event.decoded("dtend")) if event else None,
    )


class Story:
    """One stay, what is done to it, and time that passes."""

    def __init__(self, alice: Business, begins: datetime) -> None:
        self.now = begins
        self.post = Post()
        self.changes = 0
        self._alice = alice
        starts_at = begins + 20 * A_DAY
        self.stay = alice.book(now=begins, starts_at=starts_at, ends_at=starts_at + 5 * A_DAY)
        self._was = [(self.stay.unit, self.stay.starts_at, self.stay.ends_at)]

    def change(self, hours: int) -> None:
        """Come or go at another time."""
        at = timedelta(hours=hours)
        self._change(self._stay().unit.name, self._stay().starts_at + at, self._stay().ends_at + 2 * at)

    def move(self) -> None:
        """Move to the other unit."""
        stay = self._stay()
        other = "Flat 2" if stay.unit.name == "Flat 1" else "Flat 1"
        self._change(other, stay.starts_at, stay.ends_at)

    def undo(self) -> None:
        """Have it as it was before."""
        unit, starts_at, ends_at = self._was[0]
        self._change(unit.name, starts_at, ends_at)

    def there_and_back(self) -> None:
        """Change it, and think better of it."""
        self.change(1)
        self.undo()

    def work(self, span: timedelta) -> None:
        """Let time pass in which doors and mail do what they can."""
        self.confirm()
        self.wait(span)

    def _change(self, unit: str, starts_at: datetime, ends_at: datetime) -> None:
        stay = self._stay()
        if stay.cancelled_at is not None:
            return
        self._was.insert(0, (stay.unit, stay.starts_at, stay.ends_at))
        flat = self._alice.flats[unit]
        stays.change(
            stay=stay, unit=flat, starts_at=starts_at, ends_at=ends_at, changed_by=None, now=self.now
        )
        self.changes += 1

    def renew(self) -> None:
        """Ask for another code."""
        if self._stay().cancelled_at is None:
            stays.renew_code(stay=self.stay, renewed_by=None, now=self.now)
            self.changes += 1

    def correct(self, number: int) -> None:
        """Write to another address."""
        if self._stay().cancelled_at is None:
            guests.correct(
                guest=self._stay().guest,
                name="Ada Vogel",
                email=f"ada-{number}-{self.stay.pk}@guests.example",
                language="en",
                corrected_by=None,
                now=self.now,
            )
            self.changes += 1

    def again(self) -> None:
        """Ask for the message once more."""
        try:
            messages.tell_again(stay=self.stay, asked_by=None, now=self.now)
        except (messages.DoorsAreNotReady, messages.WasJustSent):
            return
        self.changes += 1

    def cancel(self) -> None:
        """Cancel the stay."""
        if self._stay().cancelled_at is None:
            stays.cancel(stay=self.stay, cancelled_by=None, now=self.now)
            self.changes += 1

    def drift(self) -> None:
        """One door has lost its code, for now."""
        first = Grant.objects.filter(stay=self.stay, closed_at=None, is_wanted=True)[:1]
        Grant.objects.filter(pk__in=first.values("pk")).update(confirmed_at=None)

    def confirm(self) -> None:
        """All doors have what is wanted, and nothing that is not."""
        open_ones = Grant.objects.filter(stay=self.stay, closed_at=None)
        open_ones.filter(is_wanted=False).update(closed_at=self.now, due_at=None)
        for grant in open_ones.filter(is_wanted=True, confirmed_at=None):
            with transaction.atomic(durable=True):
                Grant.objects.filter(pk=grant.pk).update(confirmed_at=self.now, due_at=None)
                messages.write_if_ready(stay_id=self.stay.pk, now=self.now)

    def fail(self, answers: list[Answer]) -> None:
        """Have the next messages meet this."""
        self.post.answers = list(answers)

    def wait(self, span: timedelta) -> None:
        """Let time pass: messages leave when they are due."""
        end = self.now + span
        while True:
            for number in queries.due_messages(self.now, 50):
                self._send(number)
            soonest = min((at for at in self._due() if at > self.now), default=end)
            if self.now >= end:
                return
            self.now = min(end, soonest)

    def _due(self) -> list[datetime]:
        rows = Message.objects.filter(stay=self.stay, due_at__isnull=False)
        return [max(one.due_at, one.claimed_until or one.due_at) for one in rows if one.due_at]

    def _send(self, number: int) -> None:
        try:
            messages.send(Message.objects.get(pk=number), now=self.now)
        except Killed:
            return

    def _stay(self) -> Stay:
        return Stay.objects.select_related("unit__property", "guest").get(pk=self.stay.pk)

    def end(self) -> None:
        """Nothing fails any more, whoever has a dead address gets another, and the guest is about to come."""
        self.post.answers = []
        self.confirm()
        self.wait(6 * AN_HOUR)
        if Message.objects.filter(stay=self.stay, bounced_at__isnull=False).exists():
            self.correct(99)
            self.confirm()
            self.wait(AN_HOUR)
        self.wait(self._stay().starts_at - self.now - A_MINUTE)

    def judge(self) -> None:
        """What must hold in the end."""
        stay, letters = self._stay(), self.post.letters
        rows = {one.pk: one for one in Message.objects.filter(stay=stay).order_by("pk")}
        if stay.cancelled_at is not None:
            assert not letters or letters[-1].is_cancellation
        else:
            self._judge_last(stay, letters[-1])
        corrections = {one.number for one in letters if rows[one.number].kind in OF_A_REVISION}
        assert len(corrections) <= 1 + self.changes
        self._judge_ledger(rows, letters)

    def _judge_last(self, stay: Stay, last: Letter) -> None:
        truth = told.truth_of(stay, told.wanted_of(stay))
        assert (last.code, last.doors) == (truth.code, truth.doors)
        with_times = next(one for one in reversed(self.post.letters) if one.window)
        assert with_times.window == (stay.starts_at, stay.ends_at)
        assert last.to == stay.guest.email

    def _judge_ledger(self, rows: dict[int, Message], letters: list[Letter]) -> None:
        for letter in letters:
            row = rows[letter.number]
            assert row.sent_at or row.may_have_left_at
            if row.kind in TELLS_ACCESS:
                assert (row.told_code, tuple(row.told_doors or ())) == (letter.code, letter.doors)
                assert (row.told_from, row.told_until) == letter.window
        arrived = {letter.number for letter in letters}
        assert {row.pk for row in rows.values() if row.sent_at} <= arrived
        certain = [row for row in rows.values() if row.kind in TELLS_ACCESS]
        for earlier, later in pairwise(certain):
            if earlier.sent_at and later.sent_at and not later.again and earlier.sent_to == later.sent_to:
                assert told._truth_in(earlier) != told._truth_in(later)


answers = st.lists(st.sampled_from(list(Answer)), min_size=1, max_size=3)
spans = st.sampled_from((A_MINUTE / 6, A_MINUTE, 2 * A_MINUTE, 5 * A_MINUTE, 3 * AN_HOUR))
steps = st.one_of(
    st.tuples(st.just("work"), spans),
    st.tuples(st.just("fail"), answers),
    st.tuples(st.sampled_from(("there_and_back", "undo", "move", "renew", "again", "drift", "confirm"))),
    st.tuples(st.just("change"), st.sampled_from((-5, 1, 2))),
    st.tuples(st.just("correct"), st.integers(1, 3)),
    st.tuples(st.just("wait"), spans),
)
Step = tuple[object, ...]
Steps = tuple[Step, ...]
TOLD: Steps = (("work", A_MINUTE),)
TOLD_PERHAPS: Steps = (("fail", [Answer.LOST]), ("work", A_MINUTE / 6))
CANCELLED: Steps = (("cancel",),)


@pytest.fixture
def a_post(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.access.test_outbox_story.Backend"


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param((), id="told nothing"),
        pytest.param(TOLD, id="told"),
        pytest.param(TOLD_PERHAPS, id="told perhaps"),
    ],
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=st.lists(steps, max_size=10), ending=st.sampled_from(((), CANCELLED)))
def test_the_last_message_says_what_counts_whatever_happened(
    alice: Business,
    a_post: None,  # noqa: ARG001
    beginning: Steps,
    done: list[Step],
    ending: Steps,
) -> None:
    story = Story(alice, MONDAY_NOON + Stay.objects.count() * 60 * A_DAY)
    post.append(story.post)
    for name, *details in (*beginning, *done, *ending):
        getattr(story, str(name))(*details)
    story.end()

    story.judge()
    assert MessageKind.THANK_YOU not in {one.kind for one in Message.objects.filter(stay=story.stay)}
