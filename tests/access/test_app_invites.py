"""Guests come in with the Nuki app where a lock has no keypad: judged on the locks, by the guests' phones."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from access import app_users, guests, stays
from access.models import (
    AppUser,
    AuditEntry,
    AuditKind,
    Grant,
    GrantKind,
    Message,
    MessageKind,
    Problem,
    Stay,
)
from nuki_gateway.client import NukiClient
from nuki_gateway.models import AppEntry, Window
from properties import nuki_accounts, places
from tests.timeline import Timeline
from tests.worlds import Business, grant_on

A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
SOON = timedelta(minutes=10)


@pytest.fixture
def cottage(alice: Business) -> Business:
    """Alice's business with a flat to which only the door without a keypad leads."""
    alice.flats["Cottage"] = places.add_unit(
        place=alice.house, name="Cottage", way_in=[alice.doors["Cellar"]]
    )
    return alice


def book(
    business: Business, timeline: Timeline, *, after: timedelta = AN_HOUR, nights: int = 2, **details: Any
) -> Stay:
    starts_at = timeline.now + after
    wanted: dict[str, Any] = {
        "unit": "Cottage",
        "starts_at": starts_at,
        "ends_at": starts_at + nights * A_DAY,
    }
    return business.book(now=timeline.now, **wanted | details)


def client(business: Business) -> NukiClient:
    return nuki_accounts.client_for(business.account)


def kinds(stay: Stay) -> list[str]:
    sent = Message.objects.filter(stay=stay, sent_at__isnull=False)
    return list(sent.order_by("pk").values_list("kind", flat=True))


def test_a_guest_of_a_flat_without_keypad_is_invited_and_opens_the_door_with_the_app(
    cottage: Business, timeline: Timeline
) -> None:
    stay = book(cottage, timeline)
    timeline.pass_time(SOON)
    (invite,) = cottage.simulator.invites
    grant = grant_on(stay, "Cellar")
    cottage.simulator.redeem(invite)
    too_early = cottage.opens_with_app("Cellar")

    timeline.pass_time(AN_HOUR)
    in_time = cottage.opens_with_app("Cellar")
    timeline.skip_to(stay.ends_at + SOON)

    assert invite.email == "ada@guests.example"
    assert (grant.kind, grant.code, grant.confirmed_at is not None) == (GrantKind.APP_INVITE, "", True)
    assert (too_early, in_time, cottage.opens_with_app("Cellar")) == (False, True, False)
    assert cottage.phones_on("Cellar") == []
    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()


def test_the_letter_of_such_a_stay_has_no_code_and_says_what_to_do(
    cottage: Business, timeline: Timeline
) -> None:
    stay = book(cottage, timeline)

    timeline.pass_time(SOON)

    (letter,) = mail.outbox
    assert kinds(stay) == [MessageKind.ACCESS_READY]
    assert letter.subject == "Your stay in Cottage, House, from Mon 15 Jun"
    assert "Nuki sends Ada Vogel an e-mail with an invitation" in str(letter.body)
    assert "Cellar: Open it with the Nuki app." in str(letter.body)
    assert "code" not in str(letter.body)


def test_a_letter_says_door_by_door_what_opens_it(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now, unit="Cellar")

    timeline.pass_time(SOON)

    (letter,) = mail.outbox
    assert "1. Front door: type the code" in str(letter.body)
    assert "2. Cellar: Open it with the Nuki app." in str(letter.body)
    assert Message.objects.get(stay=stay).told_by_app == [["Cellar", 1]]


def test_an_invite_that_nobody_uses_is_made_anew_once_a_day_and_the_guest_is_told(
    cottage: Business, timeline: Timeline
) -> None:
    stay = book(cottage, timeline, after=60 * AN_HOUR)
    timeline.pass_time(SOON)
    first = grant_on(stay, "Cellar").authorization_id

    timeline.pass_time(A_DAY - 2 * SOON)
    before = len(cottage.simulator.invites)
    timeline.pass_time(AN_HOUR)
    grant = grant_on(stay, "Cellar")

    assert (before, len(cottage.simulator.invites)) == (1, 2)
    assert grant.confirmed_at is not None
    assert grant.authorization_id != first
    assert len(cottage.phones_on("Cellar")) == 1
    assert kinds(stay) == [MessageKind.ACCESS_READY, MessageKind.APP_INVITE]
    assert "A new invitation to the Nuki app" in mail.outbox[-1].subject
    assert AuditEntry.objects.filter(stay=stay, kind=AuditKind.INVITE_RENEWED).count() == 1


def test_around_the_arrival_no_invite_is_taken_away(cottage: Business, timeline: Timeline) -> None:
    stay = book(cottage, timeline, after=20 * AN_HOUR)

    timeline.skip_to(stay.starts_at + 11 * AN_HOUR)
    until_then = len(cottage.simulator.invites)
    timeline.pass_time(2 * AN_HOUR)

    assert (until_then, len(cottage.simulator.invites)) == (1, 2)


def test_an_invite_that_was_used_stays_until_the_end(cottage: Business, timeline: Timeline) -> None:
    stay = book(cottage, timeline, after=timedelta(), nights=4)
    timeline.pass_time(SOON)
    cottage.simulator.redeem(cottage.simulator.invites[0])
    cottage.opens_with_app("Cellar")

    timeline.pass_time(3 * A_DAY)

    assert len(cottage.simulator.invites) == 1
    assert grant_on(stay, "Cellar").redeemed_at is not None
    assert cottage.opens_with_app("Cellar")


def test_a_returning_guest_keeps_the_authorization_that_is_in_the_phone(
    cottage: Business, timeline: Timeline
) -> None:
    first = book(cottage, timeline, after=timedelta(), nights=1)
    timeline.pass_time(SOON)
    cottage.simulator.redeem(cottage.simulator.invites[0])
    cottage.opens_with_app("Cellar")
    second = book(cottage, timeline, after=2 * A_DAY, nights=1)
    timeline.pass_time(SOON)
    waits = grant_on(second, "Cellar")

    timeline.skip_to(first.ends_at + SOON)
    between = cottage.opens_with_app("Cellar")
    grant = grant_on(second, "Cellar")
    told = kinds(second)
    timeline.skip_to(second.starts_at + SOON)

    assert (waits.confirmed_at, waits.waits_until, waits.problem) == (None, first.ends_at, "")
    assert not Grant.objects.filter(stay=first, closed_at=None).exists()
    assert grant.authorization_id == grant_on(first, "Cellar").authorization_id
    assert (grant.confirmed_at is not None, grant.waits_until) == (True, None)
    assert told == [MessageKind.ACCESS_READY]
    assert "an e-mail with an invitation" not in str(mail.outbox[-1].body)
    assert (between, cottage.opens_with_app("Cellar")) == (False, True)
    assert len(cottage.simulator.invites) == 1


def test_of_two_stays_of_a_guest_the_nearer_one_has_the_app(cottage: Business, timeline: Timeline) -> None:
    later = book(cottage, timeline, after=60 * AN_HOUR)
    timeline.pass_time(SOON)
    nearer = book(cottage, timeline, after=AN_HOUR, nights=1)

    timeline.pass_time(SOON)

    assert grant_on(nearer, "Cellar").confirmed_at is not None
    assert grant_on(later, "Cellar").confirmed_at is None
    assert [one.name for one in cottage.phones_on("Cellar")] == [grant_on(nearer, "Cellar").label]
    assert len(cottage.simulator.invites) == 1


def test_a_cancelled_stay_leaves_no_phone_on_the_lock(cottage: Business, timeline: Timeline) -> None:
    stay = book(cottage, timeline)
    timeline.pass_time(SOON)

    stays.cancel(stay=stay, cancelled_by=cottage.owner, now=timeline.now)
    timeline.pass_time(SOON)

    assert cottage.phones_on("Cellar") == []
    assert not Grant.objects.filter(stay=stay, closed_at=None).exists()


def test_a_stay_that_is_longer_keeps_its_invite_with_the_new_end(
    cottage: Business, timeline: Timeline
) -> None:
    stay = book(cottage, timeline)
    timeline.pass_time(SOON)
    longer = stay.ends_at + A_DAY

    stays.change(
        stay=stay, unit=stay.unit, starts_at=stay.starts_at, ends_at=longer, changed_by=None, now=timeline.now
    )
    timeline.pass_time(SOON)

    (phone,) = cottage.phones_on("Cellar")
    assert (phone.allowed_until, phone.remote_allowed, phone.enabled) == (longer, False, True)
    assert len(cottage.simulator.invites) == 1


def test_what_somebody_took_off_the_lock_is_made_anew_and_the_guest_told(
    cottage: Business, timeline: Timeline
) -> None:
    stay = book(cottage, timeline)
    timeline.pass_time(SOON)
    cottage.simulator.in_the_app(cottage.locks["Cellar"].smartlock_id).delete(grant_on(stay, "Cellar").label)
    client(cottage).sync(cottage.locks["Cellar"].smartlock_id)

    timeline.pass_time(7 * AN_HOUR)

    assert len(cottage.phones_on("Cellar")) == 1
    assert kinds(stay) == [MessageKind.ACCESS_READY, MessageKind.APP_INVITE]


def test_a_push_that_was_lost_is_made_again(cottage: Business, timeline: Timeline) -> None:
    cottage.simulator.script.lose_next_write(cottage.locks["Cellar"].smartlock_id)
    stay = book(cottage, timeline)

    timeline.pass_time(SOON)

    assert grant_on(stay, "Cellar").confirmed_at is not None
    assert len(cottage.phones_on("Cellar")) == 1


def test_while_the_lock_is_offline_nobody_is_told_and_afterwards_the_guest_is(
    cottage: Business, timeline: Timeline
) -> None:
    number = cottage.locks["Cellar"].smartlock_id
    cottage.simulator.take_offline(number)
    stay = book(cottage, timeline)
    timeline.pass_time(SOON)
    meanwhile = kinds(stay)

    cottage.simulator.bring_online(number)
    timeline.pass_time(AN_HOUR)

    assert meanwhile == []
    assert kinds(stay) == [MessageKind.ACCESS_READY]
    assert len(cottage.phones_on("Cellar")) == 1


def test_whom_the_account_knows_already_is_invited_under_the_name_they_have_there(
    cottage: Business, timeline: Timeline
) -> None:
    known = client(cottage).create_account_user(email="ada@guests.example", name="Dr. Vogel")

    book(cottage, timeline)
    timeline.pass_time(SOON)

    users = client(cottage).account_users()
    assert [(one.account_user_id, one.name) for one in users] == [(known.account_user_id, "Dr. Vogel")]
    assert [one.account_user_id for one in cottage.simulator.invites] == [known.account_user_id]
    assert not AppUser.objects.get().is_ours


def test_whoever_dies_between_the_user_and_the_push_leaves_no_double(
    cottage: Business, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay = book(cottage, timeline)
    with monkeypatch.context() as dies:
        dies.setattr(app_users, "_keep", _die)
        with pytest.raises(KeyboardInterrupt):
            timeline.look_at(cottage.locks["Cellar"].pk)
    made = len(client(cottage).account_users())

    timeline.pass_time(SOON)

    assert (made, len(client(cottage).account_users())) == (1, 1)
    assert grant_on(stay, "Cellar").confirmed_at is not None
    assert len(cottage.simulator.invites) == 1


def test_the_app_that_somebody_else_gave_the_guest_is_left_alone_and_the_host_asked(
    cottage: Business, timeline: Timeline
) -> None:
    number = cottage.locks["Cellar"].smartlock_id
    user = client(cottage).create_account_user(email="ada@guests.example", name="Ada")
    client(cottage).create_app_invite(number, AppEntry("Ada", user.account_user_id, Window(None, None)))
    timeline.pass_time(SOON)

    stay = book(cottage, timeline)
    timeline.pass_time(SOON)

    assert grant_on(stay, "Cellar").problem == Problem.OWN_APP_RIGHT
    assert [one.name for one in cottage.phones_on("Cellar")] == ["Ada"]
    assert kinds(stay) == []


def test_a_guest_with_another_address_is_invited_there(cottage: Business, timeline: Timeline) -> None:
    stay = book(cottage, timeline)
    timeline.pass_time(SOON)

    guests.correct(
        guest=stay.guest,
        name="Ada Vogel",
        email="ada@work.example",
        language="en",
        corrected_by=cottage.owner,
        now=timeline.now,
    )
    timeline.pass_time(SOON)

    assert [one.email for one in cottage.simulator.invites] == ["ada@guests.example", "ada@work.example"]
    assert len(cottage.phones_on("Cellar")) == 1
    assert grant_on(stay, "Cellar").confirmed_at is not None


def test_an_address_that_is_added_later_is_invited(cottage: Business, timeline: Timeline) -> None:
    stay = book(cottage, timeline, guest_email="")
    timeline.pass_time(SOON)
    before = grant_on(stay, "Cellar").problem

    guests.correct(
        guest=stay.guest,
        name="Ada Vogel",
        email="ada@guests.example",
        language="en",
        corrected_by=cottage.owner,
        now=timeline.now,
    )
    timeline.pass_time(SOON)

    assert before == Problem.NO_ADDRESS
    assert len(cottage.simulator.invites) == 1
    assert kinds(stay) == [MessageKind.ACCESS_READY]


def test_a_guest_in_the_house_keeps_the_app_when_a_keypad_is_paired(
    cottage: Business, timeline: Timeline
) -> None:
    stay = book(cottage, timeline, after=timedelta())
    timeline.pass_time(SOON)
    cottage.simulator.script.pair_keypad(cottage.locks["Cellar"].smartlock_id)

    timeline.pass_time(7 * AN_HOUR)

    grant = grant_on(stay, "Cellar")
    assert (grant.kind, grant.smart_lock.has_keypad) == (GrantKind.APP_INVITE, True)
    assert len(cottage.phones_on("Cellar")) == 1


def test_stays_to_come_are_invited_where_the_keypad_is_gone(alice: Business, timeline: Timeline) -> None:
    starts_at = timeline.now + 20 * AN_HOUR
    stay = alice.book(now=timeline.now, starts_at=starts_at, ends_at=starts_at + A_DAY)
    timeline.pass_time(SOON)
    alice.simulator.script.unpair_keypad(alice.locks["Flat 1"].smartlock_id)

    timeline.pass_time(7 * AN_HOUR)  # one reading has missed it
    assert grant_on(stay, "Flat 1").kind == GrantKind.KEYPAD_CODE
    timeline.pass_time(6 * AN_HOUR)

    grant = grant_on(stay, "Flat 1")
    assert (grant.kind, grant.confirmed_at is not None) == (GrantKind.APP_INVITE, True)
    assert len(alice.phones_on("Flat 1")) == 1
    assert kinds(stay) == [MessageKind.ACCESS_READY, MessageKind.ACCESS_CHANGED]


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
