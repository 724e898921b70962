"""The Advanced calls against the simulator: the outcome comes by webhook, and deliveries are watched over."""

from datetime import timedelta

import pytest

from nuki_gateway import errors, webhooks
from nuki_gateway.client import NukiClient
from nuki_gateway.models import (
    AccountUser,
    Action,
    AppEntry,
    ErrorCode,
    Feature,
    Language,
    LockOutcome,
    LockState,
    RequestOutcome,
    UserNews,
)
from nuki_gateway.simulator import Account, Lock, Post, Simulator, TurnedClock
from tests.nuki_gateway.conftest import ENTRY


class Receiver:
    """Our side of the webhooks: what came, and what is answered."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.status = 204

    def __call__(self, post: Post) -> int:
        self.posts.append(post)
        return self.status

    def news(self) -> list[webhooks.Delivery]:
        return [webhooks.read(one.body) for one in self.posts]

    def outcomes(self) -> list[RequestOutcome]:
        return [one for one in self.news() if isinstance(one, RequestOutcome)]


@pytest.fixture
def receiver(simulator: Simulator, nuki: NukiClient) -> Receiver:
    made = Receiver()
    simulator.deliver = made
    nuki.register_webhook("https://keys.example/hook", [*Feature])
    return made


@pytest.fixture
def ada(nuki: NukiClient, door: Lock) -> AccountUser:  # noqa: ARG001  the account has a lock
    return nuki.create_account_user(email="ada@guests.example", name="Ada")


def test_the_outcome_of_an_advanced_action_comes_by_webhook_with_its_request(
    simulator: Simulator, door: Lock, nuki: NukiClient, receiver: Receiver
) -> None:
    confirmation = nuki.act_advanced(door.smartlock_id, Action.UNLOCK)
    simulator.settle()

    (outcome,) = receiver.outcomes()
    assert (outcome.request_id, outcome.kind, outcome.succeeded, outcome.smartlock_id) == (
        confirmation.request_id,
        "UnlockAction",
        True,
        door.smartlock_id,
    )
    assert nuki.smart_lock(door.smartlock_id).lock_state == LockState.UNLOCKED


def test_an_advanced_action_on_a_lock_that_is_not_reached_fails_by_webhook(
    simulator: Simulator, door: Lock, nuki: NukiClient, receiver: Receiver
) -> None:
    simulator.take_offline(door.smartlock_id)

    confirmation = nuki.act_advanced(door.smartlock_id, Action.UNLOCK)
    simulator.settle()

    (outcome,) = receiver.outcomes()
    assert (outcome.request_id, outcome.succeeded) == (confirmation.request_id, False)


def test_an_advanced_invite_tells_its_code_and_what_became_of_it_on_each_lock(
    simulator: Simulator,
    account: Account,
    door: Lock,
    nuki: NukiClient,
    receiver: Receiver,
    ada: AccountUser,
) -> None:
    cellar = simulator.add_lock(account, name="Cellar", online=False)
    entry = AppEntry("Ada", ada.account_user_id, ENTRY.window)

    confirmation = nuki.create_app_invite_advanced([door.smartlock_id, cellar.smartlock_id], entry)
    simulator.settle()

    (outcome,) = receiver.outcomes()
    assert (outcome.request_id, outcome.kind, confirmation.error) == (
        confirmation.request_id,
        "AuthCreation",
        None,
    )
    by_lock = {one.smartlock_id: one for one in outcome.details}
    made, failed = by_lock[door.smartlock_id], by_lock[cellar.smartlock_id]
    (listed,) = nuki.authorizations_on(door.smartlock_id)
    assert (made.succeeded, made.authorization_id, made.is_permanent) == (True, listed.id, False)
    assert simulator.redeem_code(code_of(made)) is True
    assert (failed.succeeded, failed.error_code, failed.is_permanent) == (False, ErrorCode.UNKNOWN, False)


def code_of(made: LockOutcome) -> str:
    assert made.invite_code is not None
    return made.invite_code


def test_a_changed_user_is_told_of_and_an_address_belongs_to_one(
    simulator: Simulator, nuki: NukiClient, receiver: Receiver, ada: AccountUser
) -> None:
    bob = nuki.create_account_user(email="bob@guests.example", name="Bob")

    nuki.update_account_user(
        ada.account_user_id, email="ada@elsewhere.example", name="Ada V.", language=Language.SLOVAK
    )
    with pytest.raises(errors.NukiConflict):
        nuki.update_account_user(
            bob.account_user_id, email="ada@elsewhere.example", name="Bob", language=Language.ENGLISH
        )
    simulator.settle()

    changed = nuki.account_user(ada.account_user_id)
    assert (changed.email, changed.name, changed.language) == ("ada@elsewhere.example", "Ada V.", "sk")
    assert nuki.account_user(bob.account_user_id) == bob
    assert UserNews(ada.account_user_id, deleted=False) in receiver.news()


def test_deliveries_are_counted_and_logged_newest_first(
    simulator: Simulator, door: Lock, nuki: NukiClient, receiver: Receiver
) -> None:
    confirmation = nuki.act_advanced(door.smartlock_id, Action.UNLOCK)
    simulator.settle()
    (key,) = nuki.api_keys()

    newest, *older = nuki.delivery_log(key.api_key_id)

    assert len(older) == len(receiver.posts) - 1 > 0
    assert {(one.succeeded, one.response_status) for one in [newest, *older]} == {(True, 204)}
    assert [one.request_id for one in [newest, *older] if one.request_id] == [confirmation.request_id]
    assert newest.at >= older[-1].at
    assert nuki.delivery_log(key.api_key_id, before_id=newest.id) == older
    assert nuki.delivery_log(key.api_key_id, limit=1) == [newest]
    assert nuki.advanced_api_key(key.api_key_id).is_deactivated is False


def test_deliveries_that_stopped_because_they_failed_are_set_going_again(
    *,
    simulator: Simulator,
    clock: TurnedClock,
    door: Lock,
    nuki: NukiClient,
    receiver: Receiver,
) -> None:
    (key,) = nuki.api_keys()
    receiver.status = 500

    def come_by(times: int) -> None:
        for _ in range(times):
            nuki.sync(door.smartlock_id)
            clock.turn_to(clock.now() + timedelta(minutes=1))
            simulator.settle()

    come_by(60)
    heard_until_it_stopped = len(receiver.posts)
    come_by(3)
    heard_afterwards = len(receiver.posts)
    receiver.status = 204
    nuki.reactivate_deliveries(key.api_key_id)
    come_by(1)

    assert heard_afterwards == heard_until_it_stopped
    assert len(receiver.posts) > heard_afterwards
