"""Over HTTP: strangers find nothing, members do only what their role carries, nobody else gets in."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from nuki_gateway import webhooks
from properties import tenancy
from properties.models import ApiKey, Membership, NukiAccount, Organization, OrganizationOwned, User
from properties.roles import Role
from tests.conftest import Rings
from tests.tenancy import addresses
from tests.tenancy.conftest import Neighbours, TwoBusinesses, member
from tests.timeline import Timeline
from tests.worlds import Business

pytestmark = pytest.mark.slow  # a walk over everything

NOT_FOR_THIS_METHOD = 405
LIVE = "access:live"
PICTURE = "access:picture"
# where only Nuki sends people, and where people come in: both always lead on
WAY_BACK = "properties:signed_in_at_nuki"
LEADS_ON = {WAY_BACK, "access:stays"}
WHOLE_PAGE = {"Accept": "text/html"}
READS = {
    "access:activity",
    "access:activity_latest",
    "access:alerts",
    "access:all_stays",
    "access:doors",
    "access:export_activity",
    "access:guest",
    "access:guests",
    "access:live",
    "access:lock",
    "access:others",
    "access:past_alerts",
    "access:stay",
    "access:stay_live",
    "access:stays",
    "access:timeline",
    "access:today_live",
    "properties:leave_team",
    "properties:nuki_accounts",
    "properties:properties",
    "properties:property",
    "properties:choose_alert_mail",
    "properties:choose_language",
    "properties:settings",
    "properties:team",
}
CHANGES_OF_STAYS = {
    "access:book_again",
    "access:book_stay",
    "access:cancel_stay",
    "access:change_party",
    "access:change_stay",
    "access:edit_guest",
    "access:known_guests",
    "access:known_units",
    "access:open_lock",
    "access:end_test",
    "access:hand_out_backup",
    "access:read_lock",
    "access:print_sheet",
    "access:renew_code",
    "access:renew_link",
    "access:reveal_backup",
    "access:reveal_code",
    "access:revoke_link",
    "access:settle_help",
    "access:show_link",
    "access:start_test",
    "access:tell_again",
}
CHANGES_OF_PLACES = {
    "access:audit",
    "access:erase_guest",
    "properties:change_business",
    "access:forget_holder",
    "properties:choose_code_style",
    "properties:facts",
    "properties:texts",
    "access:message_words",
    "access:preview_message",
    "access:send_time",
    "access:try_message",
    "access:move_lock",
    "access:name_holder",
    "access:rename_lock",
    "access:replace_lock",
    "access:door_pictures",
    PICTURE,
    "access:describe_picture",
    "access:move_picture",
    "access:remove_picture",
    "access:start",
    "access:start_doors",
    "access:start_locks",
    "access:swap_locks",
    "properties:add_door",
    "properties:add_property",
    "properties:add_unit",
    "properties:connect_nuki",
    "access:edit_door",
    "properties:edit_property",
    "access:edit_unit",
    "properties:import_locks",
    "properties:replace_token",
    "properties:sign_in_again",
    "properties:sign_in_at_nuki",
    "properties:signed_in_at_nuki",
}
INVITING = {"properties:invite", "properties:invite_again", "properties:withdraw_invitation"}
KEYS = {
    "properties:api_keys",
    "properties:make_api_key",
    "properties:revoke_api_key",
    "properties:try_api",
}
WEBHOOKS = {
    "access:webhooks",
    "access:add_webhook",
    "access:webhook",
    "access:edit_webhook",
    "access:rotate_webhook_secret",
    "access:switch_webhook",
    "access:try_webhook",
    "access:delete_webhook",
    "access:webhook_delivery",
    "access:send_webhook_again",
}
CHANGES_OF_TEAMS = {
    "properties:change_role",
    "properties:remove_member",
    "properties:second_factor_rule",
    "properties:transfer_ownership",
}
CHOOSING = {
    "access:book_stay",
    "access:change_stay",
    "access:move_lock",
    "access:replace_lock",
    "access:swap_locks",
    "properties:add_door",
    "properties:add_unit",
    "access:edit_door",
    "access:edit_unit",
}
MAY_REACH = {
    Role.OWNER: READS | CHANGES_OF_STAYS | CHANGES_OF_PLACES | INVITING | KEYS | WEBHOOKS | CHANGES_OF_TEAMS,
    Role.MANAGER: READS | CHANGES_OF_STAYS | CHANGES_OF_PLACES | INVITING | KEYS | WEBHOOKS,
    Role.STAFF: READS | CHANGES_OF_STAYS,
    Role.VIEWER: READS,
}


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def rows_of(organization: Organization) -> dict[str, list[dict[str, Any]]]:
    """Everything that the database holds of a business."""
    owned: list[Any] = [model for model in apps.get_models() if issubclass(model, OrganizationOwned)]
    with tenancy.across_organizations(because="the test compares all rows of a business"):
        rows = {
            model._meta.label: list(model.objects.filter(organization=organization).order_by("pk").values())
            for model in owned
        }
    members = Membership.objects.filter(organization=organization).order_by("pk")
    return {
        **rows,
        "ApiKey": list(ApiKey.objects.filter(organization=organization).order_by("pk").values()),
        "Membership": list(members.values()),
        "Organization": list(Organization.objects.filter(pk=organization.pk).values()),
    }


def fields_of(business: Business) -> dict[str, Any]:
    """What would change something, if any form took it."""
    return {
        "address": "Moved",
        "check_in_time": "01:00",
        "check_out_time": "02:00",
        "door": business.doors["Cellar"].pk,
        "description": "Taken over",
        "doors": [business.doors["Front door"].pk],
        "ends": "2030-06-17T10:00",
        "grace_minutes": "77",
        "guest_email": "mallory@guests.example",
        "guest_name": "Mallory",
        "language": "en",
        "name": "Taken over",
        "position": "1",
        "party_email": "mallory@guests.example",
        "party_name": "Mallory",
        "organization": business.organization.pk,
        "smart_lock": business.locks["Cellar"].pk,
        "codes-code_style": "plain",
        "facts-phone": "+43 1 234567",
        "opening": "Taken over",
        "tell_days": "0",
        "tell_time": "05:00",
        "texts-way_in": "Taken over",
        "starts": "2030-06-15T15:00",
        "time_zone": "Asia/Dubai",
        "token": "a-token-of-mallorys",
        "unit": business.flats["Flat 2"].pk,
    }


def statuses(browser: Client, path: str, fields: dict[str, Any]) -> set[int]:
    """How the address answers each method, but for methods that it does not have."""
    answers = {
        browser.get(path).status_code,
        browser.post(path, fields).status_code,
        browser.post(path, fields, headers={"HX-Request": "true"}).status_code,
    }
    return answers - {NOT_FOR_THIS_METHOD}


def reached(name: str) -> set[int]:
    """How an address answers those who may look at it."""
    return {302} if name in LEADS_ON else {200, NOT_FOR_THIS_METHOD}


def test_the_walk_finds_every_address() -> None:
    assert {address.name for address in addresses.all_of_ours()} >= MAY_REACH[Role.OWNER]
    assert len(addresses.with_numbers()) >= 12


def test_alice_reaches_each_of_her_own_pages(both: TwoBusinesses) -> None:
    browser = signed_in(both.alice.owner)

    unreached = {
        address.name: status
        for address in addresses.all_of_ours()
        if (status := browser.get(address.of(both.alice)).status_code) not in reached(address.name)
    }

    assert unreached == {}


def test_charlie_gets_404_for_every_address_of_alices_and_changes_nothing(
    both: TwoBusinesses, rings: Rings
) -> None:
    browser = signed_in(both.charlie.owner)
    before, theirs = rows_of(both.alice.organization), rows_of(both.charlie.organization)
    calls, rung = len(both.alice.simulator.calls), len(rings.sent)

    answers = {
        address.name: statuses(browser, address.of(both.alice), fields_of(both.charlie))
        for address in addresses.with_numbers()
    }

    assert answers == {address.name: {404} for address in addresses.with_numbers()}
    assert rows_of(both.alice.organization) == before
    assert rows_of(both.charlie.organization) == theirs
    assert len(both.alice.simulator.calls) == calls
    assert len(rings.sent) == rung


def test_alices_rows_cannot_be_chosen_in_charlies_forms(both: TwoBusinesses, rings: Rings) -> None:
    browser = signed_in(both.charlie.owner)
    before, theirs = rows_of(both.alice.organization), rows_of(both.charlie.organization)
    rung = len(rings.sent)

    answers = {
        address.name: statuses(browser, address.of(both.charlie), fields_of(both.alice))
        for address in addresses.all_of_ours()
        if address.name in CHOOSING
    }

    assert answers == {name: {200} for name in CHOOSING}
    assert rows_of(both.alice.organization) == before
    assert rows_of(both.charlie.organization) == theirs
    assert len(rings.sent) == rung


def test_nothing_of_alices_is_shown_on_any_of_charlies_pages(both: TwoBusinesses) -> None:
    browser = signed_in(both.charlie.owner)
    ids = {lock.smartlock_id for lock in both.alice.locks.values()}

    told = "".join(
        b"".join(browser.get(address.of(both.charlie))).decode()
        for address in addresses.all_of_ours()
        # the first tells ids only, and never ends; the other is no text
        if address.name not in {LIVE, PICTURE}
    )

    assert "Lindgren" in told
    assert "Harbour Stays" not in told
    assert "alice@harbour.example" not in told
    assert not [number for number in ids if str(number) in told]
    assert f"/stays/{both.alices_stay}/" not in told


def test_a_member_without_the_right_gets_403_and_changes_nothing(both: TwoBusinesses, rings: Rings) -> None:
    for role in Role:
        browser = signed_in(member(both.alice, f"bob-{role}@harbour.example", role))
        before = rows_of(both.alice.organization)
        calls, rung = len(both.alice.simulator.calls), len(rings.sent)
        forbidden = [address for address in addresses.all_of_ours() if address.name not in MAY_REACH[role]]

        answers = {
            address.name: statuses(browser, address.of(both.alice), fields_of(both.alice))
            for address in forbidden
        }

        assert answers == {address.name: {403} for address in forbidden}, role
        assert rows_of(both.alice.organization) == before, role
        assert len(both.alice.simulator.calls) == calls
        assert len(rings.sent) == rung


def test_a_member_with_the_right_is_let_in(both: TwoBusinesses) -> None:
    turned_away = []
    for role in Role:
        browser = signed_in(member(both.alice, f"bob-{role}@harbour.example", role))
        turned_away += [
            (role, address.name)
            for address in addresses.all_of_ours()
            if address.name in MAY_REACH[role]
            and browser.get(address.of(both.alice)).status_code not in reached(address.name)
        ]

    assert turned_away == []


def test_people_who_are_signed_out_are_led_to_sign_in(both: TwoBusinesses, rings: Rings) -> None:
    before, rung = rows_of(both.alice.organization), len(rings.sent)

    led = {
        address.name: {
            answer["Location"].partition("?next=")[0]
            for answer in (
                Client().get(address.of(both.alice)),
                Client().post(address.of(both.alice), fields_of(both.alice)),
            )
            if answer.status_code != NOT_FOR_THIS_METHOD
        }
        for address in addresses.all_of_ours()
    }

    assert led == {address.name: {"/accounts/login/"} for address in addresses.all_of_ours()}
    assert rows_of(both.alice.organization) == before
    assert len(rings.sent) == rung


def test_people_without_an_organization_get_nowhere(both: TwoBusinesses) -> None:
    browser = signed_in(User.objects.create_user("dora@nowhere.example"))

    answers = {
        address.name: statuses(browser, address.of(both.alice), fields_of(both.alice))
        for address in addresses.all_of_ours()
    }

    assert answers == {address.name: {403} for address in addresses.all_of_ours()}


def test_a_person_who_may_no_longer_sign_in_is_out_at_once(neighbours: Neighbours) -> None:
    browser = signed_in(neighbours.charlie.owner)
    User.objects.filter(pk=neighbours.charlie.owner.pk).update(is_active=False)

    answer = browser.get(reverse("access:stays"))

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/")


def test_numbers_that_no_row_can_have_are_404(neighbours: Neighbours) -> None:
    browser = signed_in(neighbours.alice.owner)
    number = 99_999_999_999_999_999_999

    answers = {
        address.name: statuses(
            browser, reverse(address.name, kwargs=dict.fromkeys(address.numbers, number)), {}
        )
        for address in addresses.with_numbers()
    }

    assert answers == {address.name: {404} for address in addresses.with_numbers()}


def test_each_of_alices_pages_is_there_for_her_under_the_name_of_her_business(both: TwoBusinesses) -> None:
    browser = signed_in(both.alice.owner)

    unreached = {
        address.name: status
        for address in addresses.all_of_ours()
        if (status := browser.get(addresses.within(both.alice, address.of(both.alice))).status_code)
        not in {200, NOT_FOR_THIS_METHOD, *({302} if address.name == WAY_BACK else ())}
    }

    assert unreached == {}


@pytest.mark.parametrize("slug", ["harbour-stays", "of-nobody"])
def test_the_name_of_a_business_that_is_not_ones_own_leads_nowhere(
    both: TwoBusinesses, rings: Rings, slug: str
) -> None:
    browser = signed_in(both.charlie.owner)
    before, rung = rows_of(both.alice.organization), len(rings.sent)
    theirs = rows_of(both.charlie.organization)

    answers = {
        (address.name, business.organization.pk): {
            browser.get(path).status_code,
            browser.post(path, fields_of(both.charlie)).status_code,
            browser.post(path, fields_of(both.charlie), headers={"HX-Request": "true"}).status_code,
        }
        for address in addresses.all_of_ours()
        for business in (both.alice, both.charlie)
        for path in [f"/b/{slug}{address.of(business)}"]
    }

    assert answers == {asked: {404} for asked in answers}
    assert rows_of(both.alice.organization) == before
    assert rows_of(both.charlie.organization) == theirs
    assert len(rings.sent) == rung
    assert "organization" not in browser.session


def test_rows_of_one_business_are_not_there_under_the_name_of_another(both: TwoBusinesses) -> None:
    Membership.objects.create(organization=both.alice.organization, user=both.charlie.owner, role=Role.OWNER)
    browser = signed_in(both.charlie.owner)

    answers = {
        address.name: statuses(browser, addresses.within(both.charlie, address.of(both.alice)), {})
        for address in addresses.with_numbers()
    }

    assert answers == {address.name: {404} for address in addresses.with_numbers()}


def test_a_member_of_two_businesses_acts_for_the_one_that_the_address_names(both: TwoBusinesses) -> None:
    Membership.objects.create(organization=both.alice.organization, user=both.charlie.owner, role=Role.VIEWER)
    browser = signed_in(both.charlie.owner)
    alices_page = reverse("access:stay", kwargs={"stay_id": both.alices_stay})
    own_page = reverse("access:stay", kwargs={"stay_id": both.charlies_stay})

    reached = [
        tuple(
            browser.get(addresses.within(business, page)).status_code
            for page in (alices_page, own_page, "/stays/book")
        )
        for business in (both.alice, both.charlie, both.alice)
    ]

    assert reached == [(200, 404, 403), (404, 200, 200), (200, 404, 403)]


def test_a_business_that_is_no_longer_ones_own_is_not_there(both: TwoBusinesses) -> None:
    place = Membership.objects.create(
        organization=both.alice.organization, user=both.charlie.owner, role=Role.MANAGER
    )
    browser = signed_in(both.charlie.owner)
    alices_page = reverse("access:stay", kwargs={"stay_id": both.alices_stay})
    while_member = browser.get(addresses.within(both.alice, alices_page), headers=WHOLE_PAGE).status_code
    place.delete()

    afterwards = [
        browser.get(path).status_code for path in (addresses.within(both.alice, alices_page), alices_page)
    ]

    assert browser.session["organization"] == both.alice.organization.pk
    assert (while_member, afterwards) == (200, [404, 404])


@pytest.mark.parametrize(
    "signed_with",
    [
        pytest.param("charlies-secret", id="another account's secret"),
        pytest.param("", id="an empty secret"),
        pytest.param(None, id="nothing"),
        pytest.param("é", id="letters that no signature has"),
    ],
)
def test_nobody_but_nuki_reaches_the_webhook_of_an_account(
    neighbours: Neighbours, rings: Rings, signed_with: str | None
) -> None:
    with tenancy.across_organizations(because="the test knows both secrets"):
        NukiAccount.objects.filter(pk=neighbours.alice.account.pk).update(webhook_secret="alices-secret")
        NukiAccount.objects.filter(pk=neighbours.charlie.account.pk).update(webhook_secret="charlies-secret")
    before, rung = rows_of(neighbours.alice.organization), len(rings.sent)
    lock = neighbours.alice.locks["Flat 1"]
    body = json.dumps({"feature": "DEVICE_AUTHS", "smartlockAuth": {"smartlockId": lock.smartlock_id}})
    signature = "" if signed_with is None else webhooks.signature(signed_with, body.encode())

    answer = Client().post(
        reverse(addresses.WEBHOOK, kwargs={"account_id": neighbours.alice.account.pk}),
        body,
        content_type="application/json",
        headers={webhooks.SIGNATURE_HEADER: "é" * 64 if signed_with == "é" else signature},
    )

    assert answer.status_code == 401
    assert rows_of(neighbours.alice.organization) == before
    assert len(rings.sent) == rung


def test_news_about_a_lock_of_another_account_changes_nothing(
    both: TwoBusinesses, rings: Rings, timeline: Timeline
) -> None:
    with tenancy.across_organizations(because="the test knows the secret"):
        NukiAccount.objects.filter(pk=both.charlie.account.pk).update(webhook_secret="charlies-secret")
    before, rung = rows_of(both.alice.organization), len(rings.sent)
    lock = both.alice.locks["Flat 1"]
    body = json.dumps({"feature": "DEVICE_AUTHS", "smartlockAuth": {"smartlockId": lock.smartlock_id}})

    answer = Client().post(
        reverse(addresses.WEBHOOK, kwargs={"account_id": both.charlie.account.pk}),
        body,
        content_type="application/json",
        headers={webhooks.SIGNATURE_HEADER: webhooks.signature("charlies-secret", body.encode())},
    )

    timeline.take_in(both.charlie.account.pk)
    assert answer.status_code == 204
    assert rows_of(both.alice.organization) == before
    assert len(rings.sent) == rung  # the ring for the delivery before is still on its way
