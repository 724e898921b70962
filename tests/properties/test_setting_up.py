"""Setting up a business by one command: all of it against the simulator's HTTP, or nothing."""

import io
import re
import sys
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from pytest_django.fixtures import Settings

from nuki_gateway.simulator import Account, Simulator, TurnedClock, configuration
from properties import api_keys, organizations, tenancy
from properties.models import (
    ApiKey,
    Door,
    NukiAccount,
    Organization,
    Property,
    SmartLock,
    Unit,
    UnitDoor,
    User,
)

pytestmark = pytest.mark.django_db

NAME, OWNER, TOKEN = "Harbour Stays", "alice@harbour.example", "alices-token"
WEBHOOKS = "/api/decentralWebhook"  # at Nuki: it is asked to call us
RESET = "http://testserver/accounts/password/reset/"
NOWHERE = "http://127.0.0.1:9"
UNKNOWN_ZONE = 9999  # of Nuki's numbers


@pytest.fixture
def at_nuki(simulator: Simulator) -> Account:
    account = simulator.add_account(name="Alice", token=TOKEN)
    for name, keypad in (("Boathouse", "keypad2"), ("Lodge", "keypad"), ("Cellar", None)):
        simulator.add_lock(account, name=name, keypad=keypad)
    return account


def set_up(**more: Any) -> list[str]:
    """The lines that the command prints."""
    out = io.StringIO()
    call_command("create_organization", **({"name": NAME, "owner": OWNER} | more), stdout=out)
    return out.getvalue().splitlines()


def rows() -> list[int]:
    """How many there are of what the command makes."""
    with tenancy.across_organizations(because="a test counts"):
        kinds = (Organization, User, EmailAddress, NukiAccount, SmartLock, Property, Unit, Door, ApiKey)
        return [kind._default_manager.count() for kind in kinds]


@pytest.mark.usefixtures("at_nuki")
def test_a_business_is_ready_for_guests_after_one_command(clock: TurnedClock, simulator: Simulator) -> None:
    said = set_up(nuki_token=TOKEN, import_locks=True, api_key_scopes="read,stays")

    ours = Organization.objects.get()
    key = api_keys.find(said[-1], now=clock.now())
    with tenancy.within(ours):
        ways_in = [
            (
                step.unit.property.name,
                step.unit.name,
                step.door.name,
                step.door.smart_lock and step.door.smart_lock.name,
            )
            for step in UnitDoor.objects.select_related("unit__property", "door__smart_lock").order_by("pk")
        ]
        zones = set(Property.objects.values_list("time_zone", flat=True))
    assert ways_in == [("Boathouse",) * 4, ("Lodge",) * 4]
    assert zones == {"Europe/Berlin"}
    assert [call.path for call in simulator.calls][-1] == WEBHOOKS
    assert (key.organization, key.scopes, key.made_by.email) == (ours, ["read", "stays"], OWNER)
    assert said[1:-1] == [
        f"The owner has no password yet, and asks for the way to one at {RESET}",
        "Its Nuki account lists 3 smart locks.",
        "2 of them have a property, a unit and a door each.",
        "“Cellar” has no keypad, so it was left out.",
        "This key is shown once:",
    ]


def test_the_owner_chooses_a_password_by_an_e_mail() -> None:
    set_up()

    Client().post("/accounts/password/reset/", {"email": OWNER})

    (sent,) = mail.outbox
    assert sent.to == [OWNER]
    assert re.search(r"/accounts/password/reset/key/\S+", str(sent.body))


@pytest.mark.usefixtures("at_nuki")
def test_a_token_is_read_from_the_standard_input_and_nothing_else_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{TOKEN}\nmore\n"))

    said = set_up(nuki_token="-")

    assert said[-1] == "Its Nuki account lists 3 smart locks."
    assert TOKEN not in "".join(said)
    assert rows() == [1, 1, 1, 1, 3, 0, 0, 0, 0]


def test_locks_of_one_name_stand_in_properties_of_two(simulator: Simulator) -> None:
    account = simulator.add_account(name="Alice", token=TOKEN)
    for _ in range(2):
        simulator.add_lock(account, name="Lodge", keypad="keypad")

    set_up(nuki_token=TOKEN, import_locks=True)

    with tenancy.within(Organization.objects.get()):
        assert sorted(Property.objects.values_list("name", flat=True)) == ["Lodge", "Lodge 2"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        pytest.param({"owner": "alice"}, "Enter a valid email address", id="no address"),
        pytest.param({"name": " "}, "--name must have", id="no name"),
        pytest.param({"nuki_token": "another"}, "Nuki does not accept this token", id="a refused token"),
        pytest.param({"nuki_token": "two words"}, "not a token of Nuki Web", id="no token"),
        pytest.param({"import_locks": True}, "--import-locks needs --nuki-token", id="locks of nobody"),
        pytest.param({"api_key_scopes": "read,fly"}, "There is no scope fly", id="an unknown scope"),
        pytest.param({"time_zone": "Vienna"}, "no time zone we know", id="an unknown zone"),
    ],
)
@pytest.mark.usefixtures("at_nuki")
def test_what_cannot_be_is_said_and_nothing_is_made(more: dict[str, Any], why: str) -> None:
    before = rows()

    with pytest.raises(CommandError, match=why) as refusal:
        set_up(**more)

    assert rows() == before == [0] * 9
    assert str(more.get("nuki_token", TOKEN)) not in str(refusal.value)


def test_where_nuki_does_not_answer_nothing_is_made(settings: Settings) -> None:
    settings.NUKI_API_URL = NOWHERE

    with pytest.raises(CommandError, match="Nuki does not answer"):
        set_up(nuki_token=TOKEN, import_locks=True, api_key_scopes="read")

    assert rows() == [0] * 9


@pytest.mark.usefixtures("at_nuki")
def test_a_script_that_runs_twice_sets_up_one_business() -> None:
    set_up(nuki_token=TOKEN, import_locks=True)
    before = rows()

    with pytest.raises(CommandError, match="There is a business called harbour stays"):
        set_up(name="harbour stays", nuki_token=TOKEN, import_locks=True)

    assert rows() == before


def test_a_lock_without_a_zone_needs_one_to_be_said(simulator: Simulator) -> None:
    account = simulator.add_account(name="Alice", token=TOKEN)
    lock = simulator.add_lock(account, name="Lodge", keypad="keypad")
    lock.device.time_zone_id = UNKNOWN_ZONE
    configuration.learn(lock)

    with pytest.raises(CommandError, match="“Lodge” does not say its time zone"):
        set_up(nuki_token=TOKEN, import_locks=True, api_key_scopes="read")
    nothing = rows()
    set_up(nuki_token=TOKEN, import_locks=True, time_zone="Europe/Vienna")

    assert nothing == [0] * 9
    with tenancy.within(Organization.objects.get()):
        assert Property.objects.get().time_zone == "Europe/Vienna"


def test_an_owner_who_is_there_gets_a_second_business_and_its_key(clock: TurnedClock) -> None:
    organizations.found(name="Old Town", owner_email=OWNER, password="a-Good-one-1")

    said = set_up(api_key_scopes="read")

    key = api_keys.find(said[-1], now=clock.now())
    assert (key.organization.name, key.made_by) == (NAME, User.objects.get())
    assert len(said) == 3
