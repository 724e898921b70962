"""A task learns whose work it does by a look at one row; all that follows is in that organization's scope."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django_scopes import get_scope

from access import audit, tasks
from access.models import AuditKind, Grant, Message, Stay, WebhookEndpoint
from properties import clock, tenancy
from properties.postgresql.whose import EVERYBODY
from tests.tenancy.conftest import TwoBusinesses
from tests.timeline import Timeline
from tests.worlds import Business

Prepare = Callable[[Business], tuple[Callable[..., None], dict[str, int]]]
TO_LOOK_WHOSE = 1  # statement


def a_message_of(business: Business) -> int:
    with tenancy.within(business.organization):
        return Message.objects.latest("pk").pk


def a_wish_of(business: Business) -> int:
    with tenancy.within(business.organization):
        wish = audit.about_lock(
            AuditKind.OPENING_ASKED, business.locks["Flat 1"], by=business.owner, now=clock.now()
        )
        return wish.pk


def a_webhook_of(business: Business) -> int:
    with tenancy.within(business.organization):
        return WebhookEndpoint.objects.latest("pk").pk


def a_trial_of(business: Business) -> int:
    with tenancy.within(business.organization):
        trial = audit.about_trial(
            organization_id=business.organization.pk,
            by=business.owner,
            message="access_ready en",
            now=clock.now(),
        )
        return trial.pk


@contextmanager
def statements_by_scope() -> Iterator[Counter[int | str]]:
    """Count the statements of the block by the organization in whose scope they were made."""
    counted: Counter[int | str] = Counter()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if " FROM " in sql or sql.startswith(("UPDATE", "INSERT", "DELETE")):
            scope = get_scope()
            counted[scope["organization"].pk if scope.get("_enabled", True) else EVERYBODY] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield counted


@pytest.mark.parametrize(
    "prepare",
    [
        pytest.param(lambda one: (tasks.reconcile_lock, {"lock_id": one.locks["Flat 1"].pk}), id="a lock"),
        pytest.param(
            lambda one: (tasks.look_at_health, {"lock_id": one.locks["Flat 1"].pk}), id="its health"
        ),
        pytest.param(lambda one: (tasks.open_lock, {"entry_id": a_wish_of(one)}), id="an opening"),
        pytest.param(
            lambda one: (tasks.see_opening, {"entry_id": a_wish_of(one), "looks": 0}), id="what it came to"
        ),
        pytest.param(lambda one: (tasks.send_trial, {"entry_id": a_trial_of(one)}), id="a test message"),
        pytest.param(lambda one: (tasks.read_lock, {"entry_id": a_wish_of(one)}), id="a reading"),
        pytest.param(lambda one: (tasks.see_reading, {"lock_id": one.locks["Flat 1"].pk}), id="and after it"),
        pytest.param(lambda one: (tasks.take_in_deliveries, {"account_id": one.account.pk}), id="deliveries"),
        pytest.param(lambda one: (tasks.read_log, {"account_id": one.account.pk}), id="a log"),
        pytest.param(lambda one: (tasks.refresh_nuki_account, {"account_id": one.account.pk}), id="a sweep"),
        pytest.param(lambda one: (tasks.send_message, {"message_id": a_message_of(one)}), id="a message"),
        pytest.param(
            lambda one: (tasks.deliver_webhooks, {"endpoint_id": a_webhook_of(one)}), id="a webhook"
        ),
    ],
)
def test_a_task_works_in_the_scope_of_the_organization_whose_row_it_was_given(
    both: TwoBusinesses, timeline: Timeline, prepare: Prepare
) -> None:
    with tenancy.within(both.alice.organization):
        Grant.objects.update(due_at=timeline.now)
        sent = Message.objects.get()
        again = Message(
            organization=sent.organization,
            stay=sent.stay,
            kind=sent.kind,
            revision=sent.revision + 1,
            again=True,
            written_at=timeline.now,
            due_at=timeline.now,
        )
        Stay.objects.update(revision=again.revision)
        again.save()
    task, arguments = prepare(both.alice)

    with statements_by_scope() as made:
        task(**arguments)

    assert set(made) == {EVERYBODY, both.alice.organization.pk}
    assert made[EVERYBODY] == TO_LOOK_WHOSE
