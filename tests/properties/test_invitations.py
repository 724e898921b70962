"""Inviting: one address, one link, once, for a week; and the e-mail that brings the link."""

import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives

from nuki_gateway.simulator import TurnedClock
from properties import invitations, tasks, tenancy
from properties.invitations import LASTS, MOST_OPEN, Offer, offer
from properties.models import Invitation, Membership, TeamEntry, TeamEvent, User
from properties.roles import Role
from tests.properties.teams import invited, link_to, roles_in, send_due, works_for
from tests.worlds import Business

BOB = "bob@harbour.example"
MINUTE = timedelta(minutes=1)


def by_link(path: str) -> Invitation | None:
    return invitations.by_token_digest(invitations.digest(path.rpartition("/")[2]))


def test_the_e_mail_says_who_invites_to_what_and_brings_the_link(alice: Business, clock: TurnedClock) -> None:
    User.objects.filter(pk=alice.owner.pk).update(name="Alice Ahrens")
    invitation = invited(alice, now=clock.now(), email="Bob@Harbour.example")
    send_due(now=clock.now())

    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    text, ((html, kind),) = str(sent.body), sent.alternatives
    assert (sent.to, sent.reply_to) == ([BOB], ["alice@harbour.example"])
    assert sent.subject == "Alice Ahrens invites you to Harbour Stays"
    assert "As staff you book and change stays, and see their codes." in text
    assert kind == "text/html"
    assert link_to(BOB) in text
    assert link_to(BOB) in str(html)
    assert by_link(link_to(BOB)) == invitation


def test_the_token_is_stored_nowhere(alice: Business, clock: TurnedClock) -> None:
    invitation = invited(alice, now=clock.now())
    send_due(now=clock.now())

    token = link_to(BOB).rpartition("/")[2]
    row = Invitation.objects.filter(pk=invitation.pk).values().get()
    assert len(token) >= 43  # 256 bits
    assert token not in str(row)
    assert row["token_digest"] == invitations.digest(token)


def test_the_tick_sends_each_e_mail_once(alice: Business, clock: TurnedClock) -> None:
    invitation = invited(alice, now=clock.now())

    for _ in range(3):
        send_due(now=clock.now())

    assert len(mail.outbox) == 1
    invitation.refresh_from_db()
    assert (invitation.sent_at, invitation.due_at, invitation.claimed_until) == (clock.now(), None, None)


def test_the_task_sends_what_is_due(alice: Business, clock: TurnedClock) -> None:
    invited(alice, now=clock.now())

    with time_machine.travel(clock.now(), tick=False):
        tasks.send_due_invitations()

    assert [sent.to for sent in mail.outbox] == [[BOB]]


def test_the_task_sends_each_business_its_own(alice: Business, charlie: Business, clock: TurnedClock) -> None:
    invited(alice, now=clock.now())
    with tenancy.within(charlie.organization):
        invited(charlie, now=clock.now(), email="fay@lindgren.example")

    with time_machine.travel(clock.now(), tick=False):
        tasks.send_due_invitations()

    assert [(sent.to, sent.reply_to) for sent in mail.outbox] == [
        ([BOB], ["alice@harbour.example"]),
        (["fay@lindgren.example"], ["charlie@lindgren.example"]),
    ]


def test_an_e_mail_that_was_not_taken_is_tried_again_with_another_link(
    alice: Business, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = invited(alice, now=clock.now())
    began, tried = clock.now(), []

    def refuse(message: EmailMessage, *_: object, **__: object) -> int:
        tried.append(message)
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", refuse)
        send_due(now=began)
        send_due(now=began)
    invitation.refresh_from_db()
    after_one = (len(tried), invitation.attempts, invitation.due_at, invitation.sent_at)
    send_due(now=began + MINUTE)

    assert after_one == (1, 1, began + timedelta(seconds=30), None)
    assert len(mail.outbox) == 1
    assert by_link(link_to(BOB)) == invitation


def test_a_worker_that_died_holds_an_e_mail_for_two_minutes(alice: Business, clock: TurnedClock) -> None:
    invitation = invited(alice, now=clock.now())
    Invitation.objects.filter(pk=invitation.pk).update(claimed_until=clock.now() + invitations.CLAIM)

    send_due(now=clock.now() + MINUTE)
    early = len(mail.outbox)
    send_due(now=clock.now() + invitations.CLAIM)

    assert (early, len(mail.outbox)) == (0, 1)


def test_what_was_withdrawn_before_it_was_sent_is_not_sent(alice: Business, clock: TurnedClock) -> None:
    invitation = invited(alice, now=clock.now())

    invitations.withdraw(invitation=invitation, withdrawn_by=alice.owner, now=clock.now())
    send_due(now=clock.now())
    invitations.send(invitation, now=clock.now())

    assert mail.outbox == []


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        pytest.param(Role.MANAGER, Role.MANAGER, id="manager invites manager"),
        pytest.param(Role.MANAGER, Role.OWNER, id="manager invites owner"),
        pytest.param(Role.STAFF, Role.VIEWER, id="staff invites viewer"),
        pytest.param(Role.VIEWER, Role.VIEWER, id="viewer invites viewer"),
        pytest.param(None, Role.VIEWER, id="nobody's member invites viewer"),
    ],
)
def test_who_may_not_invite_invites_nobody(
    alice: Business, clock: TurnedClock, role: Role | None, offered: Role
) -> None:
    bob = works_for(alice, BOB, role or Role.OWNER)
    if role is None:
        bob.delete()

    with pytest.raises(invitations.MayNotInvite):
        invitations.invite(
            organization=alice.organization,
            email="fay@harbour.example",
            role=offered,
            invited_by=bob.user,
            now=clock.now(),
        )

    assert (Invitation.objects.count(), TeamEntry.objects.count()) == (0, 0)


def test_an_address_is_invited_once_and_a_member_not_at_all(alice: Business, clock: TurnedClock) -> None:
    invited(alice, now=clock.now())

    with pytest.raises(invitations.AddressIsInvited):
        invited(alice, now=clock.now(), email="BOB@harbour.example")
    with pytest.raises(invitations.AddressIsOfAMember):
        invited(alice, now=clock.now(), email="Alice@harbour.example")

    assert Invitation.objects.count() == 1


def test_a_business_has_so_many_open_invitations_and_no_more(alice: Business, clock: TurnedClock) -> None:
    for number in range(MOST_OPEN):
        invited(alice, now=clock.now(), email=f"person-{number}@harbour.example")

    with pytest.raises(invitations.TooManyInvitations):
        invited(alice, now=clock.now())

    assert Invitation.objects.count() == MOST_OPEN


def test_who_has_the_address_joins_once_with_the_role(alice: Business, clock: TurnedClock) -> None:
    invited(alice, now=clock.now(), role=Role.MANAGER)
    send_due(now=clock.now())
    found, bob = by_link(link_to(BOB)), User.objects.create_user("Bob@harbour.example")
    assert found is not None

    invitations.accept(invitation=found, user=bob, now=clock.now())
    with pytest.raises(invitations.InvitationIsOver):
        invitations.accept(invitation=found, user=bob, now=clock.now())

    assert roles_in(alice) == {"alice": Role.OWNER, "bob": Role.MANAGER}
    kinds = list(TeamEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [TeamEvent.INVITED, TeamEvent.JOINED]


def test_who_works_there_already_keeps_their_role(alice: Business, clock: TurnedClock) -> None:
    invited(alice, now=clock.now(), role=Role.VIEWER)
    send_due(now=clock.now())
    found, bob = by_link(link_to(BOB)), works_for(alice, BOB, Role.MANAGER)
    assert found is not None

    invitations.accept(invitation=found, user=bob.user, now=clock.now())

    assert roles_in(alice) == {"alice": Role.OWNER, "bob": Role.MANAGER}


def test_another_person_does_not_join(alice: Business, charlie: Business, clock: TurnedClock) -> None:
    invited(alice, now=clock.now())
    send_due(now=clock.now())
    found = by_link(link_to(BOB))
    assert found is not None

    with pytest.raises(invitations.InvitationIsForAnother):
        invitations.accept(invitation=found, user=charlie.owner, now=clock.now())

    assert roles_in(alice) == {"alice": Role.OWNER}
    assert offer(Invitation.objects.get(), clock.now()) == Offer.OPEN


def test_a_week_later_an_invitation_has_expired(alice: Business, clock: TurnedClock) -> None:
    invited(alice, now=clock.now())
    send_due(now=clock.now())
    found, bob = by_link(link_to(BOB)), User.objects.create_user(BOB)
    assert found is not None
    ends_at = clock.now() + LASTS

    with pytest.raises(invitations.InvitationIsOver):
        invitations.accept(invitation=found, user=bob, now=ends_at)
    assert roles_in(alice) == {"alice": Role.OWNER}
    invitations.accept(invitation=found, user=bob, now=ends_at - timedelta(seconds=1))

    assert roles_in(alice) == {"alice": Role.OWNER, "bob": Role.STAFF}


def test_sending_again_ends_the_link_before_and_twice_is_once(alice: Business, clock: TurnedClock) -> None:
    invitation, bob = invited(alice, now=clock.now()), User.objects.create_user(BOB)
    send_due(now=clock.now())
    first = by_link(link_to(BOB))
    later = clock.now() + timedelta(days=8)

    for _ in range(2):
        invitations.invite_again(invitation=invitation, invited_by=alice.owner, now=later)
    gone = by_link(link_to(BOB))
    send_due(now=later)
    invitations.invite_again(invitation=invitation, invited_by=alice.owner, now=later + MINUTE / 2)
    send_due(now=later + MINUTE / 2)

    assert (gone, len(mail.outbox)) == (None, 2)
    assert first is not None
    with pytest.raises(invitations.InvitationIsOver):
        invitations.accept(invitation=first, user=bob, now=later)
    second = by_link(link_to(BOB))
    assert second is not None
    invitations.accept(invitation=second, user=bob, now=later + timedelta(days=6))
    kinds = list(TeamEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [TeamEvent.INVITED, TeamEvent.INVITED_AGAIN, TeamEvent.JOINED]


def test_withdrawing_ends_the_link_and_lets_the_address_be_invited_anew(
    alice: Business, clock: TurnedClock
) -> None:
    invitation, bob = invited(alice, now=clock.now()), User.objects.create_user(BOB)
    send_due(now=clock.now())
    found = by_link(link_to(BOB))
    assert found is not None

    invitations.withdraw(invitation=invitation, withdrawn_by=alice.owner, now=clock.now())

    with pytest.raises(invitations.InvitationIsOver):
        invitations.accept(invitation=found, user=bob, now=clock.now())
    with pytest.raises(invitations.InvitationIsOver):
        invitations.withdraw(invitation=invitation, withdrawn_by=alice.owner, now=clock.now())
    with pytest.raises(invitations.InvitationIsOver):
        invitations.invite_again(invitation=invitation, invited_by=alice.owner, now=clock.now())
    assert invited(alice, now=clock.now()).pk != invitation.pk
    assert Membership.objects.filter(organization=alice.organization).count() == 1


def test_a_manager_leaves_invitations_of_managers_alone(alice: Business, clock: TurnedClock) -> None:
    invitation = invited(alice, now=clock.now(), role=Role.MANAGER)
    erin = works_for(alice, "erin@harbour.example", Role.MANAGER).user

    with pytest.raises(invitations.MayNotInvite):
        invitations.invite_again(invitation=invitation, invited_by=erin, now=clock.now())
    with pytest.raises(invitations.MayNotInvite):
        invitations.withdraw(invitation=invitation, withdrawn_by=erin, now=clock.now())

    assert offer(Invitation.objects.get(), clock.now()) == Offer.OPEN


def test_a_row_without_a_token_is_found_by_nothing(alice: Business, clock: TurnedClock) -> None:
    invited(alice, now=clock.now())

    assert invitations.by_token_digest("") is None
