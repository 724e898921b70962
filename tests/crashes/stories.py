"""Short stories that together go along every path on which something is committed, called, sent or rung.

What a story only needs as its beginning happens `undisturbed`: nobody dies there. A mailbox is at rest before
something else is asked for, so that which letters are written does not depend on how long a worker was gone.
"""

from collections.abc import Callable
from datetime import timedelta

from access import codes, installation
from nuki_gateway.simulator.world import OfflineWrites
from properties import nuki_accounts
from properties.models import NukiAccount
from tests.crashes.stage import Stage
from tests.worlds import CODE

A_MINUTE = timedelta(minutes=1)
TO_BE_SURE = timedelta(minutes=3)  # until a code is confirmed and told, when nothing goes wrong
UNTIL_SWEPT = timedelta(minutes=19)  # sweeps and readings of the log come a quarter of an hour apart
UNTIL_THE_LOG_IS_READ = timedelta(minutes=75)  # beside webhooks that work

Story = Callable[[Stage], None]


def books(stage: Stage) -> None:
    stage.book()
    stage.pass_time(TO_BE_SURE)


def books_without_choosing_a_code(stage: Stage) -> None:
    stage.book(code="")
    stage.pass_time(TO_BE_SURE)


def books_and_cancels_at_once(stage: Stage) -> None:
    stage.book()
    stage.cancel()
    stage.pass_time(TO_BE_SURE)


def cancels_while_the_code_is_on_its_way(stage: Stage) -> None:
    stage.book(hours=0.4)
    stage.pass_seconds(1.5)
    stage.cancel()
    with stage.undisturbed():  # what may have been sent is waited for until the end of its window
        stage.pass_time(stage.ends_at() - stage.now)


def cancels_before_the_code_is_due(stage: Stage) -> None:
    stage.book(starts_at=stage.now + timedelta(hours=80), ends_at=stage.now + timedelta(hours=90))
    stage.pass_time(A_MINUTE)
    stage.cancel()
    stage.pass_time(A_MINUTE)


def cancels_in_mid_stay(stage: Stage) -> None:
    _is_booked(stage)
    stage.cancel()
    stage.pass_time(TO_BE_SURE)


def stays_longer(stage: Stage) -> None:
    _is_booked(stage)
    stage.change(longer=timedelta(hours=2))
    stage.pass_time(TO_BE_SURE)


def leaves_earlier(stage: Stage) -> None:
    _is_booked(stage)
    stage.change(longer=-timedelta(hours=2))
    stage.pass_time(TO_BE_SURE)


def moves_to_another_unit(stage: Stage) -> None:
    _is_booked(stage)
    stage.change(unit="Flat 2")
    stage.pass_time(TO_BE_SURE)


def moves_where_the_code_is_taken(stage: Stage) -> None:
    stage.simulator.script.add_foreign_code(
        stage.number("Flat 2"), CODE, known_to_cloud=True, name="Caretaker"
    )
    with stage.undisturbed():
        stage.pass_time(UNTIL_SWEPT)  # so that the code is known to be taken there
    _is_booked(stage)
    stage.change(unit="Flat 2")
    stage.pass_time(TO_BE_SURE)


def checks_out(stage: Stage) -> None:
    _is_booked(stage, hours=0.5)
    with stage.undisturbed():
        stage.pass_time(stage.ends_at() - stage.now - A_MINUTE)
    stage.pass_time(2 * TO_BE_SURE)


def turns_over_on_the_same_day(stage: Stage) -> None:
    _is_booked(stage, hours=0.5)
    with stage.undisturbed():
        starts_at = stage.stay_of().ends_at
        stage.book("Bo", code="591826", starts_at=starts_at, ends_at=starts_at + timedelta(hours=4))
        stage.pass_time(stage.ends_at() - stage.now - A_MINUTE)
    stage.pass_time(2 * TO_BE_SURE)


def meets_a_code_made_in_the_app(stage: Stage) -> None:
    stage.simulator.script.collide_with_next_code(stage.number(), known_to_cloud=True)
    stage.book()
    stage.pass_time(TO_BE_SURE)


def meets_a_code_that_the_cloud_does_not_know(stage: Stage) -> None:
    stage.simulator.script.collide_with_next_code(stage.number(), known_to_cloud=False)
    stage.book()
    stage.pass_time(2 * TO_BE_SURE)


def meets_a_phantom(stage: Stage) -> None:
    stage.simulator.script.phantom_next_create(stage.number())
    stage.book()
    stage.pass_time(TO_BE_SURE)


def meets_a_ghost(stage: Stage) -> None:
    _is_booked(stage)
    stage.simulator.script.ghost_next_delete(stage.number())
    stage.cancel()
    stage.pass_time(TO_BE_SURE)


def loses_a_write(stage: Stage) -> None:
    stage.simulator.script.lose_next_write(stage.number())
    stage.book()
    stage.pass_time(TO_BE_SURE)


def has_a_write_that_is_not_read_back(stage: Stage) -> None:
    stage.simulator.script.leave_next_write_unread(stage.number())
    stage.book()
    stage.pass_time(TO_BE_SURE)


def loses_an_answer(stage: Stage) -> None:
    stage.simulator.script.drop_connection_on_next_write(stage.number(), carried_out=True)
    stage.book()
    stage.pass_time(TO_BE_SURE)


def loses_a_call(stage: Stage) -> None:
    stage.simulator.script.drop_connection_on_next_write(stage.number(), carried_out=False)
    stage.book()
    stage.pass_time(TO_BE_SURE)


def is_told_to_come_later(stage: Stage) -> None:
    stage.simulator.script.throttle_for(30, retry_after=30)
    stage.book()
    stage.pass_time(TO_BE_SURE)


def checks_in_while_the_lock_is_offline(stage: Stage) -> None:
    stage.simulator.take_offline(stage.number(), writes=OfflineWrites.DELIVERED_ON_RETURN)
    stage.book()
    stage.pass_time(TO_BE_SURE)
    stage.simulator.bring_online(stage.number())
    stage.pass_time(TO_BE_SURE)


def checks_out_while_the_lock_is_offline(stage: Stage) -> None:
    _is_booked(stage, hours=0.5)
    with stage.undisturbed():
        stage.pass_time(stage.ends_at() - stage.now - A_MINUTE)
    stage.simulator.take_offline(stage.number(), writes=OfflineWrites.LOST)
    stage.pass_time(2 * TO_BE_SURE)
    stage.simulator.bring_online(stage.number())
    stage.pass_time(TO_BE_SURE)


def has_a_code_that_is_changed_in_the_app(stage: Stage) -> None:
    _is_booked(stage)
    (ours,) = stage.simulator.codes_on(stage.number())
    stage.simulator.in_the_app(stage.number()).edit(ours.name, allowed_until=None)
    stage.synchronize()
    stage.pass_time(UNTIL_SWEPT)


def has_a_stray(stage: Stage) -> None:
    name = codes.label(installation.token())
    stage.simulator.script.add_foreign_code(stage.number(), CODE, known_to_cloud=True, name=name)
    stage.pass_time(UNTIL_SWEPT)


def waits_for_room_on_the_lock(stage: Stage) -> None:
    device = stage.simulator.engine.lock(stage.number()).device
    device.device_type, device.capacity = 0, 100
    stage.simulator.script.fill_with_foreign_codes(stage.number(), 100)
    with stage.undisturbed():
        stage.pass_time(UNTIL_SWEPT)
        stage.book()
        stage.pass_time(TO_BE_SURE)
    stage.simulator.in_the_app(stage.number()).delete(stage.simulator.codes_on(stage.number())[0].name)
    stage.synchronize()
    stage.pass_time(UNTIL_SWEPT)


def has_its_letter_refused_once(stage: Stage) -> None:
    stage.mail.refusals = 1
    stage.book()
    stage.pass_time(TO_BE_SURE)


def is_told_by_webhooks(stage: Stage) -> None:
    stage.let_nuki_call()
    stage.book()
    stage.pass_time(TO_BE_SURE)


def is_told_by_webhooks_who_came(stage: Stage) -> None:
    stage.let_nuki_call()
    _is_booked(stage)
    assert stage.business.opens("Flat 1", CODE)
    stage.pass_time(A_MINUTE)
    with stage.undisturbed():  # a delivery that nobody took is found in the log
        stage.pass_time(UNTIL_THE_LOG_IS_READ)


def is_told_by_webhooks_that_a_lock_is_away(stage: Stage) -> None:
    stage.let_nuki_call()
    _is_booked(stage)
    stage.simulator.take_offline(stage.number())
    stage.pass_time(A_MINUTE)
    stage.simulator.bring_online(stage.number())
    stage.pass_time(TO_BE_SURE)


def reads_the_log(stage: Stage) -> None:
    _is_booked(stage)
    assert stage.business.opens("Flat 1", CODE)
    assert stage.business.opens("Front door", CODE)
    stage.pass_time(UNTIL_SWEPT)


def gets_another_token(stage: Stage) -> None:
    at_nuki = stage.simulator.world.accounts[0]
    stage.simulator.script.revoke_token(at_nuki)
    stage.book()
    stage.pass_time(A_MINUTE)
    stage.simulator.script.restore_token(at_nuki)
    at_nuki.token = "another-token"
    stage.host(
        lambda: nuki_accounts.replace_token(
            account=NukiAccount.objects.get(), token="another-token", now=stage.now
        ),
        is_done=lambda: NukiAccount.objects.filter(tokens_version=1, broken_since=None).exists(),
    )
    stage.pass_time(TO_BE_SURE)


def gets_a_keypad(stage: Stage) -> None:
    stage.book(unit="Cellar", starts_at=stage.now + timedelta(hours=2))
    stage.pass_time(TO_BE_SURE)
    stage.simulator.set_keypad(stage.number("Cellar"), "keypad2")
    stage.pass_time(UNTIL_SWEPT)


def gets_another_lock(stage: Stage) -> None:
    _is_booked(stage)
    stage.simulator.script.leave_account(stage.number())
    new = stage.simulator.add_lock(
        stage.simulator.world.accounts[0], name="New", device_type=4, keypad="keypad2"
    )
    with stage.undisturbed():
        stage.pass_time(UNTIL_SWEPT)
    stage.put_lock_on_door("Flat 1", new.smartlock_id)
    stage.pass_time(TO_BE_SURE)


STORIES: dict[str, Story] = {
    one.__name__: one
    for one in (
        books,
        books_without_choosing_a_code,
        books_and_cancels_at_once,
        cancels_while_the_code_is_on_its_way,
        cancels_before_the_code_is_due,
        cancels_in_mid_stay,
        stays_longer,
        leaves_earlier,
        moves_to_another_unit,
        moves_where_the_code_is_taken,
        checks_out,
        turns_over_on_the_same_day,
        meets_a_code_made_in_the_app,
        meets_a_code_that_the_cloud_does_not_know,
        meets_a_phantom,
        meets_a_ghost,
        loses_a_write,
        has_a_write_that_is_not_read_back,
        loses_an_answer,
        loses_a_call,
        is_told_to_come_later,
        checks_in_while_the_lock_is_offline,
        checks_out_while_the_lock_is_offline,
        has_a_code_that_is_changed_in_the_app,
        has_a_stray,
        waits_for_room_on_the_lock,
        has_its_letter_refused_once,
        is_told_by_webhooks,
        is_told_by_webhooks_who_came,
        is_told_by_webhooks_that_a_lock_is_away,
        reads_the_log,
        gets_another_token,
        gets_a_keypad,
        gets_another_lock,
    )
}


def _is_booked(stage: Stage, *, hours: float = 4) -> None:
    """Ada has been told a code that opens, and nobody died on the way."""
    with stage.undisturbed():
        stage.book(hours=hours)
        stage.pass_time(TO_BE_SURE)
    assert len(stage.mail.letters) == 1
