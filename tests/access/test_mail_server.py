"""Over real SMTP: what a mail server may answer, and what becomes of the message then."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from access import alerts, guests, messages, stays
from access.models import Alert, AlertKind, Message, MessageKind, Stay, Trouble
from access.party import Person
from properties import tenancy
from tests import mailserver
from tests.mailserver import Fault, MailServer
from tests.timeline import Timeline
from tests.visitors import signed_in, words
from tests.worlds import Business

pytestmark = pytest.mark.enable_socket
LATER = timedelta(minutes=5)


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with mailserver.running() as listening:
        settings.EMAIL_BACKEND = "properties.outgoing.MailServer"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", listening.port, 0.4
        yield listening


def review(timeline: Timeline) -> list[str]:
    with tenancy.across_organizations(because="alerts are of any organization"):
        alerts.review(now=timeline.now)
        return list(Alert.objects.filter(closed_at=None).values_list("kind", flat=True))


def correct(alice: Business, stay: Stay, timeline: Timeline, email: str) -> None:
    guests.correct(
        guest=stay.guest,
        name="Ada Vogel",
        email=email,
        language="en",
        corrected_by=alice.owner,
        now=timeline.now,
    )


def test_a_message_arrives_from_the_business_with_a_way_to_answer(
    alice: Business, timeline: Timeline, server: MailServer
) -> None:
    alice.book(now=timeline.now)
    timeline.pass_seconds(60)

    (arrived,) = server.arrived
    assert str(arrived["From"]) == "Harbour Stays <keys@keyturn.example>"
    assert str(arrived["Reply-To"]) == "alice@harbour.example"
    assert arrived["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    ("fault", "trouble", "doubtful", "copies"),
    [
        pytest.param(Fault.PUT_OFF, Trouble.PUT_OFF, 0, 1, id="4xx"),
        pytest.param(Fault.REFUSES_CONTENT, Trouble.REFUSED, 0, 1, id="5xx about the content"),
        pytest.param(Fault.IS_SILENT, Trouble.SILENT, 1, 1, id="silence"),
        pytest.param(Fault.TAKES_AND_DROPS, Trouble.SILENT, 1, 2, id="taken, then dropped"),
    ],
)
def test_a_message_that_was_not_taken_is_tried_again_under_the_same_number(
    alice: Business,
    timeline: Timeline,
    server: MailServer,
    fault: Fault,
    trouble: Trouble,
    doubtful: int,
    copies: int,
) -> None:
    server.faults = [fault]
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(20)
    waiting = Message.objects.get(stay=stay)
    page = words(signed_in(alice, timeline.clock).get(f"/stays/{stay.pk}"))
    timeline.pass_time(LATER)
    sent = Message.objects.get(stay=stay)

    assert (waiting.sent_at, waiting.trouble, waiting.attempts) == (None, trouble, 1)
    assert (waiting.may_have_left_at is not None) == doubtful
    assert "not accepted yet; we try again" in page
    assert (sent.sent_at is not None, sent.trouble) == (True, "")
    assert len(server.arrived) == copies
    assert len(set(server.numbers())) == 1


def test_a_host_need_not_wait_for_the_next_try(
    alice: Business, timeline: Timeline, server: MailServer
) -> None:
    server.faults = [Fault.PUT_OFF] * 3
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(minutes=6))
    host = signed_in(alice, timeline.clock)
    today = words(host.get("/"))
    host.post(f"/stays/{stay.pk}/tell-again")
    timeline.pass_seconds(2)

    assert "The mail server asks us to come back later. We try again at" in today
    assert "Try again now" in today
    assert len(server.arrived) == 1
    assert Message.objects.filter(kind=MessageKind.ACCESS_READY).count() == 1


def test_an_address_that_takes_no_mail_is_not_tried_again_and_an_alert_until_it_is_corrected(
    alice: Business, timeline: Timeline, server: MailServer
) -> None:
    server.dead = {"ada@guests.example"}
    stay = alice.book(now=timeline.now)
    timeline.pass_time(timedelta(hours=3))
    opened = review(timeline)
    host = signed_in(alice, timeline.clock)
    listed, page = host.get("/alerts"), words(host.get(f"/stays/{stay.pk}"))
    today = words(host.get("/"))
    correct(alice, stay, timeline, "ada@home.example")
    before = review(timeline)
    timeline.pass_time(LATER)

    first, second = Message.objects.filter(stay=stay).order_by("pk")
    assert (first.sent_at, first.bounced_to) == (None, "ada@guests.example")
    assert (first.attempts, first.due_at) == (1, None)
    assert (opened, before) == ([AlertKind.ADDRESS_TAKES_NO_MAIL], [AlertKind.ADDRESS_TAKES_NO_MAIL])
    assert "The message to Ada Vogel came back: ada@guests.example takes no mail." in words(listed)
    assert f"/guests/{stay.guest_id}/edit" in listed.content.decode()
    assert "“Your code is ready” came back" in page
    assert "the address takes no mail" in today
    assert (second.kind, second.sent_to) == (MessageKind.ACCESS_READY, "ada@home.example")
    assert len(server.arrived) == 1
    assert review(timeline) == []


def test_of_several_guests_one_whose_address_is_dead_does_not_keep_the_code_from_the_other(
    alice: Business, timeline: Timeline, server: MailServer
) -> None:
    server.dead = {"ben@guests.example"}
    stay = alice.book(now=timeline.now, companions=[Person("Ben Ito", "ben@guests.example")])
    timeline.pass_seconds(60)
    opened = review(timeline)
    guests.change_party(stay=stay, people=[], seen=None, changed_by=None, now=timeline.now)

    message = Message.objects.get(stay=stay)
    assert (message.sent_to, message.bounced_to) == ("ada@guests.example", "ben@guests.example")
    assert message.sent_at is not None
    assert len(server.arrived) == 1
    assert opened == [AlertKind.ADDRESS_TAKES_NO_MAIL]
    assert review(timeline) == []


def test_one_who_is_put_off_is_written_to_later_and_the_other_not_again(
    alice: Business, timeline: Timeline, server: MailServer
) -> None:
    stay = alice.book(now=timeline.now, companions=[Person("Ben Ito", "ben@guests.example")])
    server.faults = [Fault.PUT_OFF]
    timeline.pass_seconds(20)
    half = Message.objects.get(stay=stay)
    timeline.pass_time(LATER)
    whole = Message.objects.get(stay=stay)

    assert (half.sent_to, half.sent_at) == ("ben@guests.example", None)
    assert half.may_have_left_at is not None
    assert [str(one["To"]) for one in server.arrived] == ["Ada Vogel <ada@guests.example>"] * 2
    assert len(set(server.numbers())) == 1
    assert whole.sent_to == "ben@guests.example, ada@guests.example"
    assert whole.sent_at is not None


def test_a_guest_who_may_have_been_told_is_told_of_the_cancellation(
    alice: Business, timeline: Timeline, server: MailServer
) -> None:
    server.faults = [Fault.TAKES_AND_DROPS]
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(20)
    stays.cancel(stay=stay, cancelled_by=None, now=timeline.now)
    timeline.pass_time(LATER)

    assert messages.was_told(stay.pk)
    assert [str(one["Subject"]) for one in server.arrived] == [
        "Your code for Flat 1, House, from Mon 15 Jun",
        "Your stay in Flat 1, House, is cancelled",
    ]
