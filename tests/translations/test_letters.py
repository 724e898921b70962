"""Letters are in the language of who reads them, whatever the worker's is."""

from django.core import mail
from django.core.mail import EmailMultiAlternatives

from access import alert_mail, alerts
from access.models import Alert
from nuki_gateway.simulator import TurnedClock
from properties import reading, tenancy
from properties.models import Membership, SmartLock, User
from properties.roles import Role
from tests.timeline import Timeline
from tests.worlds import Business


def test_each_host_is_written_to_in_a_language_of_their_own(alice: Business, clock: TurnedClock) -> None:
    reading.choose(user=alice.owner, language="de")
    bob = User.objects.create_user("bob@harbour.example", language="en")
    Membership.objects.create(organization=alice.organization, user=bob, role=Role.MANAGER)
    SmartLock.objects.filter(name__in=["Flat 1", "Flat 2"]).update(battery_critical=True)
    with tenancy.across_organizations(because="a review is of everybody's alerts"):
        alerts.review(now=clock.now())
    Alert.objects.update(mail_due_at=clock.now())

    alert_mail.write(organization=alice.organization, now=clock.now())

    assert {letter.to[0]: letter.subject for letter in mail.outbox} == {
        "alice@harbour.example": "Bei Harbour Stays sind 2 Sachen zu tun",
        "bob@harbour.example": "2 things need you at Harbour Stays",
    }
    assert "sind fast leer. Wechseln Sie sie." in str(mail.outbox[0].body)


def test_a_guest_is_written_to_in_german(
    alice: Business, timeline: Timeline, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    alice.book(now=timeline.now, language="de")

    timeline.pass_seconds(60)

    text = str(mailoutbox[0].body)
    assert mailoutbox[0].subject == "Ihr Code für Flat 1, House, ab Mo, 15. Jun"
    assert "Guten Tag Ada Vogel," in text
    assert "Montag, 15. Juni, 14:00" in text
    assert "Wir wünschen Ihnen einen schönen Aufenthalt." in text
