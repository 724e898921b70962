"""Opening a door, and having a lock read again: once, at once or not at all, and nothing claimed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from access import asked_pages, lock_actions, tasks
from access.log_entries import ActivityKind, Means
from access.models import Activity, AuditEntry, AuditKind
from nuki_gateway.simulator import Simulator, TurnedClock
from properties import nuki_accounts
from properties.models import NukiAccount, SmartLock
from properties.roles import Role
from tests.access.test_pages_activity import write_activity
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import Business

FLAT = "Flat 1"
TASKS: dict[str, Any] = {
    "access.tasks.open_lock": tasks.open_lock,
    "access.tasks.see_opening": tasks.see_opening,
    "access.tasks.read_lock": tasks.read_lock,
    "access.tasks.see_reading": tasks.see_reading,
}


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


@pytest.fixture
def commits(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    """Rings are sent as after a commit."""

    @contextmanager
    def committed() -> Iterator[None]:
        with django_capture_on_commit_callbacks(execute=True):
            yield

    return committed


def path(business: Business, what: str = "") -> str:
    return f"/locks/{business.locks[FLAT].pk}{what}"


def press(host: Visitor, business: Business, commits: Any, what: str = "/open") -> Any:
    with commits():
        return host.post(path(business, what))


def work(rings: Rings, timeline: Timeline) -> None:
    """Run what was rung for, each after its span, until nothing more is rung for."""
    while rings.sent:
        name, arguments, countdown = rings.sent.pop(0)
        if name in TASKS:
            timeline.clock.turn(seconds=countdown or 0)
            with time_machine.travel(timeline.now, tick=False):
                TASKS[name](**arguments)


def actions(simulator: Simulator) -> list[str]:
    return [
        call.path.rpartition("/")[2] for call in simulator.calls if call.path.endswith(("/action", "/sync"))
    ]


def outcome(host: Visitor, business: Business, what: str = "opening") -> str:
    found = getattr(host.get(path(business)).context["view"], what)
    return f"{found.word}: {found.sentence}" if found else ""


def kinds() -> list[str]:
    asked = AuditEntry.objects.filter(smart_lock__isnull=False).order_by("pk")
    return [f"{one.kind} {one.answer}".strip() for one in asked]


def test_a_door_is_opened_and_the_page_says_so_only_once_the_lock_does(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    answer = press(host, alice, commits)
    asked = outcome(host, alice)
    name, arguments, _ = rings.sent.pop()
    with time_machine.travel(timeline.now, tick=False):
        TASKS[name](**arguments)
    passed_on = outcome(host, alice)
    work(rings, timeline)

    assert (answer.status_code, answer.headers["Location"]) == (302, path(alice))
    assert asked == "Asked: We are asking Nuki to open the lock."
    assert passed_on == "Asked: Nuki took the request. The lock has not said yet that it opened."
    assert outcome(host, alice) == "Opened: The lock's log shows that it opened."
    assert actions(simulator) == ["action"]
    found = Activity.objects.get(smart_lock=alice.locks[FLAT])
    assert (found.kind, found.means) == (ActivityKind.OPENED, Means.WEB)
    assert kinds() == ["opening asked", "lock called", "lock answered accepted"]
    assert AuditEntry.objects.get(kind=AuditKind.OPENING_ASKED).by == alice.owner
    page = words(host.get(path(alice)))
    assert "alice@harbour.example asked the lock to open" in page
    assert "over Nuki Web" in page


@pytest.mark.parametrize(
    ("door", "action"),
    [
        pytest.param("Flat 1", 3, id="a smart lock pulls the latch"),
        pytest.param("Box", 1, id="a box unlocks"),
    ],
)
def test_each_device_is_told_what_opens_it(
    alice: Business, timeline: Timeline, rings: Rings, commits: Any, door: str, action: int
) -> None:
    (at_nuki,) = alice.simulator.world.accounts
    alice.simulator.add_lock(at_nuki, name="Box", device_type=1, keypad=None)
    nuki_accounts.refresh(account=alice.account, now=timeline.now)
    lock = SmartLock.objects.get(name=door)
    with commits():
        lock_actions.ask_to_open(lock=lock, asked_by=alice.owner, now=timeline.now)

    work(rings, timeline)

    assert alice.simulator.engine.lock(lock.smartlock_id).device.state.last_action == action


def test_a_double_click_opens_once(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    press(host, alice, commits)
    second = press(host, alice, commits)

    assert second.status_code == 302
    assert [name for name, _, _ in rings.sent] == ["access.tasks.open_lock"]
    work(rings, timeline)
    assert actions(simulator) == ["action"]
    assert kinds().count("opening asked") == 1


def test_after_ten_seconds_it_can_be_opened_again(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    press(host, alice, commits)
    work(rings, timeline)
    timeline.clock.turn(seconds=10)

    press(host, alice, commits)
    work(rings, timeline)

    assert actions(simulator) == ["action", "action"]


def test_a_task_that_comes_twice_opens_once(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    press(host, alice, commits)
    rings.sent *= 2

    work(rings, timeline)

    assert actions(simulator) == ["action"]
    assert kinds() == ["opening asked", "lock called", "lock answered accepted"]


def test_a_task_that_comes_late_opens_nothing(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    press(host, alice, commits)
    timeline.clock.turn(seconds=21)
    nobody_came = outcome(host, alice)

    work(rings, timeline)

    assert nobody_came == "Not asked: The lock was not asked in time, so it stays as it is. Try again."
    assert actions(simulator) == []
    assert (
        outcome(host, alice)
        == "Not done: The request came too late, so it was dropped. The lock was not opened."
    )


def test_a_lock_that_went_offline_between_page_and_click_is_said_to_be_out_of_reach(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    offered = host.get(path(alice)).context["view"].doing.open_url
    simulator.take_offline(alice.locks[FLAT].smartlock_id)
    nuki_accounts.refresh(account=alice.account, now=timeline.now)

    press(host, alice, commits)
    page = host.get(path(alice))

    assert offered == path(alice, "/open")
    assert [str(one) for one in page.context["messages"]] == [
        "Nuki does not reach this lock now, so it was not asked to open."
    ]
    assert page.context["view"].doing.open_url == ""
    assert (rings.sent, actions(simulator), kinds()) == ([], [], [])


def test_a_lock_of_which_we_do_not_know_that_it_is_offline_is_said_not_to_have_opened(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    simulator.take_offline(alice.locks[FLAT].smartlock_id)

    press(host, alice, commits)
    work(rings, timeline)

    assert (
        outcome(host, alice)
        == "Not done: Nuki does not reach the lock now, or it is busy. The lock was not opened."
    )
    assert kinds()[-1] == "lock answered NukiBusy"
    assert not Activity.objects.filter(smart_lock=alice.locks[FLAT]).exists()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        pytest.param(2, "Blocked: The lock tried, and did not turn.", id="after it was asked"),
        pytest.param(
            -60, "Asked: Nuki took the request. The lock has not said yet that it opened.", id="long before"
        ),
    ],
)
def test_a_lock_that_did_not_turn_when_it_was_asked_is_said_to_be_blocked(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, commits: Any, seconds: int, said: str
) -> None:
    press(host, alice, commits)
    name, arguments, _ = rings.sent.pop()
    with time_machine.travel(timeline.now, tick=False):
        TASKS[name](**arguments)
    ago = timedelta(seconds=-seconds)

    write_activity(alice, timeline.clock, ActivityKind.FAILED, means=Means.WEB, ago=ago)

    assert outcome(host, alice) == said


@pytest.mark.parametrize(
    ("query", "more"),
    [pytest.param("", 0, id="all that happened"), pytest.param("?who=ada", 1, id="filtered")],
)
def test_a_page_that_speaks_of_an_opening_costs_hardly_more(
    host: Visitor, alice: Business, rings: Rings, commits: Any, query: str, more: int
) -> None:
    with CaptureQueriesContext(connection) as quiet:
        host.get(path(alice, query))
    press(host, alice, commits)
    with CaptureQueriesContext(connection) as asked:
        host.get(path(alice, query))

    assert rings.sent
    assert len(quiet) <= 12
    assert len(asked) == len(quiet) + more


def test_what_the_log_never_shows_is_never_said_to_have_happened(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    simulator.script.lose_next_log_entry(alice.locks[FLAT].smartlock_id)

    press(host, alice, commits)
    work(rings, timeline)
    timeline.clock.turn(seconds=120)

    assert outcome(host, alice) == (
        "Not seen: Nuki took the request, but the lock's log does not show that it opened. Look at the door."
    )
    assert Activity.objects.count() == 0


def test_no_usable_answer_is_said_to_be_neither(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    simulator.script.answer_next(alice.locks[FLAT].smartlock_id, "POST", 502)

    press(host, alice, commits)
    work(rings, timeline)

    assert (
        outcome(host, alice)
        == "Not known: Nuki gave no usable answer. It may have taken the request all the same."
    )


def test_a_worker_that_died_in_the_call_leaves_it_open_how_it_ended(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, commits: Any
) -> None:
    press(host, alice, commits)
    asked = AuditEntry.objects.get(kind=AuditKind.OPENING_ASKED)
    lock_row = alice.locks[FLAT]
    AuditEntry.objects.create(
        organization=alice.organization,
        kind=AuditKind.LOCK_CALLED,
        smart_lock=lock_row,
        intent=asked,
        at=timeline.now,
    )
    timeline.clock.turn(seconds=60)

    work(rings, timeline)

    assert (
        outcome(host, alice) == "Not known: We do not know whether Nuki took the request. Look at the door."
    )


def test_after_a_while_the_page_speaks_of_it_no_more(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, commits: Any
) -> None:
    press(host, alice, commits)
    work(rings, timeline)
    timeline.clock.turn(seconds=asked_pages.FRESH.total_seconds())

    assert outcome(host, alice) == ""


def test_opening_is_explained_before_it_is_done(host: Visitor, alice: Business, timeline: Timeline) -> None:
    alice.book(now=timeline.now)

    answer = host.get(path(alice, "/open"))

    assert answer.context["consequences"] == [
        "Whoever stands at Flat 1 can walk in.",
        "In the house: Ada Vogel.",
        "It stays unlocked until somebody locks it, or it locks itself.",
        "Your name and the time are kept with this lock.",
    ]
    assert kinds() == []
    check_page(answer)


def test_who_may_not_open_has_no_button_and_is_refused(
    alice: Business, clock: TurnedClock, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    visitor, calls = with_role(alice, clock, Role.VIEWER), len(simulator.calls)

    page = visitor.get(path(alice))
    refused = [press(visitor, alice, commits, what).status_code for what in ("/open", "/read", "/move")]

    doing = page.context["view"].doing
    assert (doing.open_url, doing.read_url, doing.move_url, doing.replace_url) == ("", "", "", "")
    assert "Open the door" not in words(page)
    assert refused == [403, 403, 403]
    assert (rings.sent, len(simulator.calls), kinds()) == ([], calls, [])


def test_staff_may_open_and_is_named(
    alice: Business, timeline: Timeline, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    bob = with_role(alice, timeline.clock, Role.STAFF)

    press(bob, alice, commits)
    work(rings, timeline)

    assert actions(simulator) == ["action"]
    view = bob.get(path(alice)).context["view"]
    assert [line.sentence for line in view.asked] == ["Bob Berger asked the lock to open"]
    assert (view.doing.move_url, view.doing.replace_url) == ("", "")


@pytest.mark.parametrize("what", ["/open", "/read"])
@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"broken_since": True}, id="the token is refused"),
        pytest.param({"paused_until": True}, id="the account rests"),
        pytest.param({"gone_since": True}, id="the lock left the account"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words_and_the_lock_hears_nothing(
    host: Visitor,
    alice: Business,
    timeline: Timeline,
    rings: Rings,
    simulator: Simulator,
    commits: Any,
    broken: dict[str, bool],
    what: str,
) -> None:
    moment = timeline.now + timedelta(minutes=1)
    row: Any = SmartLock if "gone_since" in broken else NukiAccount
    row.objects.filter(organization=alice.organization).update(**dict.fromkeys(broken, moment))
    calls = len(simulator.calls)

    press(host, alice, commits, what)

    assert len(list(host.get(path(alice)).context["messages"])) == 1
    assert (rings.sent, len(simulator.calls), kinds()) == ([], calls, [])


def test_a_lock_is_read_again_and_what_is_new_stands_on_the_page(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    simulator.set_keypad(alice.locks[FLAT].smartlock_id, None)
    timeline.clock.turn(seconds=1)

    press(host, alice, commits, "/read")
    asked = outcome(host, alice, "reading")
    work(rings, timeline)

    assert asked == "Asked: The lock is being read. That takes some seconds."
    assert outcome(host, alice, "reading").startswith("Read again: Nuki was asked to read the lock")
    assert actions(simulator) == ["sync"]
    assert not SmartLock.objects.get(pk=alice.locks[FLAT].pk).has_keypad
    assert kinds() == ["reading asked", "lock called", "lock answered accepted"]


def test_a_lock_is_not_read_twice_in_a_minute(
    host: Visitor, alice: Business, timeline: Timeline, rings: Rings, simulator: Simulator, commits: Any
) -> None:
    press(host, alice, commits, "/read")
    work(rings, timeline)

    press(host, alice, commits, "/read")
    work(rings, timeline)

    assert actions(simulator) == ["sync"]
    assert len(list(host.get(path(alice)).context["messages"])) == 1
