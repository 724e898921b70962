"""Every page asks the database as often for a hundred rows as for ten, and never often."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from access.models import Stay
from properties import tenancy
from tests import crowd
from tests.tenancy import addresses
from tests.tenancy.conftest import TwoBusinesses
from tests.timeline import Timeline

pytestmark = pytest.mark.slow  # a walk over everything

FEW, MANY = 10, 100
MOST_QUERIES = 12  # with those that find out who asks, and for which business
# what only forms are sent to, and what leads elsewhere
NO_PAGE = {
    "access:book_again",
    "access:end_test",
    "access:forget_holder",
    "access:hand_out_backup",
    "access:move_picture",
    "access:live",  # a stream, which needs no database once it runs
    "access:preview_message",
    "access:print_sheet",
    "access:read_lock",
    "access:reveal_backup",
    "access:reveal_code",
    "access:settle_help",
    "access:show_link",
    "access:tell_again",
    "access:send_webhook_again",
    "access:switch_webhook",
    "access:try_message",
    "access:try_webhook",
    "properties:change_business",
    "properties:choose_alert_mail",
    "properties:choose_code_style",
    "properties:choose_language",
    "properties:facts",
    "properties:import_locks",
    "properties:invite_again",
    "properties:sign_in_again",
    "properties:sign_in_at_nuki",
    "properties:signed_in_at_nuki",
    "properties:withdraw_invitation",
    "properties:try_api",
}
# every page, and what is asked for in its address; a new one needs a line
PAGES = {
    "access:activity": "",
    "access:add_webhook": "",
    "access:activity_latest": "",
    "access:alerts": "",
    "access:all_stays": "?q=g",
    "access:audit": "?who=all",
    "access:book_stay": "",
    "access:cancel_stay": "",
    "access:change_party": "",
    "access:change_stay": "",
    "access:delete_webhook": "",
    "access:describe_picture": "",
    "access:door_pictures": "",
    "access:doors": "",
    "access:edit_door": "",
    "access:edit_guest": "",
    "access:edit_unit": "",
    "access:edit_webhook": "",
    "access:erase_guest": "",
    "access:export_activity": "",
    "access:guest": "",
    "access:guests": "?q=g",
    "access:known_guests": "?q=Guest",
    "access:known_units": "?unit_like=f",
    "access:lock": "",
    "access:message_words": "",
    "access:move_lock": "",
    "access:name_holder": "",
    "access:open_lock": "",
    "access:others": "",
    "access:past_alerts": "",
    "access:picture": "",
    "access:remove_picture": "",
    "access:rename_lock": "",
    "access:renew_code": "",
    "access:renew_link": "",
    "access:replace_lock": "",
    "access:revoke_link": "",
    "access:rotate_webhook_secret": "",
    "access:send_time": "",
    "access:start": "",
    "access:start_doors": "",
    "access:start_locks": "",
    "access:start_test": "",
    "access:stay": "",
    "access:stay_live": "",
    "access:stays": "",
    "access:swap_locks": "",
    "access:timeline": "",
    "access:today_live": "",
    "access:webhook": "",
    "access:webhook_delivery": "",
    "access:webhooks": "",
    "properties:add_door": "",
    "properties:add_property": "",
    "properties:add_unit": "",
    "properties:api_keys": "",
    "properties:change_role": "",
    "properties:connect_nuki": "",
    "properties:edit_property": "",
    "properties:invite": "",
    "properties:leave_team": "",
    "properties:make_api_key": "",
    "properties:nuki_accounts": "",
    "properties:properties": "",
    "properties:property": "",
    "properties:remove_member": "",
    "properties:replace_token": "",
    "properties:revoke_api_key": "",
    "properties:second_factor_rule": "",
    "properties:settings": "",
    "properties:team": "",
    "properties:texts": "",
    "properties:transfer_ownership": "",
}


def test_every_address_is_a_page_here_or_none() -> None:
    named = {address.name for address in addresses.all_of_ours()}

    assert named == PAGES.keys() | NO_PAGE
    assert not PAGES.keys() & NO_PAGE


@pytest.mark.timeout(120)
def test_every_page_asks_as_often_for_100_rows_as_for_10(both: TwoBusinesses, timeline: Timeline) -> None:
    alice, browser = both.alice, Client()
    browser.force_login(alice.owner)
    paths = {one.name: addresses.within(alice, one.of(alice)) for one in addresses.all_of_ours()}

    def asked() -> dict[str, tuple[int, int]]:
        """The status and the number of queries of each page."""
        found = {}
        for name, query in PAGES.items():
            with CaptureQueriesContext(connection) as made:
                answer = browser.get(paths[name] + query)
                assert b"".join(answer)
            found[name] = (answer.status_code, len(made))
        return found

    with tenancy.within(alice.organization):
        stay = Stay.objects.get(pk=both.alices_stay)
        crowd.add(alice, stay, first=0, count=FEW, now=timeline.now)
    for_few = asked()
    with tenancy.within(alice.organization):
        crowd.add(alice, stay, first=FEW, count=MANY - FEW, now=timeline.now)
    for_many = asked()

    assert {name: status for name, (status, _) in for_many.items() if status != 200} == {}
    assert {name: for_many[name] for name in PAGES if for_few[name] != for_many[name]} == {}
    assert {name: count for name, (_, count) in for_many.items() if count > MOST_QUERIES} == {}
