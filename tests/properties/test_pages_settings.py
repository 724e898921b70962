"""The settings page: the business, and what its people are written to about."""

import pytest

from nuki_gateway.simulator import TurnedClock
from properties import organizations, settings_pages
from properties.code_styles import CodeStyle
from properties.models import AlertMail, Membership, Organization
from properties.roles import Role
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import Business


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def test_the_business_gets_another_name_and_address(host: Visitor, alice: Business) -> None:
    page = host.get("/settings")
    fields = {"business-name": "Harbour Rooms", "business-reply_to": "hello@harbour.example"}

    answer = host.post("/settings/business", fields)

    check_page(page)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/settings")
    ours = Organization.objects.get(pk=alice.organization.pk)
    assert (ours.name, ours.reply_to) == ("Harbour Rooms", "hello@harbour.example")
    assert "Harbour Rooms" in words(host.get("/settings"))


@pytest.mark.parametrize(
    "fields",
    [
        {"business-name": " ", "business-reply_to": "hello@harbour.example"},
        {"business-name": "x" * 101, "business-reply_to": "hello@harbour.example"},
        {"business-name": "Harbour", "business-reply_to": "hello"},
        {},
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_changes_nothing(
    host: Visitor, alice: Business, fields: dict[str, str]
) -> None:
    answer = host.post("/settings/business", fields)

    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    ours = Organization.objects.get(pk=alice.organization.pk)
    assert (ours.name, ours.reply_to) == ("Harbour Stays", "alice@harbour.example")


@pytest.mark.parametrize(
    ("role", "usual"),
    [
        (Role.OWNER, AlertMail.ALL),
        (Role.MANAGER, AlertMail.ALL),
        (Role.STAFF, AlertMail.NONE),
        (Role.VIEWER, AlertMail.NONE),
    ],
)
def test_what_somebody_is_written_to_about_is_usual_until_it_is_chosen(
    alice: Business, clock: TurnedClock, role: Role, usual: AlertMail
) -> None:
    bob = with_role(alice, clock, role)
    place = Membership.objects.get(user__email="bob@harbour.example")
    before = organizations.alert_mail_of(place)

    refused = bob.post("/settings/alert-mail", {"mail-alert_mail": "everything"})
    bob.post("/settings/alert-mail", {"mail-alert_mail": "urgent"})

    place.refresh_from_db()
    assert (before, organizations.alert_mail_of(place)) == (usual, AlertMail.URGENT)
    assert refused.status_code == 200
    mine = Membership.objects.get(user=alice.owner)
    assert organizations.alert_mail_of(mine) is AlertMail.ALL


def test_who_may_not_change_the_business_is_not_offered_it(alice: Business, clock: TurnedClock) -> None:
    page = words(with_role(alice, clock, Role.STAFF).get("/settings"))

    assert "Save business" not in page
    assert "Save choice" in page


def test_a_business_chooses_how_its_codes_are_drawn(host: Visitor, alice: Business) -> None:
    page = host.get("/settings")
    refused = host.post("/settings/codes", {"codes-code_style": "birthdays"})
    before = Organization.objects.get(pk=alice.organization.pk).code_style

    answer = host.post("/settings/codes", {"codes-code_style": "plain"})

    assert "Easy to key: of eight safe codes the one with the shortest ways" in words(page)
    assert (refused.status_code, before) == (200, CodeStyle.EASY)
    assert 'aria-invalid="true"' in refused.content.decode()
    assert (answer.status_code, answer.headers["Location"]) == (302, "/settings")
    assert Organization.objects.get(pk=alice.organization.pk).code_style == CodeStyle.PLAIN


@pytest.mark.parametrize(
    ("role", "rooms"),
    [
        (
            Role.OWNER,
            ["/settings/messages", "/properties", "/settings/api-keys", "/settings/webhooks", "/audit"],
        ),
        (
            Role.MANAGER,
            ["/settings/messages", "/properties", "/settings/api-keys", "/settings/webhooks", "/audit"],
        ),
        (Role.STAFF, []),
        (Role.VIEWER, []),
    ],
)
def test_a_role_is_shown_the_rooms_that_it_may_enter(role: Role, rooms: list[str]) -> None:
    assert [room.url for room in settings_pages.rooms(role)] == rooms
