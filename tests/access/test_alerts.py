"""Alerts: opened where a fact needs a host, closed when it is gone, written about once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from access import alert_mail, alert_queries, alerts, stays
from access.models import Alert, AlertKind
from nuki_gateway.simulator import TurnedClock
from properties import limits, places, tenancy
from properties.models import AlertMail, Membership, NukiAccount, SmartLock, User
from properties.reach import Reach
from properties.roles import Role
from tests.timeline import Timeline
from tests.visitors import check_page, signed_in, words
from tests.worlds import Business

HOUR = timedelta(hours=1)
MONDAY_NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def review(now: datetime) -> None:
    with tenancy.across_organizations(because="a review is of everybody's alerts"):
        alerts.review(now=now)


def told(alice: Business, now: datetime) -> list[str]:
    """Write what is due, as the tasks do; the subjects of all letters to hosts so far."""
    with tenancy.across_organizations(because="the tick asks for everybody"):
        due = alert_queries.organizations_to_write_to(now)
    if due:
        alert_mail.write(organization=alice.organization, now=now)
    return [str(letter.subject) for letter in mail.outbox if letter.to != ["Ada Vogel <ada@guests.example>"]]


def is_open() -> list[str]:
    return [alert.kind for alert in Alert.objects.filter(closed_at=None).order_by("kind")]


def test_a_guest_who_may_not_get_in_is_told_of_once_and_the_alert_goes_by_itself(
    alice: Business, timeline: Timeline
) -> None:
    alice.simulator.script.take_offline(alice.locks["Flat 1"].smartlock_id)
    alice.book(now=timeline.now)
    timeline.pass_time(timedelta(minutes=6))

    review(timeline.now)
    review(timeline.now)
    at_once = told(alice, timeline.now)
    timeline.pass_time(timedelta(minutes=3))
    soon = told(alice, timeline.now)
    again = told(alice, timeline.now + HOUR)
    opened = is_open()
    alice.simulator.bring_online(alice.locks["Flat 1"].smartlock_id)
    timeline.pass_time(timedelta(minutes=25))
    review(timeline.now)

    assert opened == [AlertKind.GUEST_MAY_NOT_GET_IN]
    assert at_once == []
    assert soon == again
    assert len(soon) == 1
    assert soon[0].startswith("Ada Vogel · Flat 1: Flat 1 does not answer since ")
    assert is_open() == []
    assert Alert.objects.get().closed_at == timeline.now


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        pytest.param({"offline_since": MONDAY_NOON - HOUR}, AlertKind.LOCK_OFFLINE, id="offline"),
        pytest.param({"battery_critical": True}, AlertKind.BATTERY_LOW, id="battery"),
        pytest.param({"keypad_battery_critical": True}, AlertKind.KEYPAD_BATTERY_LOW, id="keypad's battery"),
        pytest.param({"subscription_ended": True}, AlertKind.SUBSCRIPTION_ENDED, id="subscription"),
        pytest.param({"gone_since": MONDAY_NOON, "battery_critical": True}, AlertKind.LOCK_GONE, id="gone"),
    ],
)
def test_what_is_wrong_with_a_lock_is_an_alert_while_it_is_so(
    alice: Business, clock: TurnedClock, fields: dict[str, object], kind: AlertKind
) -> None:
    lock = alice.locks["Flat 1"]
    SmartLock.objects.filter(pk=lock.pk).update(**fields)
    review(clock.now())
    opened = [(alert.kind, alert.smart_lock) for alert in Alert.objects.filter(closed_at=None)]

    restored = {name: getattr(lock, name) for name in fields}
    SmartLock.objects.filter(pk=lock.pk).update(**restored)
    review(clock.now() + HOUR)

    assert opened == [(kind, lock)]
    assert is_open() == []


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"offline_since": MONDAY_NOON - timedelta(minutes=29)}, id="offline for minutes"),
        pytest.param({"battery_charge": 21}, id="a battery that is not critical"),
    ],
)
def test_what_goes_by_itself_is_no_alert(
    alice: Business, clock: TurnedClock, fields: dict[str, object]
) -> None:
    SmartLock.objects.filter(pk=alice.locks["Flat 1"].pk).update(**fields)

    review(clock.now())

    assert Alert.objects.count() == 0


def test_a_lock_on_no_door_needs_nobody(alice: Business, clock: TurnedClock) -> None:
    door = alice.doors["Flat 1"]
    door.smart_lock = None
    door.save()
    SmartLock.objects.filter(pk=alice.locks["Flat 1"].pk).update(battery_critical=True)

    review(clock.now())

    assert Alert.objects.count() == 0


def test_what_comes_back_within_an_hour_is_the_same_alert_and_is_not_told_again(
    alice: Business, clock: TurnedClock
) -> None:
    account = NukiAccount.objects.filter(pk=alice.account.pk)
    now = clock.now()
    for broken_since, minutes in ((now, 0), (None, 10), (now, 40), (None, 50), (now, 180)):
        account.update(broken_since=broken_since)
        review(now + timedelta(minutes=minutes))
        told(alice, now + timedelta(minutes=minutes + 5))

    assert [letter.subject.partition(":")[0] for letter in mail.outbox] == ["Nuki", "Nuki"]
    assert Alert.objects.count() == 2
    assert is_open() == [AlertKind.ACCOUNT_BROKEN]


@pytest.mark.parametrize(
    ("kind", "zone", "now", "due"),
    [
        pytest.param(
            AlertKind.LOCK_GONE, "Europe/Vienna", MONDAY_NOON, MONDAY_NOON + timedelta(minutes=2), id="urgent"
        ),
        pytest.param(
            AlertKind.BATTERY_LOW,
            "Europe/Vienna",
            MONDAY_NOON,
            datetime(2026, 6, 16, 6, tzinfo=UTC),
            id="tomorrow",
        ),
        pytest.param(
            AlertKind.BATTERY_LOW,
            "America/New_York",
            datetime(2026, 6, 15, 11, tzinfo=UTC),
            datetime(2026, 6, 15, 12, tzinfo=UTC),
            id="today, over there",
        ),
    ],
)
def test_what_can_wait_is_told_at_eight_in_the_morning(
    kind: AlertKind, zone: str, now: datetime, due: datetime
) -> None:
    assert alerts.mail_is_due_at(kind, zone, now) == due


def test_what_can_wait_comes_in_one_letter_to_owners_and_managers(
    alice: Business, clock: TurnedClock, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://keys.example"
    for role in (Role.MANAGER, Role.STAFF, Role.VIEWER):
        user = User.objects.create_user(f"{role}@harbour.example")
        Membership.objects.create(organization=alice.organization, user=user, role=role)
    SmartLock.objects.filter(name__in=["Flat 1", "Flat 2"]).update(battery_critical=True)
    review(clock.now())

    assert told(alice, clock.now() + HOUR) == []
    told(alice, datetime(2026, 6, 16, 6, 1, tzinfo=UTC))

    assert [letter.to for letter in mail.outbox] == [["alice@harbour.example"], ["manager@harbour.example"]]
    assert {letter.subject for letter in mail.outbox} == {"2 things need you at Harbour Stays"}
    lock = alice.locks["Flat 1"]
    for part in ("Flat 1 · House", "nearly empty", f"https://keys.example/b/harbour-stays/locks/{lock.pk}"):
        assert part in str(mail.outbox[0].body)


def test_who_has_chosen_no_language_is_written_to_in_that_of_the_owner(
    alice: Business, clock: TurnedClock
) -> None:
    User.objects.filter(pk=alice.owner.pk).update(language="de")
    for name, language in (("bob", ""), ("dora", "en")):
        user = User.objects.create_user(f"{name}@harbour.example", language=language)
        Membership.objects.create(organization=alice.organization, user=user, role=Role.MANAGER)
    SmartLock.objects.filter(name__in=["Flat 1", "Flat 2"]).update(battery_critical=True)
    review(clock.now())

    told(alice, datetime(2026, 6, 16, 6, 1, tzinfo=UTC))

    subjects = {letter.to[0].partition("@")[0]: str(letter.subject) for letter in mail.outbox}
    assert subjects["dora"] == "2 things need you at Harbour Stays"
    assert subjects["alice"] == subjects["bob"] != subjects["dora"]


def test_everybody_is_written_to_about_what_they_chose(alice: Business, clock: TurnedClock) -> None:
    for name, chosen in (("bob", AlertMail.URGENT), ("dora", AlertMail.NONE), ("erin", AlertMail.ALL)):
        user = User.objects.create_user(f"{name}@harbour.example")
        Membership.objects.create(
            organization=alice.organization, user=user, role=Role.STAFF, alert_mail=chosen
        )
    NukiAccount.objects.update(broken_since=clock.now())
    SmartLock.objects.filter(name="Flat 1").update(battery_critical=True)
    review(clock.now())
    Alert.objects.update(mail_due_at=clock.now())

    told(alice, clock.now())

    assert {letter.to[0].partition("@")[0]: letter.subject.partition(":")[0] for letter in mail.outbox} == {
        "alice": "2 things need you at Harbour Stays",
        "bob": "Nuki",
        "erin": "2 things need you at Harbour Stays",
    }


def test_whoever_is_limited_is_written_to_about_their_properties_alone(
    alice: Business, clock: TurnedClock
) -> None:
    mill = places.add_property(
        organization=alice.organization,
        name="Mill",
        time_zone="Europe/Vienna",
        check_in_time=alice.house.check_in_time,
        check_out_time=alice.house.check_out_time,
    )
    alice.doors["Cellar"].property = mill
    alice.doors["Cellar"].save()
    for name, reach in (("dora", {mill.pk}), ("erin", {alice.house.pk}), ("fay", set[int]())):
        user = User.objects.create_user(f"{name}@harbour.example")
        place = Membership.objects.create(
            organization=alice.organization, user=user, role=Role.STAFF, alert_mail=AlertMail.ALL
        )
        limits.give(member=place, role=Role.STAFF, reach=Reach(frozenset(reach)))
    SmartLock.objects.filter(name__in=["Cellar", "Flat 1"]).update(battery_critical=True)
    review(clock.now())
    Alert.objects.update(mail_due_at=clock.now())

    alert_mail.write(organization=alice.organization, now=clock.now())

    bodies = {letter.to[0].partition("@")[0]: str(letter.body) for letter in mail.outbox}
    assert {name: ("Cellar" in body, "Flat 1" in body) for name, body in bodies.items()} == {
        "alice": (True, True),
        "dora": (True, False),
        "erin": (False, True),
    }


def test_a_mail_server_that_refuses_is_tried_again_under_the_same_message_id(
    alice: Business, clock: TurnedClock, settings: Settings
) -> None:
    NukiAccount.objects.update(broken_since=clock.now())
    review(clock.now())
    sending, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.smtp.EmailBackend"
    assert told(alice, clock.now() + timedelta(minutes=3)) == []  # nobody listens there

    settings.EMAIL_BACKEND = sending
    assert told(alice, clock.now() + timedelta(minutes=4)) == []
    subjects = told(alice, clock.now() + timedelta(minutes=14))

    assert len(subjects) == 1
    alert = Alert.objects.get()
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<alerts-{alert.pk}-1-")
    assert (alert.mail_due_at, alert.mailed_at) == (None, clock.now() + timedelta(minutes=14))


def test_two_workers_write_once(alice: Business, clock: TurnedClock) -> None:
    NukiAccount.objects.update(broken_since=clock.now())
    review(clock.now())
    later = clock.now() + timedelta(minutes=3)
    Alert.objects.update(mail_due_at=later + timedelta(minutes=10))  # another worker has claimed it

    alert_mail.write(organization=alice.organization, now=later)

    assert mail.outbox == []


def test_what_another_worker_has_holds_up_nothing_else(alice: Business, clock: TurnedClock) -> None:
    NukiAccount.objects.update(broken_since=clock.now())
    SmartLock.objects.filter(name="Flat 1").update(battery_critical=True)
    review(clock.now())
    later = clock.now() + timedelta(minutes=3)
    Alert.objects.filter(kind=AlertKind.ACCOUNT_BROKEN).update(mail_due_at=later + timedelta(minutes=10))
    Alert.objects.filter(kind=AlertKind.BATTERY_LOW).update(mail_due_at=later)

    alert_mail.write(organization=alice.organization, now=later)

    assert [letter.subject.partition(" ·")[0] for letter in mail.outbox] == ["Flat 1"]
    untold = Alert.objects.filter(mailed_at=None).values_list("kind", flat=True)
    assert list(untold) == [AlertKind.ACCOUNT_BROKEN]


def test_a_review_asks_as_often_for_many_problems_as_for_few(
    alice: Business, charlie: Business, clock: TurnedClock
) -> None:
    def asked(now: datetime) -> int:
        with CaptureQueriesContext(connection) as queries:
            review(now)
        return len(queries.captured_queries)

    SmartLock.objects.filter(pk=alice.locks["Flat 1"].pk).update(battery_critical=True)
    review(clock.now())
    few = asked(clock.now())
    with tenancy.across_organizations(because="everybody's locks fail"):
        SmartLock.objects.update(battery_critical=True, keypad_battery_critical=True)
    review(clock.now())

    assert asked(clock.now()) == few
    with tenancy.within(charlie.organization):
        assert Alert.objects.count() == 8
    assert Alert.objects.count() == 8


def test_the_page_says_what_needs_the_host_and_the_badge_counts_it(
    alice: Business, timeline: Timeline, clock: TurnedClock
) -> None:
    host = signed_in(alice, clock)
    quiet = host.get("/alerts")
    stay = alice.book(now=timeline.now)
    alice.simulator.script.take_offline(alice.locks["Flat 1"].smartlock_id)
    timeline.pass_time(timedelta(minutes=40))
    SmartLock.objects.filter(pk=alice.locks["Flat 2"].pk).update(battery_critical=True)
    review(timeline.now)

    page = host.get("/alerts")
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=timeline.now)
    review(timeline.now)
    after, past = host.get("/alerts"), host.get("/alerts/past")

    check_page(quiet)
    check_page(page)
    assert "Nothing needs you." in words(quiet)
    lines = words(page)
    assert "3 things need you." in lines
    assert lines.index("Ada Vogel · Flat 1") < lines.index("Flat 1 · House") < lines.index("Flat 2 · House")
    assert f'href="/stays/{stay.pk}"' in page.content.decode()
    assert "Alerts 3" in lines
    assert "Alerts 2" in words(host.get("/properties"))
    assert "2 things need you." in words(after)
    assert "It was not certain that Ada Vogel would get in." in words(past)


@pytest.mark.parametrize("junk", ["?before=x", "?before=0", "?before=999999999999999999999"])
def test_junk_in_the_address_is_no_error(alice: Business, clock: TurnedClock, junk: str) -> None:
    assert signed_in(alice, clock).get(f"/alerts/past{junk}").status_code == 200
