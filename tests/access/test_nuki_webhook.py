"""Deliveries of Nuki Web: they make a lock due, and forged ones do nothing."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from access import nuki_webhook, queries
from access.broker import broker
from access.models import Delivery, Grant
from config.rehearsal.times import StageClock
from nuki_gateway.webhooks import LARGEST_DELIVERY, SIGNATURE_HEADER, signature
from properties.clock import told_by
from properties.models import NukiAccount
from tests.conftest import Rings
from tests.timeline import Timeline
from tests.worlds import Business

SECRET = "decentral-secret"


@pytest.fixture
def far_from_due(alice: Business, timeline: Timeline) -> Business:
    """A stay whose code is on the locks; the next look is hours away."""
    NukiAccount.objects.filter(pk=alice.account.pk).update(webhook_id=1, webhook_secret=SECRET)
    alice.book(now=timeline.now)
    timeline.pass_seconds(60)
    return alice


def delivery(business: Business, feature: str = "DEVICE_AUTHS") -> bytes:
    number = business.locks["Flat 1"].smartlock_id
    return json.dumps({"feature": feature, "smartlockAuth": {"smartlockId": number, "code": 384174}}).encode()


def post(client: Client, account_id: int, body: bytes, signed: str) -> int:
    address = reverse("access:nuki_webhook", kwargs={"account_id": account_id})
    answer = client.post(
        address, body, content_type="application/json; charset=UTF-8", headers={SIGNATURE_HEADER: signed}
    )
    return answer.status_code


def due_at_once(timeline: Timeline) -> set[str]:
    grants = Grant.objects.filter(due_at__lte=timeline.now).select_related("door")
    return {grant.door.name for grant in grants if grant.door}


def test_a_signed_delivery_makes_its_lock_due_and_rings_once(
    far_from_due: Business,
    client: Client,
    timeline: Timeline,
    rings: Rings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    body = delivery(far_from_due)
    rings.sent.clear()

    statuses = [post(client, far_from_due.account.pk, body, signature(SECRET, body)) for _ in range(20)]

    assert statuses == [204] * 20
    assert rings.sent == [("access.tasks.take_in_deliveries", {"account_id": far_from_due.account.pk}, None)]
    with django_capture_on_commit_callbacks(execute=True):
        timeline.take_in(far_from_due.account.pk)
    assert due_at_once(timeline) == {"Flat 1"}
    assert [ring[1] for ring in rings.sent[1:]] == [{"lock_id": far_from_due.locks["Flat 1"].pk}]


@pytest.mark.parametrize(
    ("make_body", "secret", "status"),
    [
        pytest.param(delivery, "another-secret", 401, id="another secret"),
        pytest.param(delivery, "", 401, id="no secret"),
        pytest.param(lambda _: b"[1, 2", SECRET, 400, id="signed, but not JSON"),
        pytest.param(lambda _: b"x" * (LARGEST_DELIVERY + 1), SECRET, 413, id="too large"),
    ],
)
def test_a_forged_or_broken_delivery_does_nothing(
    far_from_due: Business,
    client: Client,
    rings: Rings,
    make_body: object,
    secret: str,
    status: int,
) -> None:
    body = make_body(far_from_due)  # type: ignore[operator]
    calls = len(far_from_due.simulator.calls)
    rings.sent.clear()

    answered = post(client, far_from_due.account.pk, body, signature(secret, body))

    assert answered == status
    assert Delivery.objects.count() == 0
    assert rings.sent == []
    assert len(far_from_due.simulator.calls) == calls


def test_an_account_without_a_webhook_believes_nobody(far_from_due: Business, client: Client) -> None:
    NukiAccount.objects.update(webhook_secret="")
    body = delivery(far_from_due)

    answered = post(client, far_from_due.account.pk, body, signature("", body))

    assert answered == 401
    assert Delivery.objects.count() == 0


def test_a_body_of_five_megabytes_is_refused_unread(far_from_due: Business, client: Client) -> None:
    body = b'{"feature": "' + b"x" * 5_000_000 + b'"}'

    answered = post(client, far_from_due.account.pk, body, signature(SECRET, body))

    assert answered == 413
    assert Delivery.objects.count() == 0


def test_a_secret_that_is_new_is_known_at_once(
    far_from_due: Business, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = delivery(far_from_due)
    with_the_old = post(client, far_from_due.account.pk, body, signature(SECRET, body))
    NukiAccount.objects.filter(pk=far_from_due.account.pk).update(webhook_secret="the-next-secret")
    monkeypatch.setattr(nuki_webhook, "NOT_ASKED_AGAIN_FOR", 0.0)

    with_the_new = post(client, far_from_due.account.pk, body, signature("the-next-secret", body))
    with_the_old_again = post(client, far_from_due.account.pk, body, signature(SECRET, body))

    assert (with_the_old, with_the_new, with_the_old_again) == (204, 204, 401)


def test_a_flood_of_forgeries_asks_the_database_once(
    far_from_due: Business, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    body = delivery(far_from_due)

    # the row, and whose rows may be seen for that; all of it within one second
    with told_by(StageClock(now())), django_assert_max_num_queries(2):
        statuses = {post(client, far_from_due.account.pk, body, signature("wrong", body)) for _ in range(200)}

    assert statuses == {401}
    assert Delivery.objects.count() == 0


def test_storing_one_of_a_burst_is_one_trip_to_the_database(
    far_from_due: Business, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    body = delivery(far_from_due)
    post(client, far_from_due.account.pk, body, signature(SECRET, body))

    with django_assert_num_queries(1):
        answered = post(client, far_from_due.account.pk, body, signature(SECRET, body))

    assert answered == 204


def test_without_redis_it_is_stored_and_answered_all_the_same(
    far_from_due: Business,
    client: Client,
    rings: Rings,
    monkeypatch: pytest.MonkeyPatch,
    timeline: Timeline,
) -> None:
    body = delivery(far_from_due)
    rings.sent.clear()
    monkeypatch.setattr(broker, "rests_until", float("inf"))

    answered = post(client, far_from_due.account.pk, body, signature(SECRET, body))

    waiting = queries.accounts_with_deliveries(now() + timedelta(seconds=6), 10)
    assert answered == 204
    assert rings.sent == []
    assert waiting == [far_from_due.account.pk]
    timeline.take_in(far_from_due.account.pk)
    assert due_at_once(timeline) == {"Flat 1"}


def test_an_unknown_account_is_answered_like_a_forgery(far_from_due: Business, client: Client) -> None:
    body = delivery(far_from_due)

    assert post(client, 999_999, body, signature(SECRET, body)) == 401


def test_one_organization_s_secret_opens_nothing_of_another(
    far_from_due: Business, charlie: Business, client: Client
) -> None:
    body = delivery(far_from_due)

    answered = post(client, charlie.account.pk, body, signature(SECRET, body))

    assert answered == 401
    assert Delivery.objects.count() == 0


def test_news_about_who_opened_a_door_is_no_reason_to_read_its_codes(
    far_from_due: Business, client: Client, timeline: Timeline
) -> None:
    body = delivery(far_from_due, feature="DEVICE_LOGS")

    answered = post(client, far_from_due.account.pk, body, signature(SECRET, body))

    timeline.take_in(far_from_due.account.pk)
    assert answered == 204
    assert due_at_once(timeline) == set()


def test_the_code_in_a_delivery_is_not_kept_anywhere(far_from_due: Business, client: Client) -> None:
    body = delivery(far_from_due)

    post(client, far_from_due.account.pk, body, signature(SECRET, body))

    with connection.cursor() as cursor:
        cursor.execute("SELECT d::text, row_to_json(d)::text FROM access_delivery d")
        ((row, as_json),) = cursor.fetchall()
    assert "DEVICE_AUTHS" in row
    assert "384174" not in row + as_json


def test_a_delivery_that_says_that_a_code_is_gone_makes_its_lock_due_and_closes_nothing(
    far_from_due: Business, client: Client, timeline: Timeline
) -> None:
    grant = Grant.objects.get(door__name="Flat 1")
    gone = {"id": grant.authorization_id, "smartlockId": far_from_due.locks["Flat 1"].smartlock_id}
    body = json.dumps({"feature": "DEVICE_AUTHS", "deleted": True, "smartlockAuth": gone}).encode()
    before = dict(Grant.objects.filter(pk=grant.pk).values().get())

    answered = post(client, far_from_due.account.pk, body, signature(SECRET, body))
    timeline.take_in(far_from_due.account.pk)

    after = dict(Grant.objects.filter(pk=grant.pk).values().get())
    assert answered == 204
    assert {name for name, value in after.items() if value != before[name]} == {"due_at"}
    assert due_at_once(timeline) == {"Flat 1"}
