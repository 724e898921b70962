"""The pages about webhooks: a list, a form, a secret that is shown once, and what was sent."""

import re

import pytest

from access import webhook_endpoints
from access.models import AuditEntry, AuditKind, Off, WebhookDelivery, WebhookEndpoint
from access.webhook_rules import EventType
from nuki_gateway.simulator import TurnedClock
from properties.roles import Role
from tests.access import receivers
from tests.access.receivers import Receiver, deliver, endpoint, receiver
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import PASSWORD, Business

__all__ = ["endpoint", "receiver"]  # fixtures

LIST, ADD = "/settings/webhooks", "/settings/webhooks/add"
WANTED = {
    "name": "Lights",
    "url": "https://lights.example/hook",
    "types": ["door.opened", "stay.created"],
}
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    """Alice, who has shown a moment ago who she is."""
    visitor = signed_in(alice, clock)
    visitor.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return visitor


def page_of(endpoint: WebhookEndpoint) -> str:
    return f"{LIST}/{endpoint.pk}"


def test_a_secret_is_shown_once_when_a_webhook_is_added(host: Visitor) -> None:
    empty, form = host.get(LIST), host.get(ADD)

    made = host.post(ADD, WANTED)
    listed = host.get(LIST)

    added = WebhookEndpoint.objects.get()
    opened = host.get(page_of(added))
    for page in (empty, form, made, listed, opened):
        check_page(page)
    shown = SECRET.search(made.content.decode())
    assert shown is not None
    assert shown[0] == added.secret
    assert "no-store" in made.headers["Cache-Control"]
    assert "There is none." in words(empty)
    assert "A door was opened" in words(form)
    assert added.types == [EventType.STAY_CREATED, EventType.DOOR_OPENED]
    assert "Lights lights.example 2 kinds of events Nothing sent yet" in words(listed)
    assert "Nothing was sent yet. A test shows whether the program answers." in words(opened)
    for page in (listed, opened):
        assert SECRET.search(page.content.decode()) is None


def test_whoever_is_there_has_to_show_it_before_a_secret_is_shown(
    alice: Business, endpoint: WebhookEndpoint, clock: TurnedClock
) -> None:
    visitor = signed_in(alice, clock)

    answers = [visitor.post(ADD, WANTED), visitor.post(f"{page_of(endpoint)}/secret")]

    assert {one.headers["Location"].partition("?")[0] for one in answers} == {"/accounts/reauthenticate/"}
    assert WebhookEndpoint.objects.get().secret == endpoint.secret


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "This field is required."),
        ({"name": "x" * 41}, "at most 40 characters"),
        ({"types": []}, "Choose at least one."),
        ({"types": ["ping"]}, "ping is not one of the available choices"),
        ({"url": "http://lights.example/hook"}, "has to begin with https://"),
        ({"url": "https://169.254.169.254/latest"}, "not one of the public internet"),
        ({"url": "https://2130706433/"}, "not one of the public internet"),
        ({"url": "https://me:word@lights.example/"}, "must not hold a user or a password"),
        ({"url": "https://lights.example/#x"}, "must not have a part after #"),
        ({"url": "lights"}, "This is no address."),
    ],
)
def test_what_cannot_be_is_said_at_its_field(host: Visitor, wrong: dict[str, object], said: str) -> None:
    answer = host.post(ADD, WANTED | wrong)

    assert said in words(answer)
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_a_second_press_adds_no_second_webhook(host: Visitor) -> None:
    host.post(ADD, WANTED)

    again = host.post(ADD, WANTED)

    assert "Another webhook has this name." in words(again)
    assert WebhookEndpoint.objects.count() == 1


def test_a_webhook_is_changed(host: Visitor, endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    form = host.get(f"{page_of(endpoint)}/edit")
    changed = WANTED | {"name": "Lamps", "url": receiver.url}

    answer = host.post(f"{page_of(endpoint)}/edit", changed)

    endpoint.refresh_from_db()
    assert 'value="Lights"' in form.content.decode()
    assert answer.headers["Location"].endswith(page_of(endpoint))
    assert (endpoint.name, endpoint.types) == ("Lamps", ["stay.created", "door.opened"])


def test_another_secret_is_shown_once_after_saying_what_it_means(
    host: Visitor, endpoint: WebhookEndpoint
) -> None:
    asked = host.get(f"{page_of(endpoint)}/secret")

    made = host.post(f"{page_of(endpoint)}/secret")

    kept = WebhookEndpoint.objects.get()
    assert "For 24 hours the old secret signs, too" in words(asked)
    assert kept.secret in made.content.decode()
    assert kept.old_secret == endpoint.secret != kept.secret
    assert "The old secret signs until" in words(host.get(page_of(endpoint)))


def test_a_test_is_sent_and_its_page_shows_what_came_back(
    host: Visitor, endpoint: WebhookEndpoint, receiver: Receiver, clock: TurnedClock
) -> None:
    receiver.status, receiver.answer = 503, b"<b>later</b>"

    sent = host.post(f"{page_of(endpoint)}/test").headers["Location"]
    waiting = host.get(sent)
    deliver(endpoint, clock)
    failed, own = host.get(sent), host.get(page_of(endpoint))

    for page in (waiting, failed, own):
        check_page(page)
    assert "On its way" in words(waiting)
    assert 'hx-trigger="every 2s"' in waiting.content.decode()
    assert "Tried again Answered with 503" in words(failed)
    assert '"type": "ping"' in words(failed)
    assert "&lt;b&gt;later&lt;/b&gt;" in failed.content.decode()
    assert "Send again" not in words(failed)  # it is, by itself
    assert "Fails The last try was in vain." in words(own)


def test_what_was_delivered_is_sent_again_by_a_click(
    host: Visitor, endpoint: WebhookEndpoint, alice: Business, receiver: Receiver, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    deliver(endpoint, clock)
    first = WebhookDelivery.objects.get()
    page = host.get(f"/settings/webhook-deliveries/{first.pk}")

    answer = host.post(f"/settings/webhook-deliveries/{first.pk}/again")
    deliver(endpoint, clock)

    assert "A stay was booked Delivered Answered with 200 Send again" in words(page)
    assert answer.headers["Location"].endswith(str(WebhookDelivery.objects.latest("pk").pk))
    assert len(receiver.calls) == 2


def test_a_webhook_is_switched_off_and_on(host: Visitor, endpoint: WebhookEndpoint) -> None:
    off = host.post(f"{page_of(endpoint)}/switch", {"on": "no"})
    while_off = host.get(page_of(endpoint))
    tried = host.post(f"{page_of(endpoint)}/test", follow=True)
    host.post(f"{page_of(endpoint)}/switch", {"on": "yes"})

    assert off.headers["Location"].endswith(page_of(endpoint))
    assert "Off This webhook is switched off. Nothing is sent. Switch on" in words(while_off)
    assert "Switch the webhook on first." in words(tried)
    assert WebhookEndpoint.objects.get().is_on
    assert not WebhookDelivery.objects.exists()


def test_one_that_was_switched_off_says_why_here_and_among_the_alerts(
    host: Visitor, endpoint: WebhookEndpoint, clock: TurnedClock
) -> None:
    webhook_endpoints.switch_off_by_itself(endpoint, Off.FAILING, now=clock.now())

    own = host.get(page_of(endpoint))

    assert "Switched off For days nothing took what was sent" in words(own)
    assert "Keyturn switched the webhook “Lights” off" in words(host.get("/audit?who=keyturn"))


def test_a_webhook_is_deleted_after_saying_what_that_does(
    host: Visitor, endpoint: WebhookEndpoint, alice: Business, clock: TurnedClock
) -> None:
    alice.book(now=clock.now())
    asked = host.get(f"{page_of(endpoint)}/delete")

    answer = host.post(f"{page_of(endpoint)}/delete", follow=True)

    assert "Lights is told nothing from now on" in words(asked)
    assert "The webhook Lights is deleted." in words(answer)
    assert (WebhookEndpoint.objects.count(), WebhookDelivery.objects.count()) == (0, 0)
    assert AuditEntry.objects.filter(kind=AuditKind.WEBHOOK_DELETED).count() == 1


def test_deliveries_are_paged(
    host: Visitor,
    endpoint: WebhookEndpoint,
    alice: Business,
    clock: TurnedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("access.webhook_views.PAGE_LENGTH", 1)
    for unit in ("Flat 1", "Flat 2"):
        alice.book(now=clock.now(), unit=unit)

    first = host.get(page_of(endpoint))
    second = host.get(f"{page_of(endpoint)}?before={WebhookDelivery.objects.latest('pk').pk}")

    assert "Next page" in words(first)
    assert "Next page" not in words(second)


def test_staff_find_no_webhooks(alice: Business, receiver: Receiver, clock: TurnedClock) -> None:
    added = receivers.add(alice, receiver.url, clock)
    bob = with_role(alice, clock, Role.STAFF)

    answers = [bob.get(path).status_code for path in (LIST, ADD, page_of(added))]

    assert answers == [403] * 3
    assert "Webhooks" not in words(bob.get("/settings"))
