"""Each person reads in a language of their own: chosen in the settings, else the browser's."""

import pytest
from django.core import mail
from django.test import Client

from nuki_gateway.simulator import TurnedClock
from properties import reading
from properties.models import User
from tests.properties.teams import invited, send_due
from tests.visitors import Visitor, signed_in, words
from tests.worlds import Business


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def choose(host: Visitor, language: str) -> int:
    answer = host.post("/settings/language", {"person-language": language})
    status: int = answer.status_code
    return status


def test_a_page_is_in_the_browser_s_language_until_one_is_chosen(host: Visitor) -> None:
    german, other = (host.get("/settings", headers={"Accept-Language": one}) for one in ("de-AT", "fi"))

    assert '<html lang="de">' in german.content.decode()
    assert "Einstellungen" in words(german)
    assert '<html lang="en">' in other.content.decode()


def test_the_chosen_language_counts_more_than_the_browser_s(host: Visitor, alice: Business) -> None:
    assert choose(host, "de") == 302

    page = host.get("/settings", headers={"Accept-Language": "en"})
    assert "Wir haben Ihre Wahl gespeichert." in words(page)
    assert page.headers["Content-Language"] == "de"
    assert User.objects.get(pk=alice.owner.pk).language == "de"


def test_who_chooses_none_again_reads_what_the_browser_asks(host: Visitor) -> None:
    choose(host, "de")

    choose(host, "")

    assert "Settings" in words(host.get("/settings", headers={"Accept-Language": "en"}))


@pytest.mark.parametrize("language", ["xx", "../de", "d" * 100])
def test_a_language_that_is_not_offered_changes_nothing(
    host: Visitor, alice: Business, language: str
) -> None:
    assert choose(host, language) == 200

    assert not User.objects.get(pk=alice.owner.pk).language


def test_a_language_that_is_no_longer_offered_counts_for_nothing(host: Visitor, alice: Business) -> None:
    reading.choose(user=alice.owner, language="eo")

    assert '<html lang="en">' in host.get("/settings").content.decode()


@pytest.mark.parametrize(
    ("reader", "inviter", "subject"),
    [
        pytest.param("de", "", "lädt Sie zu Harbour Stays ein", id="a user, in theirs"),
        pytest.param("", "de", "invites you to Harbour Stays", id="a user who has chosen none, in English"),
        pytest.param(None, "de", "lädt Sie zu Harbour Stays ein", id="a stranger, in the inviter's"),
    ],
)
def test_an_invitation_is_in_the_language_of_its_reader(
    alice: Business, clock: TurnedClock, reader: str | None, inviter: str, subject: str
) -> None:
    if reader is not None:
        User.objects.create_user("bob@friends.example", language=reader)
    reading.choose(user=alice.owner, language=inviter)
    invited(alice, now=clock.now(), email="bob@friends.example")

    send_due(now=clock.now())

    assert subject in mail.outbox[-1].subject


def test_a_letter_about_the_password_is_in_the_language_of_its_reader(alice: Business) -> None:
    reading.choose(user=alice.owner, language="de")

    Client(headers={"Accept-Language": "en"}).post("/accounts/password/reset/", {"email": alice.owner.email})

    assert mail.outbox[-1].subject == "Wählen Sie ein anderes Passwort"
    assert "Mit diesem Link wählen Sie ein anderes Passwort" in mail.outbox[-1].body
