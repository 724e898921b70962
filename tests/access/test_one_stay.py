"""One stay from booking to revocation, judged on the locks."""

from access.models import Grant, Message
from tests.timeline import Timeline
from tests.worlds import Business, code_of


def test_a_booked_code_opens_each_door_of_the_stay_and_no_other(
    alice: Business, timeline: Timeline, mailoutbox: list[object]
) -> None:
    stay = alice.book(now=timeline.now)
    code = code_of(stay)

    timeline.pass_seconds(60)

    assert [alice.opens(door, code) for door in ("Front door", "Flat 1", "Flat 2")] == [True, True, False]
    assert [grant.confirmed_at is not None for grant in Grant.objects.filter(stay=stay)] == [True, True]
    assert len(mailoutbox) == 1
    assert Message.objects.get(stay=stay).sent_at is not None
