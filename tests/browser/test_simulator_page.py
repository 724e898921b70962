"""The simulator's page in a real browser: what a newcomer sees; nothing typed is lost while doors move."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from nuki_gateway.simulator import Lock, Simulator, Timings, WallClock
from tests.browser.conftest import DESK, PATIENCE, PHONE
from tests.browser.test_every_page import findings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

UNFOLD_ALL = """document.querySelectorAll("details").forEach(one => {
    one.removeAttribute("name");
    one.open = true;
})"""
VISIBLE_TIMINGS = Timings(
    operation_seconds=0.8, lag_shortest_seconds=0.6, lag_longest_seconds=0.8, sync_seconds=0.5
)


@dataclass
class House:
    """A simulator with two doors, served with its page apart."""

    simulator: Simulator
    front: Lock
    back: Lock
    page_url: str
    wrong: list[str] = field(default_factory=list)


@pytest.fixture
def house() -> Iterator[House]:
    simulator = Simulator(clock=WallClock(), timings=VISIBLE_TIMINGS, seed=7)
    alice = simulator.add_account(name="Alice", token="alice-token")
    front = simulator.add_lock(alice, name="Front door", keypad="keypad2")
    back = simulator.add_lock(alice, name="Back door", keypad="keypad")
    with simulator.serve_apart() as (_, page_url):
        yield House(simulator, front, back, page_url)


def opened(browser: Browser, house: House, size: dict[str, int], *, dark: bool = False) -> Page:
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("console", lambda message: house.wrong.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: house.wrong.append(str(error)))
    page.goto(house.page_url)
    door(page).wait_for()
    return page


def door(page: Page) -> Locator:
    """The panel of the door that is chosen."""
    return page.locator("article.door").filter(visible=True)


def send(page: Page, name: str, code: str) -> None:
    door(page).get_by_label("Name", exact=True).first.fill(name)
    door(page).get_by_label("Code", exact=True).first.fill(code)
    door(page).get_by_role("button", name="Send code").click()


def type_code(page: Page, code: str) -> str:
    door(page).get_by_label(re.compile("^Code for ")).fill(code)
    answer = door(page).locator(".answer")
    with page.expect_response("**/type-code"):
        door(page).get_by_role("button", name="Enter").click()
    expect(answer).not_to_have_text(re.compile("Type a code"))
    return answer.inner_text()


def test_a_newcomer_sees_a_code_go_all_the_way(browser: Browser, house: House) -> None:
    page = opened(browser, house, DESK)

    before = type_code(page, "594837")
    send(page, "Ada", "594837")
    operation = door(page).locator(".operations > li")
    expect(operation).to_contain_text("Add Ada")
    expect(operation).to_contain_text("being read back")
    expect(door(page).locator(".compared tbody")).to_contain_text("only on the lock")
    expect(door(page).locator(".compared tbody")).to_contain_text("the same")
    after = type_code(page, "594837")

    assert "Stays shut" in before
    assert "Opens" in after
    kinds = page.locator("#story .kind").all_inner_texts()
    assert [kind for kind in reversed(kinds) if kind != "At the door"] == [
        "Queued",
        "On the lock",
        "In the cloud",
    ]
    assert house.wrong == []
    page.context.close()


def test_neither_typed_text_nor_focus_nor_folding_is_lost_while_doors_move(
    browser: Browser, house: House
) -> None:
    page = opened(browser, house, DESK)
    field = door(page).get_by_label("Code for Front door")
    page.get_by_text("Fire drill", exact=True).filter(visible=True).click()
    field.fill("3841")

    house.simulator.in_the_app(house.front.smartlock_id).add_code("Cousin", "999888")
    expect(door(page).locator(".compared tbody")).to_contain_text("Cousin")
    page.keyboard.type("74")

    assert field.input_value() == "384174"
    assert door(page).locator("details", has_text="makes one thing go wrong at").get_attribute("open") == ""
    page.context.close()


def test_another_door_is_chosen_by_keyboard_and_has_a_link(browser: Browser, house: House) -> None:
    page = opened(browser, house, DESK)

    page.get_by_role("button", name="Back door").focus()
    page.keyboard.press("Enter")

    expect(door(page).get_by_role("heading", name="Back door")).to_be_visible()
    assert page.url.endswith(f"#{house.back.smartlock_id}")
    page.reload()
    expect(door(page).get_by_role("heading", name="Back door")).to_be_visible()
    page.context.close()


def test_a_refused_call_says_so_in_words(browser: Browser, house: House) -> None:
    page = opened(browser, house, DESK)

    send(page, "Ada", "123456")

    expect(door(page).locator(".outcome").first).to_contain_text("400: value refused.")
    expect(page.locator("#story")).to_contain_text("Refused by the API")
    expect(page.locator("#calls")).to_contain_text("400 value refused")
    assert house.simulator.codes_on(house.front.smartlock_id) == []
    page.context.close()


def test_a_fire_drill_is_ordered_at_a_door_and_seen_there(browser: Browser, house: House) -> None:
    page = opened(browser, house, DESK)
    door(page).get_by_text("Fire drill", exact=True).click()
    door(page).get_by_text("Writes", exact=True).click()

    door(page).get_by_role("button", name="Lose the next write").click()
    expect(page.locator("#story")).to_contain_text("Ordered for Front door: Lose the next write.")
    send(page, "Ada", "594837")

    expect(door(page).locator(".operations")).to_contain_text("failed in silence")
    expect(page.locator("#story")).to_contain_text("Not in the cloud")
    assert house.simulator.codes_on(house.front.smartlock_id) == []
    assert house.wrong == []
    page.context.close()


def test_the_app_changes_a_lock_behind_the_back_of_the_cloud(browser: Browser, house: House) -> None:
    page = opened(browser, house, PHONE)
    door(page).get_by_text("The Nuki app at the door").click()

    door(page).get_by_role("button", name="Add a code").click()

    expect(door(page).locator(".compared tbody")).to_contain_text("only on the lock")
    expect(page.get_by_role("button", name="Front door")).to_contain_text("1 difference")
    door(page).get_by_role("button", name="Force sync").click()
    expect(door(page).locator(".compared tbody")).to_contain_text("the same")
    page.context.close()


def test_the_mix_of_faults_is_chosen_on_the_page(browser: Browser, house: House) -> None:
    page = opened(browser, house, DESK)

    with page.expect_response("**/-/mix"):
        page.get_by_label("Random faults").select_option("base")

    assert house.simulator.mix.name == "base"
    page.context.close()


def test_nobody_is_asked_while_nobody_looks(browser: Browser, house: House) -> None:
    page = opened(browser, house, DESK)
    page.evaluate("Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.wait_for_timeout(1300)
    hidden = len(asked)
    page.evaluate("delete document.hidden")
    with page.expect_response("**/-/state.json"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    assert hidden == 0
    page.context.close()


@pytest.mark.parametrize("size", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")])
@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
def test_the_page_has_no_finding(browser: Browser, house: House, size: dict[str, int], *, dark: bool) -> None:
    page = opened(browser, house, size, dark=dark)
    house.simulator.in_the_app(house.front.smartlock_id).add_code("Maximiliane Freifrau", "999888")
    send(page, "Ada", "594837")
    expect(door(page).locator(".compared tbody")).to_contain_text("the same")
    type_code(page, "384174")
    page.evaluate(UNFOLD_ALL)

    found = findings(page, "simulator")

    assert found == []
    assert house.wrong == []
    page.context.close()
