"""The page on which hosts write their own words for messages, its preview, and tests to oneself."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives

from access import tasks, trials
from access.models import AuditEntry, AuditKind, MessageKind, MessageWords
from access.told import TELLS_CODE
from access.trials import Trial
from nuki_gateway.simulator import TurnedClock
from properties import texts
from properties.models import TextKind
from properties.roles import Role
from tests.conftest import Rings
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import Business

Outbox = list[EmailMultiAlternatives]
PAGE = "/settings/messages"
GERMAN = f"{PAGE}?kind=access_changed&language=de"


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


def test_own_words_are_kept_for_each_kind_and_language(host: Visitor) -> None:
    page = host.get(PAGE)
    answer = host.post(GERMAN, {"opening": "Liebe {guest},\r\n\r\n\r\nhallo.", "closing": "Bis bald"})
    german, finnish = words(host.get(GERMAN)), words(host.get(GERMAN.replace("=de", "=fi")))
    ready = words(host.get(f"{PAGE}?language=de"))

    check_page_with_a_frame(page)
    assert "You have not written anything yet: guests read our words." in words(page)
    assert "{arrival} day and time of arrival" in words(page)
    assert (answer.status_code, answer.headers["Location"]) == (302, GERMAN)
    kept = MessageWords.objects.get()
    assert (kept.kind, kept.language) == (MessageKind.ACCESS_CHANGED, "de")
    assert (kept.opening, kept.closing) == ("Liebe {guest},\n\nhallo.", "Bis bald")
    assert "Guests who read Deutsch get your words." in german
    assert "Suomi is empty: guests read your words in Deutsch." in finnish
    assert "You have not written anything yet" in ready


def check_page_with_a_frame(answer: object) -> None:
    check_page(answer)
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param(
            {"opening": "Dear {guest},\nin {unti}"},
            "Line 2, letter 4: “{unti}” stands for nothing we know.",
            id="a word that we do not know",
        ),
        pytest.param(
            {"closing": "Bye {guest"},
            "Line 1, letter 5: “{” stands for nothing we know.",
            id="a brace that is not closed",
        ),
        pytest.param({"opening": "x" * 1501}, "at most 1500 characters", id="too long"),
    ],
)
def test_words_that_cannot_be_are_refused_with_their_place_and_change_nothing(
    host: Visitor, fields: dict[str, str], said: str
) -> None:
    host.post(PAGE, {"opening": "Hello {guest}", "closing": ""})

    answer = host.post(PAGE, fields)

    assert answer.status_code == 200
    assert said in words(answer)
    assert MessageWords.objects.get().opening == "Hello {guest}"


def test_an_address_that_names_nothing_known_shows_the_first_kind_and_language(host: Visitor) -> None:
    page = host.get(f"{PAGE}?kind=%00&language=../../x")

    assert page.status_code == 200
    assert "Save words in English" in words(page)


def test_the_preview_is_in_the_language_of_the_guests_whatever_the_host_reads(host: Visitor) -> None:
    answer = host.get(f"{PAGE}/preview?kind=access_ready&language=it", headers={"Accept-Language": "de"})

    page = answer.content.decode()
    assert "Buongiorno Ada Esempio," in page
    assert 'lang="it"' in page
    assert answer.headers["Content-Language"] == "it"


def test_the_preview_is_the_message_itself_and_can_do_nothing(host: Visitor, alice: Business) -> None:
    texts.write(place=alice.house, language="en", texts={(TextKind.WAY_IN, None): "Left of the bakery."})
    texts.note_facts(place=alice.house, wifi_name="Harbour", wifi_password="s3cret", phone="")
    host.post(PAGE, {"opening": "Dear {guest}, welcome to {unit}.", "closing": "<b>Bye</b>"})

    answer = host.get(f"{PAGE}/preview")
    page = answer.content.decode()

    assert "Dear Ada Sample, welcome to Flat 1." in page
    assert "38 41 74" in page
    assert "Left of the bakery." in page
    assert "s3cret" not in page
    assert "&lt;b&gt;Bye&lt;/b&gt;" in page
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy


def test_a_test_goes_to_oneself_by_mail_and_is_written_down(
    host: Visitor,
    alice: Business,
    rings: Rings,
    mailoutbox: Outbox,
    django_capture_on_commit_callbacks: pytest.FixtureRequest,
) -> None:
    host.post(GERMAN, {"opening": "Liebe {guest}", "closing": ""})
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        host.post(GERMAN.replace("messages?", "messages/test?"))
        twice = host.post(GERMAN.replace("messages?", "messages/test?"), follow=True)
    under_way = words(host.get(PAGE))

    ((task, arguments, _),) = [ring for ring in rings.sent if "trial" in ring[0]]
    for _again in range(2):
        tasks.send_trial(**arguments)

    assert task == "access.tasks.send_trial"
    assert [one.to for one in mailoutbox] == [["alice@harbour.example"]]
    assert mailoutbox[0].subject == "Test: Ihr Aufenthalt in Wohnung 1, House, hat sich geändert"
    assert "Liebe Ada Muster" in str(mailoutbox[0].body)
    assert "A test message was sent to you a moment ago." in words(twice)
    assert "Last test: Being sent" in under_way
    assert "Last test: Sent" in words(host.get(PAGE))
    asked = AuditEntry.objects.get(kind=AuditKind.TRIAL_ASKED)
    assert (asked.by, asked.answer) == (alice.owner, "access_changed de")
    assert AuditEntry.objects.get(kind=AuditKind.TRIAL_ANSWERED).answer == "accepted"


def test_a_mail_server_that_refuses_a_test_is_said(
    host: Visitor, alice: Business, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise ConnectionRefusedError

    ask(alice, clock)
    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    tasks.send_trial(entry_id=AuditEntry.objects.get(kind=AuditKind.TRIAL_ASKED).pk)

    assert "The mail server did not take it. Try again later." in words(host.get(PAGE))


def ask(alice: Business, clock: TurnedClock) -> None:
    trials.ask(
        organization=alice.organization,
        trial=Trial(MessageKind.ACCESS_READY, "en"),
        asked_by=alice.owner,
        now=clock.now(),
    )


def test_nobody_has_more_than_thirty_tests_a_day(host: Visitor, alice: Business, clock: TurnedClock) -> None:
    for _ in range(30):
        ask(alice, clock)
        clock.turn(seconds=60)

    refused = host.post(f"{PAGE}/test", follow=True)
    asked = AuditEntry.objects.filter(kind=AuditKind.TRIAL_ASKED).count()
    clock.turn(seconds=timedelta(days=1).total_seconds())
    host.post(f"{PAGE}/test")

    assert "You have had thirty test messages today." in words(refused)
    assert asked == 30
    assert AuditEntry.objects.filter(kind=AuditKind.TRIAL_ASKED).count() == 31


def test_who_may_not_change_the_business_has_no_words_to_write(alice: Business, clock: TurnedClock) -> None:
    bob = with_role(alice, clock, Role.STAFF)

    assert "Messages to guests" not in words(bob.get("/settings"))
    assert {bob.get(PAGE).status_code, bob.get(f"{PAGE}/preview").status_code} == {403}
    assert bob.post(f"{PAGE}/test").status_code == 403
    assert AuditEntry.objects.filter(kind=AuditKind.TRIAL_ASKED).count() == 0


@pytest.mark.parametrize("kind", list(MessageKind))
@pytest.mark.parametrize("language", ["en", "de"])
def test_each_kind_of_message_can_be_looked_at_and_only_those_about_the_code_have_it(
    host: Visitor, kind: MessageKind, language: str
) -> None:
    page = host.get(f"{PAGE}/preview?kind={kind}&language={language}")

    content = page.content.decode()
    assert page.status_code == 200
    assert "Ada Sample" in content or "Ada Muster" in content
    assert ("38 41 74" in content) is (kind in TELLS_CODE | {MessageKind.BACKUP_CODE})
    assert 'content="light dark"' in content
