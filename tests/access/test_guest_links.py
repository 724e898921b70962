"""The link to a guest's page: one at a time, the same in every try of a message, and nowhere stored."""

import re
from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection

from access import guest_links, stays
from access.models import AuditEntry, AuditKind, GuestLink, Stay
from properties import encryption
from tests.timeline import Timeline
from tests.worlds import Business

Outbox = list[EmailMultiAlternatives]
LINK = re.compile(r"https?://[^\s\"<]+/g/[A-Za-z0-9_-]+")
LINK_KINDS = (AuditKind.LINK_RENEWED, AuditKind.LINK_REVOKED)
DAY = timedelta(days=1)


@pytest.fixture
def stay(alice: Business, timeline: Timeline) -> Stay:
    return alice.book(now=timeline.now)


def link_of(stay: Stay, timeline: Timeline) -> GuestLink:
    link = guest_links.needed_for(stay, now=timeline.now)
    assert link is not None
    return link


def links_in(letter: EmailMultiAlternatives) -> set[str]:
    return {*LINK.findall(str(letter.body)), *LINK.findall(str(letter.alternatives[0][0]))}


def kinds() -> list[str]:
    return list(AuditEntry.objects.filter(kind__in=LINK_KINDS).order_by("pk").values_list("kind", flat=True))


def test_the_message_has_the_link_in_plain_text_and_html(
    timeline: Timeline, stay: Stay, mailoutbox: Outbox
) -> None:
    timeline.pass_seconds(60)

    address = guest_links.address(link_of(stay, timeline))
    assert address in str(mailoutbox[0].body)
    assert f'href="{address}"' in str(mailoutbox[0].alternatives[0][0])
    assert GuestLink.objects.count() == 1


def test_a_message_that_is_tried_again_has_the_same_link(
    timeline: Timeline, stay: Stay, mailoutbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[set[str]] = []

    def refuse(self: EmailMultiAlternatives, **_: object) -> int:
        tried.append(links_in(self))
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", refuse)
        timeline.pass_seconds(60)
    timeline.pass_time(timedelta(minutes=5))

    assert tried[0] == {guest_links.address(link_of(stay, timeline))}
    assert links_in(mailoutbox[0]) == tried[0]


def test_a_change_of_the_stay_keeps_the_link(
    alice: Business, timeline: Timeline, stay: Stay, mailoutbox: Outbox
) -> None:
    timeline.pass_seconds(60)
    stays.change(
        stay=stay,
        unit=alice.flats["Flat 2"],
        starts_at=stay.starts_at,
        ends_at=stay.ends_at + DAY,
        changed_by=None,
        now=timeline.now,
    )
    timeline.pass_time(timedelta(minutes=10))

    assert len(mailoutbox) == 2
    assert links_in(mailoutbox[0]) == links_in(mailoutbox[1]) != set()


def test_the_token_is_long_and_stands_in_no_row(timeline: Timeline, stay: Stay) -> None:
    link = link_of(stay, timeline)
    token = guest_links.token(link)

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(access_guestlink)::text FROM access_guestlink")
        row = cursor.fetchone()[0]

    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)
    assert token not in row
    assert link.nonce in row
    assert token not in {encryption.digest(link.nonce), link.nonce, link.token_digest}


def test_each_stay_has_a_token_of_its_own(alice: Business, timeline: Timeline, stay: Stay) -> None:
    other = alice.book(now=timeline.now, unit="Flat 2")

    tokens = {guest_links.token(link_of(one, timeline)) for one in (stay, stay, other)}

    assert len(tokens) == GuestLink.objects.count() == 2


def test_another_link_takes_the_place_of_the_one_before(
    alice: Business, timeline: Timeline, stay: Stay
) -> None:
    before = link_of(stay, timeline)

    guest_links.renew(stay=stay, instead_of=before.pk, renewed_by=alice.owner, now=timeline.now)

    before.refresh_from_db()
    after = link_of(stay, timeline)
    assert (before.revoked_at, after.revoked_at) == (timeline.now, None)
    assert guest_links.token(before) != guest_links.token(after)
    assert kinds() == [AuditKind.LINK_RENEWED]


def test_a_second_click_makes_no_second_link(alice: Business, timeline: Timeline, stay: Stay) -> None:
    before = link_of(stay, timeline)

    for _ in range(2):
        guest_links.renew(stay=stay, instead_of=before.pk, renewed_by=alice.owner, now=timeline.now)

    assert GuestLink.objects.count() == 2
    assert kinds() == [AuditKind.LINK_RENEWED]


def test_a_link_that_was_taken_away_comes_back_with_no_message_but_by_a_host(
    alice: Business, timeline: Timeline, stay: Stay, mailoutbox: Outbox
) -> None:
    revoked = link_of(stay, timeline)
    for _ in range(2):
        guest_links.revoke(stay=stay, revoked_by=alice.owner, now=timeline.now)
    timeline.pass_seconds(60)
    without = links_in(mailoutbox[0])

    guest_links.renew(stay=stay, instead_of=revoked.pk, renewed_by=alice.owner, now=timeline.now)

    assert without == set()
    assert link_of(stay, timeline).pk != revoked.pk
    assert kinds() == [AuditKind.LINK_REVOKED, AuditKind.LINK_RENEWED]


@pytest.mark.parametrize("ended", ["over", "cancelled"])
def test_a_stay_that_has_ended_gets_no_link(
    alice: Business, timeline: Timeline, stay: Stay, ended: str
) -> None:
    before = link_of(stay, timeline)
    moment = stay.ends_at if ended == "over" else timeline.now
    if ended == "cancelled":
        stays.cancel(stay=stay, cancelled_by=alice.owner, now=moment)
        stay.refresh_from_db()

    with pytest.raises(guest_links.StayIsClosed):
        guest_links.renew(stay=stay, instead_of=before.pk, renewed_by=alice.owner, now=moment)

    assert guest_links.needed_for(stay, now=moment) is None
    assert (GuestLink.objects.get().revoked_at, kinds()) == (None, [])


def test_looking_at_the_code_is_written_down_once_a_minute_at_most(timeline: Timeline, stay: Stay) -> None:
    link, first = link_of(stay, timeline), timeline.now

    for seconds in (0, 30, 30, 3600):
        timeline.clock.turn(seconds=seconds)
        guest_links.note_opened(link=link, now=timeline.now)

    link.refresh_from_db()
    assert (link.first_opened_at, link.last_opened_at) == (first, timeline.now)
    assert AuditEntry.objects.filter(kind=AuditKind.GUEST_SAW_CODE, stay=stay, by=None).count() == 3
