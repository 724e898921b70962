"""What hosts do with the link to a guest's page, on the stay's page."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage

from access import guest_links, stays
from access.models import AuditEntry, AuditKind, GuestLink, Stay
from nuki_gateway.simulator import TurnedClock
from properties.roles import Role
from tests.timeline import Timeline
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import CODE, Business

HTMX = {"HX-Request": "true"}
DAY = timedelta(days=1)
ABOUT_LINKS = (AuditKind.LINK_REVEALED, AuditKind.LINK_RENEWED, AuditKind.LINK_REVOKED)


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


@pytest.fixture
def stay(alice: Business, timeline: Timeline) -> Stay:
    booked = alice.book(now=timeline.now, code=CODE)
    timeline.pass_seconds(60)
    return booked


def address_of(stay: Stay, clock: TurnedClock) -> str:
    link = guest_links.needed_for(stay, now=clock.now())
    assert link is not None
    return guest_links.address(link)


def kinds() -> list[str]:
    entries = AuditEntry.objects.filter(kind__in=ABOUT_LINKS).order_by("pk")
    return list(entries.values_list("kind", flat=True))


def test_the_link_is_on_no_page_before_it_is_asked_for(host: Visitor, stay: Stay, clock: TurnedClock) -> None:
    address = address_of(stay, clock)
    paths = ["", "/live", "/change", "/link/renew", "/link/revoke"]

    pages = [host.get(f"/stays/{stay.pk}{path}").content.decode() for path in paths]

    assert [address in page or "/g/" in page for page in pages] == [False] * len(paths)
    assert "Guest's page Not opened yet" in words(host.get(f"/stays/{stay.pk}"))


def test_the_link_is_shown_to_be_copied_and_that_is_written_down(
    host: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    address = address_of(stay, clock)

    part = host.post(f"/stays/{stay.pk}/link", headers=HTMX)
    whole = host.post(f"/stays/{stay.pk}/link")

    for answer, is_whole in ((part, False), (whole, True)):
        page = answer.content.decode()
        assert (f">{address}<" in page, "<html" in page, "<path" in page) == (True, is_whole, True)
        assert "no-store" in answer.headers["Cache-Control"]
    check_page(whole)
    revealed = AuditEntry.objects.filter(kind=AuditKind.LINK_REVEALED, stay=stay)
    assert [entry.by for entry in revealed] == [alice.owner, alice.owner]
    assert "Link to the guest's page shown to alice@harbour.example" in words(host.get(f"/stays/{stay.pk}"))


def test_a_guest_without_an_address_has_a_link_before_any_message(
    host: Visitor, alice: Business, clock: TurnedClock
) -> None:
    starts_at = clock.now() + 10 * DAY
    stay = alice.book(now=clock.now(), guest_email="", starts_at=starts_at, ends_at=starts_at + DAY)
    before = words(host.get(f"/stays/{stay.pk}"))

    shown = host.post(f"/stays/{stay.pk}/link")

    assert "Not sent yet Its link comes with the first message." in before
    assert address_of(stay, clock) in shown.content.decode()
    assert GuestLink.objects.count() == 1


def test_another_link_is_made_after_saying_what_that_does(
    host: Visitor, stay: Stay, clock: TurnedClock, mailoutbox: list[EmailMessage]
) -> None:
    before, sent = address_of(stay, clock), len(mailoutbox)
    form = host.get(f"/stays/{stay.pk}/link/renew")

    for _ in range(2):
        answer = host.post(f"/stays/{stay.pk}/link/renew", {"link": form.context["link_id"]})

    assert "The link that Ada Vogel has leads nowhere from then on." in words(form)
    check_page(form)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/stays/{stay.pk}")
    assert address_of(stay, clock) != before
    assert GuestLink.objects.count() == 2
    assert kinds() == [AuditKind.LINK_RENEWED]
    assert len(mailoutbox) == sent


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "9" * 30])
def test_a_form_that_names_no_link_changes_nothing(
    host: Visitor, stay: Stay, clock: TurnedClock, number: str
) -> None:
    before = address_of(stay, clock)

    answer = host.post(f"/stays/{stay.pk}/link/renew", {"link": number})

    assert answer.status_code == 302
    assert (address_of(stay, clock), kinds()) == (before, [])


def test_the_page_is_closed_and_opened_again(host: Visitor, stay: Stay, clock: TurnedClock) -> None:
    address_of(stay, clock)
    check_page(host.get(f"/stays/{stay.pk}/link/revoke"))
    for _ in range(2):
        host.post(f"/stays/{stay.pk}/link/revoke")
    closed = host.get(f"/stays/{stay.pk}")
    shown = host.post(f"/stays/{stay.pk}/link")
    sheet = host.post(f"/stays/{stay.pk}/sheet")

    number = host.get(f"/stays/{stay.pk}/link/renew").context["link_id"]
    host.post(f"/stays/{stay.pk}/link/renew", {"link": number})

    assert "Guest's page Closed No link leads to the page" in words(closed)
    assert (closed.context["view"].link.show_url, closed.context["view"].link.revoke_url) == ("", "")
    assert "No link leads to the page any more." in words(shown)
    assert "Your own page" not in words(sheet)
    assert address_of(stay, clock)
    assert kinds() == [AuditKind.LINK_REVOKED, AuditKind.LINK_RENEWED]


def test_the_sheet_for_the_guest_has_the_link_for_a_camera(
    host: Visitor, stay: Stay, clock: TurnedClock
) -> None:
    sheet = host.post(f"/stays/{stay.pk}/sheet")

    assert address_of(stay, clock) in words(sheet)
    assert "<path" in sheet.content.decode()
    check_page(sheet)


def test_a_stay_that_has_ended_has_no_buttons_for_its_page(
    host: Visitor, alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    number = host.get(f"/stays/{stay.pk}/link/renew").context["link_id"]
    stays.cancel(stay=stay, cancelled_by=alice.owner, now=clock.now())

    link = host.get(f"/stays/{stay.pk}").context["view"].link
    refused = host.post(f"/stays/{stay.pk}/link/renew", {"link": number}, follow=True)

    assert (link.show_url, link.renew_url, link.revoke_url) == ("", "", "")
    assert link.sentence == "The page ended with the stay."
    assert "Its page has ended." in words(refused)
    assert (GuestLink.objects.count(), kinds()) == (1, [])


def test_a_viewer_sees_that_it_was_opened_and_reaches_no_link(
    alice: Business, stay: Stay, clock: TurnedClock
) -> None:
    visitor = with_role(alice, clock, Role.VIEWER)

    page = visitor.get(f"/stays/{stay.pk}")
    refused = [visitor.post(f"/stays/{stay.pk}/link{path}").status_code for path in ("", "/renew", "/revoke")]

    link = page.context["view"].link
    assert (link.show_url, link.renew_url, link.revoke_url) == ("", "", "")
    assert "Not opened yet" in words(page)
    assert (refused, kinds()) == ([403, 403, 403], [])
