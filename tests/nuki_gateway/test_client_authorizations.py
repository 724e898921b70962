"""Authorizations beyond one lock's keypad codes: app invites, many at once, lists in pages."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from nuki_gateway import errors
from nuki_gateway.client import NukiClient
from nuki_gateway.client.calls import NoSmartLockNamed
from nuki_gateway.models import (
    AccountUser,
    AppEntry,
    Authorization,
    AuthorizationType,
    Confirmation,
    KeypadEntry,
    Window,
)
from nuki_gateway.simulator import Account, Lock, Simulator
from tests.nuki_gateway.answering import answer, answering
from tests.nuki_gateway.conftest import CODE, ENTRY, TOKEN

ACCEPTED = answer("204 No Content")
INVITE = AppEntry("Ada", 700, ENTRY.window, remote_allowed=True)
WHOLE_WINDOW = {
    "allowedFromDate": "2026-06-15T13:00:00.000Z",
    "allowedUntilDate": "2026-06-17T08:00:00.000Z",
    "allowedWeekDays": 96,
    "allowedFromTime": 480,
    "allowedUntilTime": 1320,
}


@pytest.fixture
def cellar(simulator: Simulator, account: Account) -> Lock:
    return simulator.add_lock(account, name="Cellar", device_type=4, keypad="keypad")


@pytest.fixture
def ada(nuki: NukiClient, door: Lock) -> AccountUser:  # noqa: ARG001  the account has a lock
    return nuki.create_account_user(email="ada@guests.example", name="Ada")


def invite_for(user: AccountUser) -> AppEntry:
    return replace(INVITE, account_user_id=user.account_user_id)


def sent_by(call: Callable[[NukiClient], object], given: bytes = ACCEPTED) -> tuple[str, Any]:
    with answering(given) as service:
        call(NukiClient(service.url, TOKEN))
    (asked,) = service.asked
    return asked.line.removesuffix(" HTTP/1.1"), json.loads(asked.body or b"null")


def ok(body: object) -> bytes:
    return answer("200 OK", json.dumps(body).encode())


def app_entries(nuki: NukiClient, lock: Lock) -> list[AppEntry | None]:
    listed = nuki.authorizations_on(lock.smartlock_id, types=[AuthorizationType.APP])
    return [one.app_entry for one in listed]


def test_an_app_invite_is_mailed_and_listed_with_its_whole_window(
    simulator: Simulator, door: Lock, nuki: NukiClient, ada: AccountUser
) -> None:
    nuki.create_app_invite(door.smartlock_id, invite_for(ada))
    simulator.settle()

    assert [(one.email, one.smartlock_id) for one in simulator.invites] == [
        ("ada@guests.example", door.smartlock_id)
    ]
    assert app_entries(nuki, door) == [invite_for(ada)]
    (listed,) = nuki.authorizations(account_user_id=ada.account_user_id)
    assert (listed.type, listed.entry, listed.was_used) == (AuthorizationType.APP, None, False)


def test_app_invites_on_several_locks_are_one_mail_each(
    simulator: Simulator, door: Lock, cellar: Lock, nuki: NukiClient, ada: AccountUser
) -> None:
    nuki.create_app_invite_on([door.smartlock_id, cellar.smartlock_id], invite_for(ada))
    simulator.settle()

    assert [one.smartlock_id for one in simulator.invites] == [door.smartlock_id, cellar.smartlock_id]
    assert app_entries(nuki, door) == app_entries(nuki, cellar) == [invite_for(ada)]


def test_an_app_authorization_is_changed_without_losing_anything(
    simulator: Simulator, door: Lock, nuki: NukiClient, ada: AccountUser
) -> None:
    nuki.create_app_invite(door.smartlock_id, invite_for(ada))
    simulator.settle()
    (known,) = nuki.authorizations(types=[AuthorizationType.APP])
    changed = replace(invite_for(ada), remote_allowed=False, enabled=False)

    nuki.update_app_authorization(door.smartlock_id, known.id, changed)
    simulator.settle()

    assert app_entries(nuki, door) == [changed]
    assert len(simulator.invites) == 1


def test_one_code_is_put_on_several_locks(
    simulator: Simulator, door: Lock, cellar: Lock, nuki: NukiClient
) -> None:
    nuki.create_keypad_code_on([door.smartlock_id, cellar.smartlock_id], ENTRY)
    simulator.settle()

    assert [one.entry for one in nuki.keypad_codes(door.smartlock_id)] == [ENTRY]
    assert [one.entry for one in nuki.keypad_codes(cellar.smartlock_id)] == [ENTRY]


def test_one_code_that_is_taken_on_one_of_the_locks_is_put_on_none(
    simulator: Simulator, door: Lock, cellar: Lock, nuki: NukiClient
) -> None:
    nuki.create_keypad_code(cellar.smartlock_id, ENTRY)
    simulator.settle()

    with pytest.raises(errors.NukiConflict):
        nuki.create_keypad_code_on([door.smartlock_id, cellar.smartlock_id], replace(ENTRY, name="Bob"))
    simulator.settle()

    assert simulator.codes_on(door.smartlock_id) == []
    assert [one.name for one in simulator.codes_on(cellar.smartlock_id)] == ["Ada"]


def test_several_authorizations_are_changed_in_one_call(
    simulator: Simulator, door: Lock, cellar: Lock, nuki: NukiClient
) -> None:
    nuki.create_keypad_code_on([door.smartlock_id, cellar.smartlock_id], ENTRY)
    simulator.settle()
    at_the_door, in_the_cellar = nuki.authorizations()
    earlier = replace(ENTRY, window=Window(None, datetime(2026, 6, 16, 8, tzinfo=UTC)))
    disabled = replace(ENTRY, enabled=False)
    before = len(simulator.calls)

    nuki.update_authorizations({at_the_door.id: earlier, in_the_cellar.id: disabled})
    simulator.settle()

    assert [call.method for call in simulator.calls[before:]] == ["POST"]
    assert [one.entry for one in nuki.keypad_codes(door.smartlock_id)] == [earlier]
    assert [one.entry for one in nuki.keypad_codes(cellar.smartlock_id)] == [disabled]


def test_several_authorizations_are_deleted_in_one_call(
    simulator: Simulator, door: Lock, cellar: Lock, nuki: NukiClient
) -> None:
    nuki.create_keypad_code_on([door.smartlock_id, cellar.smartlock_id], ENTRY)
    simulator.settle()
    before = len(simulator.calls)

    nuki.delete_authorizations([one.id for one in nuki.authorizations()] * 2)
    simulator.settle()

    assert [call.method for call in simulator.calls[before:]] == ["GET", "DELETE"]
    assert simulator.codes_on(door.smartlock_id) == simulator.codes_on(cellar.smartlock_id) == []


def test_the_lists_can_be_asked_for_by_type_and_by_user(
    simulator: Simulator, door: Lock, nuki: NukiClient, ada: AccountUser
) -> None:
    nuki.create_keypad_code(door.smartlock_id, ENTRY)
    nuki.create_app_invite(door.smartlock_id, invite_for(ada))
    simulator.settle()
    code, app = AuthorizationType.KEYPAD_CODE, AuthorizationType.APP

    def types(found: list[Authorization]) -> list[int]:
        return sorted(one.type for one in found)

    assert types(nuki.authorizations_on(door.smartlock_id)) == [app, code]
    assert types(nuki.authorizations_on(door.smartlock_id, types=[app, code])) == [app, code]
    assert types(nuki.authorizations(types=[code])) == [code]
    assert types(nuki.authorizations(account_user_id=ada.account_user_id)) == [app]
    assert types(nuki.authorizations(account_user_id=-1)) == [code]


def test_one_authorization_is_read_by_its_id(simulator: Simulator, door: Lock, nuki: NukiClient) -> None:
    nuki.create_keypad_code(door.smartlock_id, ENTRY)
    simulator.settle()
    (listed,) = nuki.keypad_codes(door.smartlock_id)

    assert nuki.authorization(door.smartlock_id, listed.id) == listed


def test_a_list_in_pages_is_walked_to_its_end(simulator: Simulator, door: Lock, nuki: NukiClient) -> None:
    for digit in "3456789":
        nuki.create_keypad_code(door.smartlock_id, KeypadEntry(f"Guest {digit}", digit * 6, ENTRY.window))
    simulator.settle()
    before = len(simulator.calls)

    found = list(nuki.authorizations_by_page(types=[AuthorizationType.KEYPAD_CODE], page_size=3))

    assert [one.code for one in found] == [digit * 6 for digit in "3456789"]
    assert len(simulator.calls) - before == 3


def page(*ids: str, **pagination: object) -> bytes:
    results = [{"id": one, "smartlockId": 5, "type": 13} for one in ids]
    return ok({"results": results, "pagination": pagination})


@pytest.mark.parametrize(
    ("given", "ids", "calls"),
    [
        pytest.param(page("aa", "bb", totalPages=1, nextPage="1"), ["aa", "bb"], 1, id="the count of pages"),
        pytest.param(page("aa", "aa", totalPages=1), ["aa"], 1, id="each is given once"),
        pytest.param(page("aa", nextPage=None), ["aa"], 1, id="no next page"),
        pytest.param(page("aa"), ["aa"], 1, id="nothing is said, and the page is not full"),
        pytest.param(page(), [], 1, id="an empty page"),
    ],
)
def test_a_walk_through_pages_ends_with(given: bytes, ids: list[str], calls: int) -> None:
    with answering(given) as service:
        found = list(NukiClient(service.url, TOKEN).authorizations_by_page(page_size=10))

    assert [one.id for one in found] == ids
    assert len(service.asked) == calls


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(page("aa", totalPages=9), id="by the count of pages"),
        pytest.param(page("aa", nextPage="1"), id="by naming a next one"),
        pytest.param(page("aa", "bb", "cc"), id="by being full"),
    ],
)
def test_a_service_that_repeats_a_page_while_it_promises_more_is_unavailable(given: bytes) -> None:
    with answering(given) as service, pytest.raises(errors.NukiUnavailable, match="the pages repeat"):
        list(NukiClient(service.url, TOKEN).authorizations_by_page(page_size=3))

    assert [asked.line for asked in service.asked] == [
        "GET /smartlock/auth/paged?size=3&page=0 HTTP/1.1",
        "GET /smartlock/auth/paged?size=3&page=1 HTTP/1.1",
    ]


def test_more_pages_than_the_bound_are_not_taken_for_the_whole_list(
    simulator: Simulator, door: Lock, nuki: NukiClient
) -> None:
    for digit in "345":
        nuki.create_keypad_code(door.smartlock_id, KeypadEntry(f"Guest {digit}", digit * 6, ENTRY.window))
    simulator.settle()
    walk = nuki.authorizations_by_page(page_size=1, most_pages=2)

    found = [next(walk).code, next(walk).code]

    assert found == ["333333", "444444"]
    with pytest.raises(errors.NukiUnavailable, match="more than 2 pages"):
        next(walk)


@pytest.mark.parametrize(
    ("call", "line", "body"),
    [
        pytest.param(
            lambda nuki: nuki.create_app_invite(5, INVITE),
            "PUT /smartlock/5/auth",
            {"type": 0, "name": "Ada", "accountUserId": 700, "remoteAllowed": True, **WHOLE_WINDOW},
            id="an app invite",
        ),
        pytest.param(
            lambda nuki: nuki.create_app_invite_on([5, 6, 5], INVITE),
            "PUT /smartlock/auth",
            {
                "type": 0,
                "name": "Ada",
                "accountUserId": 700,
                "remoteAllowed": True,
                "smartlockIds": [5, 6],
                **WHOLE_WINDOW,
            },
            id="app invites on several locks",
        ),
        pytest.param(
            lambda nuki: nuki.create_keypad_code_on([5, 6], ENTRY),
            "PUT /smartlock/auth",
            {
                "type": 13,
                "name": "Ada",
                "code": 384174,
                "remoteAllowed": False,
                "smartlockIds": [5, 6],
                **WHOLE_WINDOW,
            },
            id="a code on several locks",
        ),
        pytest.param(
            lambda nuki: nuki.update_app_authorization(5, "66aa", INVITE),
            "POST /smartlock/5/auth/66aa",
            {
                "name": "Ada",
                "accountUserId": 700,
                "enabled": True,
                "remoteAllowed": True,
                **WHOLE_WINDOW,
            },
            id="a change of an app authorization",
        ),
        pytest.param(
            lambda nuki: nuki.update_authorizations({"66aa": ENTRY, "66ab": INVITE}),
            "POST /smartlock/auth",
            [
                {
                    "id": "66aa",
                    "name": "Ada",
                    "code": 384174,
                    "enabled": True,
                    "remoteAllowed": False,
                    **WHOLE_WINDOW,
                },
                {
                    "id": "66ab",
                    "name": "Ada",
                    "accountUserId": 700,
                    "enabled": True,
                    "remoteAllowed": True,
                    **WHOLE_WINDOW,
                },
            ],
            id="several changes",
        ),
        pytest.param(
            lambda nuki: nuki.delete_authorizations(["66aa", "66ab"]),
            "DELETE /smartlock/auth",
            ["66aa", "66ab"],
            id="several deletions",
        ),
    ],
)
def test_a_write_sends_every_field(call: Callable[[NukiClient], object], line: str, body: object) -> None:
    assert sent_by(call) == (line, body)


def test_the_advanced_create_has_no_type_and_gives_the_id_by_which_the_webhook_will_speak_of_it() -> None:
    confirmations = []

    asked = sent_by(
        lambda nuki: confirmations.append(nuki.create_app_invite_advanced([5, 6], INVITE)),
        ok({"requestId": "68c400000000000000000001", "error": "6 needs a subscription"}),
    )

    assert asked == (
        "PUT /smartlock/auth/advanced",
        {
            "name": "Ada",
            "accountUserId": 700,
            "remoteAllowed": True,
            "smartlockIds": [5, 6],
            **WHOLE_WINDOW,
        },
    )
    assert confirmations == [Confirmation("68c400000000000000000001", "6 needs a subscription")]


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda nuki: nuki.create_keypad_code_on([], ENTRY), id="a code"),
        pytest.param(lambda nuki: nuki.create_app_invite_on([], INVITE), id="an invite"),
        pytest.param(lambda nuki: nuki.create_app_invite_advanced([], INVITE), id="an Advanced invite"),
    ],
)
def test_nothing_is_made_on_no_lock(call: Callable[[NukiClient], object]) -> None:
    with answering(ACCEPTED) as service, pytest.raises(NoSmartLockNamed):
        call(NukiClient(service.url, TOKEN))

    assert service.asked == []


def test_changing_and_deleting_nothing_asks_for_nothing() -> None:
    with answering(ACCEPTED) as service:
        NukiClient(service.url, TOKEN).update_authorizations({})
        NukiClient(service.url, TOKEN).delete_authorizations([])

    assert service.asked == []


@pytest.mark.parametrize(
    "authorization_id", ["", ".", "..", "../..", "66aa?x=1", "66aa#", "66aa/..", "6" * 65]
)
@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda nuki, one: nuki.delete_authorization(5, one), id="delete"),
        pytest.param(lambda nuki, one: nuki.delete_authorizations([one]), id="delete several"),
        pytest.param(lambda nuki, one: nuki.update_keypad_code(5, one, ENTRY), id="update"),
        pytest.param(lambda nuki, one: nuki.update_app_authorization(5, one, INVITE), id="update app"),
        pytest.param(lambda nuki, one: nuki.update_authorizations({one: ENTRY}), id="update several"),
        pytest.param(lambda nuki, one: nuki.authorization(5, one), id="read"),
    ],
)
def test_what_is_no_id_never_gets_into_an_address(
    call: Callable[[NukiClient, str], object], authorization_id: str
) -> None:
    with answering(ACCEPTED) as service, pytest.raises(errors.NukiNotFound):
        call(NukiClient(service.url, TOKEN), authorization_id)

    assert service.asked == []


def test_neither_the_name_nor_the_invited_user_s_words_are_shown() -> None:
    shown = f"{INVITE!r} {INVITE} {Confirmation('68c4', 'Ada is not allowed')!r}"

    assert shown == "<AppEntry of user 700> <AppEntry of user 700> <Confirmation 68c4>"
    assert CODE not in shown
