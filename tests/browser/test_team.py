"""A team as people see it: inviting, joining, a second factor; nothing for axe to find on its pages."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator

from properties.models import Invitation, Membership
from properties.roles import Role
from tests.browser.conftest import DESK, PHONE, Visit, Windows, Workers
from tests.browser.test_every_page import findings
from tests.properties.teams import code_now, give_second_factor, invited, link_to, send_due, works_for
from tests.worlds import PASSWORD, Business

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

BOB = "bob@harbour.example"
PASSKEYS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def paths(alice: Business, workers: Workers) -> list[str]:
    """Every page about a business's team, with something on it."""
    now = workers.now
    bob = works_for(alice, BOB, Role.MANAGER, name="Maximiliane Freifrau von Schwarzenberg-Hohenlohe")
    works_for(alice, "erin@harbour.example", Role.STAFF, name="Erin Engel")
    give_second_factor(bob.user)
    old = invited(alice, now=now, email="gil@harbour.example")
    send_due(now=now)
    open_one = invited(alice, now=now, email="fay.with.a.rather.long.address@harbour.example")
    Invitation.objects.filter(pk=old.pk).update(expires_at=now - timedelta(minutes=1))
    at_bob = f"/team/{bob.pk}"
    return [
        "/team",
        "/team/invite",
        f"/team/invitations/{open_one.pk}/withdraw",
        "/team/leave",
        "/team/second-factor",
        *(f"{at_bob}/{what}" for what in ("role", "remove", "owner")),
        "/accounts/second-factor/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/sessions/",
        "/accounts/reauthenticate/",
    ]


@pytest.mark.parametrize("size", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")])
@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
def test_no_page_of_a_team_has_a_finding(
    windows: Windows, alice: Business, paths: list[str], size: dict[str, int], *, dark: bool
) -> None:
    visit = windows.open(size=size, dark=dark, touch=size is PHONE)
    visit.sign_in(alice.owner)

    found = [finding for path in paths for finding in findings(visit.open(path), path)]
    page = visit.open("/team")
    page.locator("summary", has_text="Change Erin").click()
    found += findings(page, "menu")

    assert found == []


def test_somebody_is_invited_signs_up_and_sets_up_an_app(
    windows: Windows, visit: Visit, alice: Business, workers: Workers
) -> None:
    page = visit.open("/team")
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill(BOB)
    page.get_by_label("Manager").check()
    page.get_by_role("button", name="Send invitation").click()
    page.get_by_text("We are sending the invitation to bob@harbour.example.").wait_for()
    send_due(now=workers.now)

    bob = windows.open(size=PHONE, touch=True)
    theirs = bob.open(link_to(BOB))
    found = findings(theirs, "invitation")
    theirs.get_by_role("button", name="Create an account").click()
    found += findings(theirs, "sign-up")
    theirs.get_by_label("Your name").fill("Bob Berger")
    theirs.get_by_label("Email").fill(BOB)
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_role("button", name="Create account").click()
    theirs.get_by_role("button", name="Join Harbour Stays").click()
    theirs.get_by_text("You are in the team of Harbour Stays.").wait_for()

    alice.organization.requires_second_factor = True
    alice.organization.save(update_fields=["requires_second_factor"])
    bob.open("/team")
    bob.wrong[:] = [wrong for wrong in bob.wrong if "status of 403" not in wrong]
    found += findings(theirs, "second factor missing")
    theirs.get_by_role("link", name="Set up second factor").click()
    theirs.get_by_role("link", name="Activate").click()
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_role("button", name="Confirm").click()
    found += findings(theirs, "app")
    secret = theirs.get_by_label("Authenticator secret").input_value()
    theirs.get_by_label("Authenticator code").fill(code_now(secret, now=workers.now))
    theirs.get_by_role("button", name="Activate").click()
    theirs.get_by_text("Recovery").first.wait_for()
    found += findings(theirs, "recovery codes")
    bob.open("/team")
    theirs.get_by_role("heading", name="Team").wait_for()

    assert Membership.objects.get(user__email=BOB).role == Role.MANAGER
    assert found == []


def test_a_passkey_is_added_and_signs_in_without_a_password(windows: Windows, alice: Business) -> None:
    visit = windows.open()
    devices = visit.context.new_cdp_session(visit.page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": PASSKEYS})
    page = visit.open("/accounts/login/")
    page.get_by_label("Email").fill(alice.owner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    page = visit.open("/accounts/second-factor/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(lambda url: "add" not in url)
    visit.context.clear_cookies()
    page = visit.open("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", level=1, name="Today").wait_for()

    kinds = Authenticator.objects.filter(user=alice.owner).values_list("type", flat=True)
    assert set(kinds) == {Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES}
