"""Who did what, as programs read it, and how Nuki accounts are."""

from datetime import timedelta

import pytest

from access import stays
from nuki_gateway.simulator import TurnedClock
from properties.models import ApiKey, Membership, NukiAccount
from tests.access.api.programs import Program, problem, two_nights
from tests.worlds import Business


def test_what_was_done_is_listed_with_who_did_it_the_latest_first(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    made = program.post("/stays", two_nights(alice, clock.now())).json()
    clock.turn(seconds=60)
    other = alice.book(now=clock.now(), unit="Flat 2")
    clock.turn(seconds=60)
    stays.draw_again(stay=other, now=clock.now())
    key, member = ApiKey.objects.get(), Membership.objects.get(user=alice.owner)

    def asked(question: str = "") -> list[str]:
        return [one["kind"] for one in program.get(f"/audit?{question}").json()["data"]]

    by_program = program.get("/audit?limit=2").json()["data"][1]
    assert asked() == ["stay_booked", "stay_booked", "api_key_made"]
    assert by_program == {
        "id": by_program["id"],
        "kind": "stay_booked",
        "at": "2026-06-15T12:00:00Z",
        "who": "PMS (API key)",
        "api_key": f"key_{key.pk}",
        "stay": made["id"],
        "lock": None,
        "sentence": "PMS (API key) booked the stay",
    }
    assert asked("by=keyturn") == ["code_drawn_anew"]
    assert asked("by=all&subject=codes") == ["code_drawn_anew"]
    assert asked("subject=team") == ["api_key_made"]
    assert asked(f"by=all&stay=stay_{other.pk}") == ["code_drawn_anew", "stay_booked"]
    assert asked(f"member=member_{member.pk}") == asked()
    assert asked("happened_after=2026-06-15T12:01:00Z") == ["stay_booked"]
    assert asked("member=member_0") == asked("stay=stay_0") == asked("lock=lock_0") == []


def test_pages_hold_each_entry_once(program: Program, alice: Business, clock: TurnedClock) -> None:
    for number in range(5):
        start = clock.now() + timedelta(days=3 * number)
        alice.book(now=clock.now(), starts_at=start, ends_at=start + timedelta(days=1))

    found, cursor = [], ""
    while True:
        page = program.get(f"/audit?limit=2{cursor}").json()
        found += [one["id"] for one in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert len(found) == len(set(found)) == 6
    assert problem(program.get("/audit?cursor=nowhere")) == (400, "invalid_request")


@pytest.mark.parametrize(("hours", "state", "word"), [(None, "ready", "Connected"), (1, "act", "Refused")])
def test_a_nuki_account_says_how_it_is_and_never_its_token(
    program: Program, alice: Business, clock: TurnedClock, hours: int | None, state: str, word: str
) -> None:
    if hours:
        NukiAccount.objects.update(broken_since=clock.now() - timedelta(hours=hours))

    answer = program.get(f"/nuki-accounts/account_{alice.account.pk}")
    listed = program.get("/nuki-accounts").json()["data"]

    assert listed == [answer.json()]
    assert (answer.json()["health"]["state"], answer.json()["health"]["word"]) == (state, word)
    assert (answer.json()["name"], answer.json()["signs_in_with"]) == ("Nuki", "token")
    assert alice.account.token not in answer.content.decode()


def test_a_limited_key_finds_the_accounts_of_its_locks_only(program: Program, alice: Business) -> None:
    within, path = ApiKey.objects.all(), f"/nuki-accounts/account_{alice.account.pk}"

    within.update(property_ids=[alice.house.pk], scopes=["read"])
    there = program.get(path).status_code
    within.update(property_ids=[])

    assert there == 200
    assert problem(program.get(path)) == (404, "not_found")
