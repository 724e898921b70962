"""Account users: found by their very address, made at once, removed later."""

import json

import pytest

from nuki_gateway import errors
from nuki_gateway.client import NukiClient
from nuki_gateway.models import AccountUser, Language
from nuki_gateway.simulator import Account, Lock, Simulator
from tests.nuki_gateway.answering import answer, answering
from tests.nuki_gateway.conftest import TOKEN

ADA = {"accountUserId": 700, "email": "Ada@Guests.example", "name": "Ada Vogel", "language": "de"}
OTHER = {"accountUserId": 701, "email": "lada@guests.example", "name": "Lada"}


def test_a_user_is_made_at_once_and_found_by_the_address(nuki: NukiClient, account: Account) -> None:  # noqa: ARG001
    made = nuki.create_account_user(email="ada@guests.example", name="Ada", language=Language.GERMAN)

    assert (made.email, made.name, made.language, made.operation_runs) == (
        "ada@guests.example",
        "Ada",
        "de",
        False,
    )
    assert nuki.account_users() == [made]
    assert nuki.account_user(made.account_user_id) == made
    assert nuki.account_user_of("ada@guests.example") == made
    assert nuki.account_user_of("bob@guests.example") is None


def test_a_removed_user_is_gone_some_time_later_and_busy_until_then(
    simulator: Simulator,
    nuki: NukiClient,
    door: Lock,  # noqa: ARG001  the account has a lock
) -> None:
    made = nuki.create_account_user(email="ada@guests.example", name="Ada")

    nuki.delete_account_user(made.account_user_id)
    runs = nuki.account_user(made.account_user_id).operation_runs
    with pytest.raises(errors.NukiBusy):
        nuki.delete_account_user(made.account_user_id)
    simulator.settle()

    assert runs is True
    assert nuki.account_users() == []


@pytest.mark.parametrize(
    ("email", "found"),
    [
        pytest.param("Ada@Guests.example", 700, id="the same"),
        pytest.param("ada@guests.EXAMPLE", 700, id="other capital letters"),
        pytest.param("da@guests.example", None, id="the end of an address"),
        pytest.param("ada@guests.exampl", None, id="the beginning of one"),
        pytest.param("", None, id="nothing"),
        pytest.param("\u212aate@guests.example", None, id="a letter that looks like another"),
        pytest.param("\ud800@guests.example", None, id="half a character"),
    ],
)
def test_only_the_very_address_counts_whatever_the_service_finds(email: str, found: int | None) -> None:
    kate = {"accountUserId": 702, "email": "kate@guests.example"}
    with answering(answer("200 OK", json.dumps([OTHER, kate, ADA]).encode())) as service:
        user = NukiClient(service.url, TOKEN).account_user_of(email)

    assert (user.account_user_id if user else None) == found


def test_the_address_is_asked_for_and_written_so_that_none_of_it_is_taken_for_something_else() -> None:
    with answering(answer("200 OK", b"[]")) as service:
        NukiClient(service.url, TOKEN).account_users(email="a+b&limit=9@guests.example", offset=0, limit=50)

    assert [asked.line for asked in service.asked] == [
        "GET /account/user?email=a%2Bb%26limit%3D9%40guests.example&offset=0&limit=50 HTTP/1.1"
    ]


@pytest.mark.parametrize(
    "given", [answer("204 No Content"), answer("200 OK", json.dumps(ADA).encode())], ids=["204", "200"]
)
def test_a_change_sends_all_three_facts_and_takes_either_answer(given: bytes) -> None:
    with answering(given) as service:
        NukiClient(service.url, TOKEN).update_account_user(
            700, email="ada@guests.example", name="Ada", language=Language.CZECH
        )

    (asked,) = service.asked
    assert asked.line == "POST /account/user/700 HTTP/1.1"
    assert json.loads(asked.body) == {"email": "ada@guests.example", "name": "Ada", "language": "cs"}


def test_a_user_is_shown_without_name_and_address() -> None:
    user = AccountUser.from_json(ADA)

    assert f"{user!r} {user}" == "<AccountUser 700> <AccountUser 700>"
