"""Keys for programs: made once, known by their digest, ended for good."""

from datetime import timedelta

import pytest

from nuki_gateway.simulator import TurnedClock
from properties import api_keys, team
from properties.api_scopes import Scope
from properties.models import ApiKey, Membership, TeamEntry, TeamEvent
from properties.roles import Role
from tests.properties.teams import works_for
from tests.worlds import Business

DAY = timedelta(days=1)


def make(business: Business, clock: TurnedClock, name: str = "PMS", lasts: timedelta | None = None) -> str:
    """A key that may read; its text."""
    return api_keys.make(
        organization=business.organization,
        name=name,
        scopes=[Scope.STAYS, Scope.READ],
        expires_at=clock.now() + lasts if lasts else None,
        made_by=business.owner,
        now=clock.now(),
    )[1]


def test_a_key_is_found_by_its_text_which_is_kept_nowhere(alice: Business, clock: TurnedClock) -> None:
    text = make(alice, clock)

    found = api_keys.find(text, now=clock.now())

    assert (found.organization, found.name, found.scopes) == (alice.organization, "PMS", ["read", "stays"])
    assert len(text) == 51
    assert text.startswith(found.prefix)
    row = ApiKey.objects.filter(pk=found.pk).values().get()
    assert [name for name, value in row.items() if text[len(found.prefix) :] in str(value)] == []


def test_each_key_is_another(alice: Business, clock: TurnedClock) -> None:
    assert len({make(alice, clock, name=f"Key {number}") for number in range(5)}) == 5


@pytest.mark.parametrize("text", ["", "kt_", "kt_" + "0" * 48, "x" * 51, "kt_" + "\ud800" * 9, "kt_" * 999])
def test_what_is_no_key_is_not_found(alice: Business, clock: TurnedClock, text: str) -> None:
    make(alice, clock)

    with pytest.raises(api_keys.KeyIsUnknown):
        api_keys.find(text, now=clock.now())


def test_a_key_works_until_it_expires(alice: Business, clock: TurnedClock) -> None:
    text = make(alice, clock, lasts=DAY)
    clock.turn(seconds=DAY.total_seconds() - 1)
    api_keys.find(text, now=clock.now())
    clock.turn(seconds=1)

    with pytest.raises(api_keys.KeyHasExpired):
        api_keys.find(text, now=clock.now())


def test_a_key_is_revoked_once_and_its_name_is_free_again(alice: Business, clock: TurnedClock) -> None:
    text = make(alice, clock)
    key = api_keys.find(text, now=clock.now())

    for _ in range(2):
        api_keys.revoke(key=key, revoked_by=alice.owner, now=clock.now())

    with pytest.raises(api_keys.KeyIsRevoked):
        api_keys.find(text, now=clock.now())
    make(alice, clock)
    kinds = list(TeamEntry.objects.order_by("pk").values_list("kind", "api_key__name"))
    assert kinds == [
        (TeamEvent.API_KEY_MADE, "PMS"),
        (TeamEvent.API_KEY_REVOKED, "PMS"),
        (TeamEvent.API_KEY_MADE, "PMS"),
    ]


def test_two_keys_have_two_names(alice: Business, clock: TurnedClock) -> None:
    make(alice, clock)

    with pytest.raises(api_keys.NameIsTaken):
        make(alice, clock)

    assert ApiKey.objects.count() == 1


def test_a_business_has_so_many_keys_and_no_more(
    alice: Business, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "MOST_KEYS", 1)
    make(alice, clock)

    with pytest.raises(api_keys.TooManyKeys):
        make(alice, clock, name="Another")


@pytest.mark.parametrize("role", [Role.STAFF, Role.VIEWER, None])
def test_who_may_not_manage_keys_makes_and_revokes_none(
    alice: Business, clock: TurnedClock, role: Role | None
) -> None:
    key = api_keys.find(make(alice, clock), now=clock.now())
    bob = works_for(alice, "bob@harbour.example", role or Role.MANAGER)
    if role is None:
        team.remove(membership=bob, removed_by=alice.owner, now=clock.now())

    with pytest.raises(api_keys.MayNotManageKeys):
        api_keys.revoke(key=key, revoked_by=bob.user, now=clock.now())
    with pytest.raises(api_keys.MayNotManageKeys):
        api_keys.make(
            organization=alice.organization,
            name="Bob's",
            scopes=[Scope.READ],
            expires_at=None,
            made_by=bob.user,
            now=clock.now(),
        )

    assert ApiKey.objects.get().revoked_at is None
    assert Membership.objects.filter(user=bob.user).exists() == (role is not None)
