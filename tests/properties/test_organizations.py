"""Founding businesses, by operation and by command."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from properties import organizations
from properties.models import Membership, Organization, User
from properties.roles import Role

pytestmark = pytest.mark.django_db

PASSWORD = "a-Good-one-1"


@pytest.fixture
def given_password(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("OWNER_PASSWORD", PASSWORD)
    return PASSWORD


def found(name: str = "Harbour Stays", owner: str = "alice@harbour.example", **more: str) -> str:
    out = StringIO()
    call_command("create_organization", name=name, owner=owner, stdout=out, **more)
    return out.getvalue()


def test_a_founded_organization_has_its_owner_who_can_sign_in() -> None:
    founded = organizations.found(
        name="Harbour Stays", owner_email="Alice@Harbour.example", owner_name="Alice", password=PASSWORD
    )

    owner = User.objects.get()
    assert (founded.name, founded.reply_to) == ("Harbour Stays", "alice@harbour.example")
    assert (owner.email, owner.name, owner.check_password(PASSWORD)) == (
        "alice@harbour.example",
        "Alice",
        True,
    )
    assert (owner.is_staff, owner.is_superuser) == (False, False)
    assert list(Membership.objects.values_list("organization", "user", "role")) == [
        (founded.pk, owner.pk, Role.OWNER)
    ]


def test_without_a_password_nobody_can_sign_in() -> None:
    organizations.found(name="Harbour Stays", owner_email="alice@harbour.example")

    assert User.objects.get().has_usable_password() is False


def test_an_owner_who_is_there_keeps_name_and_password() -> None:
    organizations.found(
        name="Harbour Stays", owner_email="alice@harbour.example", owner_name="Alice", password=PASSWORD
    )

    second = organizations.found(
        name="Old Town", owner_email="ALICE@harbour.example", owner_name="Mallory", password="Another-one-2"
    )

    owner = User.objects.get()
    assert (owner.name, owner.check_password(PASSWORD)) == ("Alice", True)
    assert second.reply_to == "alice@harbour.example"
    assert [place.organization.name for place in organizations.places_of(owner)] == [
        "Harbour Stays",
        "Old Town",
    ]


def test_places_are_ordered_by_name_and_are_only_ones_own() -> None:
    for name in ("Zebra", "Anchor"):
        organizations.found(name=name, owner_email="alice@harbour.example")
    organizations.found(name="Lodge", owner_email="charlie@lindgren.example")

    alice, charlie = (User.objects.get(email__startswith=name) for name in ("alice", "charlie"))

    assert [place.organization.name for place in organizations.places_of(alice)] == ["Anchor", "Zebra"]
    assert [place.organization.name for place in organizations.places_of(charlie)] == ["Lodge"]


def test_the_command_founds_with_the_password_of_the_environment(given_password: str) -> None:
    said = found(owner_name="Alice")

    founded, owner = Organization.objects.get(), User.objects.get()
    assert said == f"Organization {founded.pk} is there. Its owner signs in with alice@harbour.example.\n"
    assert (founded.name, owner.name) == ("Harbour Stays", "Alice")
    assert owner.check_password(given_password)
    assert given_password not in said


@pytest.mark.parametrize(
    ("password", "why"),
    [
        pytest.param("Sh0rt-one", "at least 10 characters", id="too short"),
        pytest.param("1q2w3e4r5t", "too common", id="too common"),
    ],
)
def test_the_command_refuses_a_weak_password_and_founds_nothing(
    monkeypatch: pytest.MonkeyPatch, password: str, why: str
) -> None:
    monkeypatch.setenv("OWNER_PASSWORD", password)

    with pytest.raises(CommandError, match=why) as refusal:
        found()

    assert password not in str(refusal.value)
    assert (Organization.objects.count(), User.objects.count()) == (0, 0)


@pytest.mark.parametrize("address", ["", "alice", "alice@", "@harbour.example", "alice@harbour example"])
@pytest.mark.usefixtures("given_password")
def test_the_command_refuses_what_is_no_address_and_founds_nothing(address: str) -> None:
    with pytest.raises(CommandError, match="Enter a valid email address"):
        found(owner=address)

    assert (Organization.objects.count(), User.objects.count()) == (0, 0)


def test_the_command_asks_no_password_for_an_owner_who_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    organizations.found(name="Harbour Stays", owner_email="alice@harbour.example", password=PASSWORD)
    monkeypatch.setenv("OWNER_PASSWORD", "weak")

    found(name="Old Town", owner="Alice@harbour.example")

    owner = User.objects.get()
    assert owner.check_password(PASSWORD)
    assert [place.organization.name for place in organizations.places_of(owner)] == [
        "Harbour Stays",
        "Old Town",
    ]
