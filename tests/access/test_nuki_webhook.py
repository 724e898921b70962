"""Deliveries of Nuki Web: they make a lock due, and forged ones do nothing."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from access.models import Grant
from nuki_gateway.webhooks import LARGEST_DELIVERY, SIGNATURE_HEADER, signature
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


def due_now(timeline: Timeline) -> set[str]:
    soon = timeline.now + timedelta(days=365 * 10)
    grants = Grant.objects.filter(due_at__lte=soon).select_related("door")
    return {
        grant.door.name
        for grant in grants
        if grant.door and grant.due_at and grant.due_at > timeline.now + timedelta(days=30)
    }


def test_a_signed_delivery_makes_its_lock_due_and_rings_once(
    far_from_due: Business, client: Client, timeline: Timeline, rings: Rings
) -> None:
    body = delivery(far_from_due)
    rings.sent.clear()

    statuses = [post(client, far_from_due.account.pk, body, signature(SECRET, body)) for _ in range(20)]

    assert statuses == [204] * 20
    assert due_now(timeline) == {"Flat 1"}  # the view's clock is the real one, later than the test's
    assert [ring[1] for ring in rings.sent] == [{"lock_id": far_from_due.locks["Flat 1"].pk}]


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
    timeline: Timeline,
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
    assert due_now(timeline) == set()
    assert rings.sent == []
    assert len(far_from_due.simulator.calls) == calls


def test_an_account_without_a_webhook_believes_nobody(
    far_from_due: Business, client: Client, timeline: Timeline
) -> None:
    NukiAccount.objects.update(webhook_secret="")
    body = delivery(far_from_due)

    answered = post(client, far_from_due.account.pk, body, signature("", body))

    assert answered == 401
    assert due_now(timeline) == set()


def test_an_unknown_account_is_answered_like_a_forgery(far_from_due: Business, client: Client) -> None:
    body = delivery(far_from_due)

    assert post(client, 999_999, body, signature(SECRET, body)) == 401


def test_one_organization_s_secret_opens_nothing_of_another(
    far_from_due: Business, charlie: Business, client: Client, timeline: Timeline
) -> None:
    body = delivery(far_from_due)

    answered = post(client, charlie.account.pk, body, signature(SECRET, body))

    assert answered == 401
    assert due_now(timeline) == set()


def test_news_about_who_opened_a_door_is_no_reason_to_read_its_codes(
    far_from_due: Business, client: Client, timeline: Timeline
) -> None:
    body = delivery(far_from_due, feature="DEVICE_LOGS")

    answered = post(client, far_from_due.account.pk, body, signature(SECRET, body))

    assert answered == 204
    assert due_now(timeline) == set()


def test_the_code_in_a_delivery_is_not_kept_anywhere(far_from_due: Business, client: Client) -> None:
    body = delivery(far_from_due)

    post(client, far_from_due.account.pk, body, signature(SECRET, body))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM access_grant WHERE row_to_json(access_grant)::text LIKE '%384174%'"
        )
        assert cursor.fetchone() == (0,)
