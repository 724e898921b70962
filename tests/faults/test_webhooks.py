"""Webhooks that are lost, doubled, late, out of order or too many (F20), forged (F21), or ended (F22)."""

from collections.abc import Callable

import pytest
import time_machine

from access import tasks
from access.models import Activity, Delivery, Grant
from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.world import Account
from properties.models import NukiAccount
from tests.faults.judging import A_GOOD_LIFE, Watch, live_through
from tests.worlds import Business, code_of, grant_on, writes

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("nuki_calls_us")]

Order = Callable[[Business], object]


def flat(alice: Business) -> int:
    return alice.locks["Flat 1"].smartlock_id


def late(alice: Business) -> None:
    for seconds in (3600, 600, 60, 3000, 5):
        alice.simulator.script.delay_next_webhook(seconds)


def openings() -> list[tuple[str, int | None]]:
    rows = Activity.objects.filter(kind="opened").order_by("happened_at", "pk")
    return [(row.kind, row.grant_id) for row in rows]


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda alice: alice.simulator.script.lose_next_webhooks(7), id="F20 lost"),
        pytest.param(lambda alice: alice.simulator.script.silence_webhooks(), id="F20 all lost for days"),
        pytest.param(lambda alice: alice.simulator.script.double_next_webhook(50), id="F20 doubled"),
        pytest.param(late, id="F20 late"),
        pytest.param(lambda alice: alice.simulator.script.reverse_next_webhooks(9), id="F20 reversed"),
        pytest.param(
            lambda alice: alice.simulator.script.burst_of_webhooks(flat(alice), 1000),
            id="F20 a burst of 1,000",
        ),
    ],
)
def test_the_same_comes_of_it_whatever_becomes_of_the_webhooks(
    alice: Business, timeline: Watch, order: Order
) -> None:
    order(alice)
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    for _ in range(2):
        assert alice.opens("Flat 1", code_of(stay))
        timeline.pass_seconds(30)

    timeline.pass_seconds(3600)
    alice.read_log(now=timeline.now)

    assert openings() == [("opened", grant_on(stay, "Flat 1").pk)] * 2
    assert writes(alice.simulator) == {"PUT": 2}
    assert not Delivery.objects.filter(taken_in_at=None).exists()
    assert live_through(alice, timeline, stay) == A_GOOD_LIFE


def test_f20_a_burst_of_a_thousand_costs_a_few_calls(alice: Business, timeline: Watch) -> None:
    alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    stored, calls = Delivery.objects.count(), len(alice.simulator.calls)

    alice.simulator.script.burst_of_webhooks(flat(alice), 1000)
    timeline.pass_seconds(60)

    assert Delivery.objects.count() == stored + 1000
    assert not Delivery.objects.filter(taken_in_at=None).exists()
    assert len(alice.simulator.calls) <= calls + 4


def oversize(simulator: Simulator, account: Account) -> None:
    simulator.script.oversize_webhook(account)


@pytest.mark.parametrize(
    ("order", "status"),
    [
        pytest.param(lambda sim, account: sim.script.forge_webhook(account), 401, id="F21 no signature"),
        pytest.param(lambda sim, account: sim.script.sign_webhook_wrongly(account), 401, id="F21 a guess"),
        pytest.param(
            lambda sim, account: sim.script.sign_webhook_as_another(account), 401, id="F21 another's secret"
        ),
        pytest.param(oversize, 413, id="F21 oversized"),
    ],
)
def test_a_delivery_that_is_not_nuki_s_is_inert(
    *,
    alice: Business,
    charlie: Business,
    timeline: Watch,
    order: Callable[[Simulator, Account], None],
    status: int,
) -> None:
    assert charlie.simulator.world.webhooks.keys() > {NukiAccount.objects.get(pk=alice.account.pk).webhook_id}
    alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    before = (list(Grant.objects.order_by("pk").values()), Delivery.objects.count(), Activity.objects.count())
    calls, codes = len(alice.simulator.calls), alice.codes_on("Flat 1")

    order(alice.simulator, alice.simulator.world.accounts[0])
    answered = alice.simulator.deliveries[-1].status
    timeline.pass_seconds(60)

    assert answered == status
    assert before == (
        list(Grant.objects.order_by("pk").values()),
        Delivery.objects.count(),
        Activity.objects.count(),
    )
    assert (len(alice.simulator.calls), alice.codes_on("Flat 1")) == (calls, codes)


def test_f21_a_replayed_delivery_changes_nothing(alice: Business, timeline: Watch) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    assert alice.opens("Flat 1", code_of(stay))
    timeline.pass_seconds(60)
    before = (openings(), writes(alice.simulator), alice.codes_on("Flat 1"))

    for _ in range(3):
        alice.simulator.script.replay_webhook(alice.simulator.world.accounts[0])
        timeline.pass_seconds(60)

    assert [one.status for one in alice.simulator.deliveries[-3:]] == [204] * 3
    assert (openings(), writes(alice.simulator), alice.codes_on("Flat 1")) == before
    assert openings() == [("opened", grant_on(stay, "Flat 1").pk)]


def test_f22_deliveries_that_nuki_has_ended_are_noticed_by_the_log_and_begin_again(
    alice: Business, timeline: Watch
) -> None:
    stay = alice.book(now=timeline.now)
    timeline.pass_seconds(120)
    carry, alice.simulator.deliver = alice.simulator.deliver, lambda _: 500
    alice.simulator.script.burst_of_webhooks(flat(alice), 30)
    timeline.pass_seconds(5)
    alice.simulator.deliver = carry
    for _ in range(6):
        alice.opens("Flat 1", code_of(stay))
        timeline.pass_seconds(60)
    by_webhook = openings()
    timeline.pass_seconds(600)
    alice.read_log(now=timeline.now)
    by_log = openings()

    with time_machine.travel(timeline.now, tick=False):
        tasks.refresh_nuki_account(account_id=alice.account.pk)
    alice.opens("Flat 1", code_of(stay))
    timeline.pass_seconds(5)

    opened = ("opened", grant_on(stay, "Flat 1").pk)
    assert (by_webhook, by_log) == ([], [opened] * 6)
    assert openings() == [opened] * 7
    assert NukiAccount.objects.get(pk=alice.account.pk).webhook_missed == 0
