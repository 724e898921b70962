"""Every page as people see it, wide or narrow, light and dark: axe finds nothing, nothing scrolls aside."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from access import change_pages, holders, stays, webhook_endpoints
from access.models import OtherAuthorization, Stay, WebhookDelivery
from access.webhook_rules import CHOSEN
from nuki_gateway.simulator import Simulator
from properties import nuki_accounts
from properties.models import User
from tests import pictures
from tests.browser.conftest import DESK, PHONE, Visit, Windows, Workers
from tests.worlds import Business

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

DAY = timedelta(days=1)
SMALLEST_TARGET = 44  # pixels: a thumb
LONG_ENOUGH = 30.0  # seconds for codes to travel
OF_COLOURS = ["color-contrast", "link-in-text-block"]  # axe's rules that read a page's colours
A_FINGER = 100  # milliseconds between two keys
LONG = "Maximiliane Freifrau von und zu Schwarzenberg-Hohenlohe-Waldenburg"


@dataclass
class Full:
    """A business in which something of everything happens."""

    business: Business
    settled: Stay
    waiting: Stay
    without_keypad: Stay
    planned: Stay
    cancelled: Stay
    told: WebhookDelivery
    paths: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def full(alice: Business, workers: Workers, simulator: Simulator) -> Full:
    """Guests in the house, one behind an offline lock, one without keypad, one to come, one cancelled."""
    now = workers.now.replace(second=0, microsecond=0)  # as forms give it
    settled = alice.book(now=now, unit="Flat 2", guest_name="Mina Sato")
    cancelled = alice.book(now=now, unit="Flat 1", guest_name="Tom Berg")
    stays.cancel(stay=cancelled, cancelled_by=alice.owner, now=now)
    work_until(workers, lambda: not settled.grants.filter(confirmed_at=None).exists())
    simulator.take_offline(alice.locks["Flat 1"].smartlock_id)
    nuki_accounts.refresh(account=alice.account, now=workers.now)
    made = Full(
        business=alice,
        told=told(alice, workers),
        settled=settled,
        cancelled=cancelled,
        waiting=alice.book(now=now, guest_name=LONG),
        without_keypad=alice.book(now=now, unit="Cellar", guest_name="Ana Silva"),
        planned=alice.book(
            now=now, guest_name="Jonas Okafor", starts_at=now + 10 * DAY, ends_at=now + 12 * DAY
        ),
    )
    workers.tick()
    name_the_cleaner(alice, workers)
    pictures.put(alice.doors["Flat 1"], added_by=alice.owner, now=now)
    made.paths = paths_of(made)
    return made


def told(alice: Business, workers: Workers) -> WebhookDelivery:
    """A program that is told of everything from now on, and was sent a test that it did not take."""
    endpoint = webhook_endpoints.make(
        organization=alice.organization,
        name="Home automation of the harbour",
        url="https://lights.harbour.example/api/webhook/8f14e45fceea167a5a36dedd4bea2543",
        types=CHOSEN,
        made_by=alice.owner,
        now=workers.now,
    )
    delivery = webhook_endpoints.try_out(endpoint=endpoint, asked_by=alice.owner, now=workers.now)
    answered = {"tried_at": workers.now, "attempts": 1, "status": 503, "answer": "Come back later. " * 40}
    WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=None, given_up_at=workers.now, **answered)
    return delivery


def name_the_cleaner(alice: Business, workers: Workers) -> None:
    """Somebody has a code that is not ours, and the host has said who."""
    number = alice.locks["Flat 2"].smartlock_id
    alice.simulator.script.add_foreign_code(number, "591826", known_to_cloud=True, name="Cleaner 1")
    workers.sweep(alice.account.pk)
    holders.name(
        authorization=OtherAuthorization.objects.get(name="Cleaner 1"),
        name="Nadia",
        note="cleaner",
        named_by=alice.owner,
        now=workers.now,
    )


def work_until(workers: Workers, is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + LONG_ENOUGH
    while not is_so():
        assert time.monotonic() < ends
        workers.tick()
        time.sleep(0.2)


def paths_of(full: Full) -> dict[str, str]:
    alice = full.business
    house, account = alice.house.pk, alice.account.pk
    return {
        "board": "/",
        "timeline": "/timeline",
        "all": "/stays/all",
        "book": f"/stays/book?unit={alice.flats['Flat 2'].pk}",
        "ready": f"/stays/{full.settled.pk}",
        "waiting": f"/stays/{full.waiting.pk}",
        "keypad": f"/stays/{full.without_keypad.pk}",
        "planned": f"/stays/{full.planned.pk}",
        "cancelled": f"/stays/{full.cancelled.pk}",
        "change": f"/stays/{full.settled.pk}/change",
        "change-look": look_at_a_change(full),
        "who-comes": f"/stays/{full.settled.pk}/guests",
        "cancel": f"/stays/{full.settled.pk}/cancel",
        "renew-code": f"/stays/{full.settled.pk}/renew-code",
        "renew-link": f"/stays/{full.settled.pk}/link/renew",
        "revoke-link": f"/stays/{full.settled.pk}/link/revoke",
        "alerts": "/alerts",
        "audit": "/audit?who=all",
        "past-alerts": "/alerts/past",
        "guests": "/guests",
        "guest": f"/guests/{full.settled.guest_id}",
        "edit-guest": f"/guests/{full.settled.guest_id}/edit",
        "erase-guest": f"/guests/{full.settled.guest_id}/erase",
        "properties": "/properties",
        "property": f"/properties/{house}",
        "add-property": "/properties/add",
        "edit-property": f"/properties/{house}/edit",
        "texts": f"/properties/{house}/texts",
        "texts-in-german": f"/properties/{house}/texts?language=de",
        "send-time": f"/properties/{house}/send-time",
        "settings": "/settings",
        "api-keys": "/settings/api-keys",
        "make-api-key": "/settings/api-keys/make",
        "webhooks": "/settings/webhooks",
        "add-webhook": "/settings/webhooks/add",
        "webhook": f"/settings/webhooks/{full.told.endpoint_id}",
        "edit-webhook": f"/settings/webhooks/{full.told.endpoint_id}/edit",
        "delete-webhook": f"/settings/webhooks/{full.told.endpoint_id}/delete",
        "webhook-delivery": f"/settings/webhook-deliveries/{full.told.pk}",
        "messages": "/settings/messages",
        "add-door": f"/properties/{house}/doors/add",
        "edit-door": f"/doors/{alice.doors['Flat 1'].pk}",
        "pictures": f"/doors/{alice.doors['Flat 1'].pk}/pictures",
        "add-unit": f"/properties/{house}/units/add",
        "edit-unit": f"/units/{alice.flats['Flat 1'].pk}",
        "doors": "/doors",
        "lock": f"/locks/{alice.locks['Flat 2'].pk}",
        "offline-lock": f"/locks/{alice.locks['Flat 1'].pk}",
        "open-lock": f"/locks/{alice.locks['Flat 2'].pk}/open",
        "replace-lock": f"/doors/{alice.doors['Flat 2'].pk}/lock",
        "move-lock": f"/locks/{alice.locks['Cellar'].pk}/move?door={alice.doors['Flat 2'].pk}",
        "swap-locks": f"/locks/{alice.locks['Cellar'].pk}/swap?smart_lock={alice.locks['Flat 2'].pk}",
        "rename-lock": f"/locks/{alice.locks['Flat 2'].pk}/rename",
        "others": f"/locks/{alice.locks['Flat 2'].pk}/others",
        "holder": f"/others/{OtherAuthorization.objects.get(name='Cleaner 1').pk}/holder",
        "nuki": "/nuki-accounts",
        "connect": "/nuki-accounts/connect",
        "token": f"/nuki-accounts/{account}/token",
        "start": "/start",
        "start-locks": "/start/locks",
        "start-doors": "/start/doors",
        "start-test": "/start/test",
        "sign-out": "/accounts/logout/",
    }


def look_at_a_change(full: Full) -> str:
    """A guest moves into the flat behind the lock that is offline, just before somebody arrives."""
    stay, flat = full.settled, full.business.flats["Flat 1"]
    starts_at = full.planned.starts_at - timedelta(hours=20)
    stay.unit, stay.starts_at, stay.ends_at = flat, starts_at, starts_at + timedelta(hours=19, minutes=20)
    asked = change_pages.fields(stay)
    stay.refresh_from_db()
    return change_pages.address(stay, asked)


def dialog(page: Page) -> None:
    page.get_by_role("link", name="Cancel stay").click()
    page.get_by_role("dialog").wait_for()


def code(page: Page) -> None:
    page.get_by_role("button", name="Show code").click()
    page.locator("#code-digits").wait_for()


def mistakes(page: Page) -> None:
    page.get_by_label("Unit").select_option("")
    page.get_by_label("Code").fill("123456")
    page.get_by_role("button", name="Book stay").click()
    page.locator(".errors").first.wait_for()


def known(page: Page) -> None:
    page.get_by_role("button", name="Add a guest").click()
    page.get_by_label("Name", exact=True).press_sequentially("Mina", delay=A_FINGER)  # the field is new
    page.get_by_role("button", name="Mina Sato").wait_for()


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "dialog": ("ready", dialog),
    "code": ("ready", code),
    "mistakes": ("book", mistakes),
    "known": ("book", known),
}


def findings(page: Page, name: str) -> list[str]:
    """What is wrong with the page as it stands now; in the dark nothing but the colours is another."""
    found = violations(page, f"{name}, light")
    page.emulate_media(color_scheme="dark")
    found += violations(page, f"{name}, dark", runOnly=OF_COLOURS)
    page.emulate_media(color_scheme="light")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append(f"{name}: scrolls {wide} pixels sideways")
    small = page.evaluate(
        """least => [...document.querySelectorAll("nav a, main :is(a.button, button, input, select)")]
            .filter(one => one.type !== "hidden" && one.checkVisibility())
            .map(one => /checkbox|radio/.test(one.type) ? one.closest("label") ?? one.labels[0] : one)
            .map(one => [one.innerText || one.name, one.getBoundingClientRect()])
            .filter(([, box]) => box.height > 1 && box.height < least - 0.5)
            .map(([name, box]) => `${name}: ${box.height} px high`)""",
        SMALLEST_TARGET,
    )
    return found + [f"{name}: {one}" for one in small]


def violations(page: Page, name: str, **options: object) -> list[str]:
    """What axe finds, by all its rules or by some."""
    answer = Axe().run(page, options=options)
    return [
        f"{name}: {violation['id']} at {[node['target'] for node in violation['nodes']]}"
        for violation in answer.response["violations"]
    ]


def look_at_all(visit: Visit, full: Full) -> list[str]:
    found: list[str] = []
    for name, path in full.paths.items():
        found += findings(visit.open(path), name)
    for name, (page_name, act) in STATES.items():
        page = visit.open(full.paths[page_name])
        act(page)
        found += findings(page, name)
    return found


@pytest.mark.parametrize("size", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")])
def test_no_page_has_a_finding(windows: Windows, full: Full, size: dict[str, int]) -> None:
    visit = windows.open(size=size, touch=size is PHONE)
    visit.sign_in(full.business.owner)

    found = look_at_all(visit, full)

    assert found == []


@pytest.mark.parametrize("size", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")])
def test_no_page_of_strangers_and_newcomers_has_a_finding(windows: Windows, size: dict[str, int]) -> None:
    newcomer = User.objects.create_user("eve@nowhere.example", "a-Good-one-1")
    visit = windows.open(size=size)

    found = findings(visit.open("/accounts/login/"), "sign-in")
    visit.sign_in(newcomer)
    found += findings(visit.open("/"), "no business")
    found += findings(visit.open("/no/such/page"), "not found")
    visit.wrong[:] = [wrong for wrong in visit.wrong if "responded with a status of 40" not in wrong]

    assert found == []
