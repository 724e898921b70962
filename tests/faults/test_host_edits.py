"""What hosts do to our codes in the Nuki app, which the cloud hears of after up to a day (F18)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from access import codes, installation
from access.lifecycle import Step
from access.models import AuditEntry, AuditKind
from nuki_gateway.simulator.app import NukiApp
from tests.faults.judging import DOORS, SOON, Watch
from tests.worlds import Business, code_of, grant_on, writes

pytestmark = pytest.mark.slow  # hours and days of virtual time

UNTIL_HEARD = timedelta(
    days=1, hours=8
)  # the daily sync, and a sweep after it (six hours apart in these tests)

Edit = Callable[[NukiApp, str], object]


@pytest.mark.parametrize(
    ("edit", "drifts"),
    [
        pytest.param(lambda app, label: app.disable(label), 1, id="F18 disabled"),
        pytest.param(lambda app, label: app.rename(label, "Guest of 3"), 1, id="F18 renamed"),
        pytest.param(lambda app, label: app.delete(label), 1, id="F18 deleted"),
        pytest.param(lambda app, label: app.edit(label, code="591826"), 1, id="F18 another code"),
        pytest.param(lambda app, label: app.edit(label, allowed_until=None), 1, id="F18 no end"),
        pytest.param(lambda app, label: app.edit(label, weekdays=1), 1, id="F18 Sundays only"),
        pytest.param(lambda app, _: app.add_code("Plumber", "591826"), 0, id="F18 one added"),
    ],
)
def test_what_the_host_did_is_put_right_once_it_is_heard_of_and_noted(
    *, alice: Business, timeline: Watch, edit: Edit, drifts: int
) -> None:
    stay = alice.book(now=timeline.now, ends_at=timeline.now + timedelta(days=4))
    timeline.pass_seconds(60)
    others = [] if drifts else ["591826"]
    edit(alice.simulator.in_the_app(alice.locks["Flat 1"].smartlock_id), grant_on(stay, "Flat 1").label)

    timeline.pass_time(UNTIL_HEARD)
    code, written = code_of(stay), writes(alice.simulator).total()
    timeline.pass_time(timedelta(days=1))

    assert [alice.opens(door, code) for door in DOORS] == [True, True]
    assert [alice.codes_on(door) for door in DOORS] == [[code], sorted([code, *others])]
    assert AuditEntry.objects.filter(kind=AuditKind.DRIFTED, stay=stay).count() == drifts
    assert writes(alice.simulator).total() == written
    timeline.pass_time(stay.ends_at + SOON - timeline.now)
    assert [alice.codes_on(door) for door in DOORS] == [[], others]


def test_f18_a_second_code_under_our_label_is_removed_and_that_is_noted(
    alice: Business, timeline: Watch
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    app = alice.simulator.in_the_app(alice.locks["Flat 1"].smartlock_id)
    app.add_code(grant_on(stay, "Flat 1").label, "591826")

    timeline.pass_time(UNTIL_HEARD)

    assert alice.codes_on("Flat 1") == [code_of(stay)]
    strays = AuditEntry.objects.filter(grant=None, step=Step.REVOKE)
    assert sorted(strays.values_list("kind", "answer")) == [
        (AuditKind.WRITE_ANSWERED, "accepted"),
        (AuditKind.WRITE_INTENDED, ""),
    ]


def test_f18_a_code_under_the_label_of_another_installation_is_nobody_s_of_ours(
    alice: Business, timeline: Watch
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    app = alice.simulator.in_the_app(alice.locks["Flat 1"].smartlock_id)
    app.add_code(f"{codes.PREFIX}-zzzz-abcdefghjk", "591826")
    written = writes(alice.simulator)

    timeline.pass_time(UNTIL_HEARD)

    assert writes(alice.simulator) == written
    timeline.pass_time(stay.ends_at + SOON - timeline.now)
    assert alice.codes_on("Flat 1") == ["591826"]


def test_f18_a_code_of_ours_on_a_lock_where_nothing_is_due_is_seen_and_removed(
    alice: Business, timeline: Watch
) -> None:
    timeline.tick()
    app = alice.simulator.in_the_app(alice.locks["Flat 2"].smartlock_id)
    app.add_code(codes.label(installation.token()), "591826")

    timeline.pass_time(UNTIL_HEARD)

    assert alice.codes_on("Flat 2") == []
    assert writes(alice.simulator) == {"DELETE": 1}
