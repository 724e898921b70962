"""What pages say of activity: the guest's name and the door, on the stay's page and on one of its own."""

from datetime import timedelta

import pytest

from access.log_entries import ActivityKind, Means
from access.models import Activity, Grant
from nuki_gateway.simulator import TurnedClock
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, words
from tests.worlds import Business, code_of, grant_on

HTMX = {"HX-Request": "true"}
HOUR = timedelta(hours=1)


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def write_activity(
    business: Business,
    clock: TurnedClock,
    kind: ActivityKind,
    *,
    means: Means = Means.UNKNOWN,
    door: str = "Flat 1",
    name: str = "",
    grant: Grant | None = None,
    ago: timedelta = timedelta(0),
) -> Activity:
    """Something that happened."""
    return Activity.objects.create(
        organization=business.organization,
        smart_lock=business.locks[door],
        source=f"source-{Activity.objects.count()}",
        happened_at=clock.now() - ago,
        recorded_at=clock.now(),
        kind=kind,
        means=means,
        name=name,
        grant=grant,
    )


def sentences(host: Visitor, path: str) -> list[str]:
    context = host.get(path).context
    lines = context["activity"].lines if "activity" in context else context["view"].activity
    return [f"{line.sentence} {line.means}".strip() for line in lines]


def test_ada_opened_flat_1_stands_on_her_stay_s_page_and_on_the_page_of_activity(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now, guest_name="Ada Byron")
    timeline.pass_seconds(60)
    alice.opens("Flat 1", code_of(stay))
    timeline.pass_seconds(10)
    alice.read_log(now=timeline.now)

    on_the_stay, on_its_own = sentences(host, f"/stays/{stay.pk}"), sentences(host, "/activity")

    assert on_the_stay == ["Ada Byron opened Flat 1 with a code"]
    assert on_its_own == on_the_stay
    assert "Ada Byron opened Flat 1" in words(host.get(f"/stays/{stay.pk}/live", headers=HTMX))
    assert f'href="/stays/{stay.pk}"' in host.get("/activity").content.decode()


@pytest.mark.parametrize(
    ("kind", "means", "name", "sentence"),
    [
        pytest.param(
            ActivityKind.OPENED, Means.APP, "Anna", "Anna opened Flat 1 with the Nuki app", id="app"
        ),
        pytest.param(ActivityKind.OPENED, Means.BY_HAND, "", "Flat 1 was opened by hand", id="by hand"),
        pytest.param(ActivityKind.LOCKED, Means.BY_ITSELF, "", "Flat 1 was locked by itself", id="auto lock"),
        pytest.param(
            ActivityKind.CODE_REFUSED, Means.KEYPAD, "", "A wrong code was typed at Flat 1", id="refused"
        ),
        pytest.param(
            ActivityKind.CODE_REFUSED, Means.FINGERPRINT, "", "A finger was refused at Flat 1", id="finger"
        ),
        pytest.param(ActivityKind.LEFT_OPEN, Means.UNKNOWN, "", "Flat 1 stands open", id="left open"),
        pytest.param(
            ActivityKind.FAILED, Means.KEYPAD, "", "The lock of Flat 1 did not turn with a code", id="blocked"
        ),
        pytest.param(
            ActivityKind.BATTERY_LOW,
            Means.UNKNOWN,
            "",
            "The lock of Flat 1 needs a new battery",
            id="battery",
        ),
        pytest.param(
            ActivityKind.WENT_OFFLINE,
            Means.UNKNOWN,
            "",
            "Flat 1 went offline: Nuki does not reach the lock",
            id="offline",
        ),
    ],
)
def test_it_is_said_in_one_sentence(
    host: Visitor,
    alice: Business,
    clock: TurnedClock,
    kind: ActivityKind,
    means: Means,
    name: str,
    sentence: str,
) -> None:
    write_activity(alice, clock, kind, means=means, name=name)

    assert sentences(host, "/activity") == [sentence]


def test_a_guest_who_comes_too_early_is_named(host: Visitor, alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now, starts_at=timeline.now + HOUR, ends_at=timeline.now + 24 * HOUR)
    timeline.pass_seconds(60)
    assert not alice.opens("Flat 1", code_of(stay))
    timeline.pass_seconds(10)
    alice.read_log(now=timeline.now)

    assert sentences(host, "/activity") == ["Ada Vogel's code was refused at Flat 1"]


def test_every_kind_has_its_words(host: Visitor, alice: Business, clock: TurnedClock) -> None:
    shown = [kind for kind in ActivityKind if kind is not ActivityKind.OTHER]
    for kind in shown:
        write_activity(alice, clock, kind)

    assert len(set(sentences(host, "/activity"))) == len(shown)


def test_a_label_of_ours_is_no_persons_name(host: Visitor, alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    label = grant_on(stay, "Flat 1").label
    write_activity(alice, timeline.clock, ActivityKind.OPENED, means=Means.KEYPAD, name=label)

    (sentence,) = sentences(host, "/activity")

    assert sentence == "A code that Keyturn cannot place opened Flat 1 with a code"
    assert label not in host.get("/activity").content.decode()


def test_a_stay_shows_what_happened_at_its_doors_while_it_lasts_and_nobody_elses_coming_in(
    host: Visitor, alice: Business, timeline: Timeline
) -> None:
    stay = alice.book(now=timeline.now)
    other = alice.book(now=timeline.now, unit="Flat 2", guest_name="Bo Berg", guest_email="b@guests.example")
    clock = timeline.clock
    timeline.pass_seconds(3 * 3600)
    write_activity(alice, clock, ActivityKind.CODE_REFUSED, ago=4 * HOUR)  # before it began
    write_activity(alice, clock, ActivityKind.CODE_REFUSED, ago=HOUR)
    write_activity(alice, clock, ActivityKind.LEFT_OPEN, door="Front door", ago=HOUR / 2)
    write_activity(alice, clock, ActivityKind.CODE_REFUSED, door="Flat 2")
    write_activity(alice, clock, ActivityKind.OPENED, door="Front door", grant=grant_on(other, "Front door"))

    assert sentences(host, f"/stays/{stay.pk}") == [
        "Front door stands open",
        "A wrong code was typed at Flat 1",
    ]


def test_older_activity_is_a_page_further(host: Visitor, alice: Business, clock: TurnedClock) -> None:
    for number in range(120):
        write_activity(alice, clock, ActivityKind.RANG, ago=timedelta(minutes=number // 2))

    first = host.get("/activity").context["activity"]
    second = host.get(f"/activity{first.next_url}").context["activity"]
    third = host.get(f"/activity{second.next_url}").context["activity"]

    assert [len(page.lines) for page in (first, second, third)] == [50, 50, 20]
    assert (first.is_latest, second.is_latest, third.next_url) == (True, False, None)
    moments = [line.at for page in (first, second, third) for line in page.lines]
    assert moments == sorted(moments, reverse=True)


def test_the_page_of_activity_asks_again_when_something_happens(host: Visitor, alice: Business) -> None:
    assert alice

    answer = host.get("/activity")

    check_page(answer)
    page = answer.content.decode()
    assert 'data-live="activity"' in page
    assert 'hx-trigger="live, every 60s"' in page
    assert "Nothing has happened at these doors yet." in page


def test_the_pages_cost_the_same_however_much_happened(
    host: Visitor, alice: Business, clock: TurnedClock, django_assert_max_num_queries: object
) -> None:
    stay = alice.book(now=clock.now())
    for _ in range(40):
        write_activity(alice, clock, ActivityKind.OPENED, grant=grant_on(stay, "Flat 1"))

    with django_assert_max_num_queries(12):  # type: ignore[operator]  # pytest-django's fixture
        host.get("/activity")
