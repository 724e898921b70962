"""What a message says of a host's texts and words: in the guest's language, and never as more than text."""

from html.parser import HTMLParser

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from access import letters, mail, placeholders, told, words
from access.letters import Letter
from access.models import Guest, MessageKind, MessageWords, Stay
from properties import texts
from properties.encryption import decrypt
from properties.models import Door, Property, PropertyFacts, TextKind
from tests.timeline import Timeline
from tests.worlds import MONDAY_NOON, Business, code_of

Outbox = list[EmailMultiAlternatives]
READY = MessageKind.ACCESS_READY
WAY_IN, RULES = (TextKind.WAY_IN, None), (TextKind.HOUSE_RULES, None)
HOSTILE = [
    "<script>alert(1)</script>",
    "</mj-text></mj-column><mj-raw><script src=//x></script></mj-raw>",
    '<mj-include path="/etc/passwd" />',
    "{{ letter.code }} {% load static %} {% include 'x' %}",
    "]]><!--<img src=x onerror=alert(1)>-->",
    "&lt;script&gt; &#60;b&#62; &amp;",
    "ab\x0bc\x1b[31m\u2028d\x85e",
    "Bcc: mallory@x.example\r\nSubject: x\r\n\r\n<b>x</b>",
    "javascript:alert(1) \" onclick=\"alert(1) ' onload='x",
]


class Tags(HTMLParser):
    """The tags of a page and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.found += [f"{tag}.{name}" for name, _ in attrs if name.startswith("on")]


@pytest.fixture
def stay(alice: Business) -> Stay:
    Property.objects.update(address="Hafengasse 1, 1030 Wien")
    alice.flats["Flat 1"].property.refresh_from_db()
    return alice.book(now=MONDAY_NOON)


def write(alice: Business, text: str, *, language: str = "en") -> None:
    """The same text in every place in which a host can write."""
    doors: dict[texts.Subject, str] = {
        (TextKind.DOOR, door.pk): text for door in Door.objects.filter(name="Flat 1")
    }
    about: dict[texts.Subject, str] = {
        WAY_IN: text,
        RULES: text,
        (TextKind.GOOD_TO_KNOW, None): text,
        **doors,
    }
    texts.write(place=alice.house, language=language, texts=about)


def letter_of(stay: Stay, language: str = "en") -> Letter:
    Guest.objects.filter(pk=stay.guest_id).update(language=language)
    found = Stay.objects.select_related("guest", "unit__property", "organization").get(pk=stay.pk)
    return letters.of_stay(READY, found, told.wanted_of(found), None)


def test_the_message_has_the_house_s_texts_in_plain_text_and_html(
    alice: Business,
    timeline: Timeline,
    stay: Stay,  # noqa: ARG001  it is what is told of
    mailoutbox: Outbox,
) -> None:
    door = alice.doors["Flat 1"]
    about = {
        WAY_IN: "Left of the bakery.\nRing twice.",
        (TextKind.DOOR, door.pk): "Third floor.",
        RULES: "Quiet.",
    }
    texts.write(place=alice.house, language="en", texts=about)
    texts.note_facts(place=alice.house, wifi_name="Harbour", wifi_password="s3cret", phone="+43 1 234567")
    own = {"opening": "Dear {guest},\nyou come on {arrival}.", "closing": "See you at {property}!"}
    words.write(organization=alice.organization, kind=READY, language="en", **own)

    timeline.pass_seconds(60)

    text, html = str(mailoutbox[0].body), str(mailoutbox[0].alternatives[0][0])
    for found in (text, html):
        assert "Ring twice." in found
        assert "Third floor." in found
        assert "Quiet." in found
        assert "Harbour" in found
        assert "s3cret" in found
        assert "+43 1 234567" in found
        assert "Dear Ada Vogel," in found
        assert "you come on Monday, 15 June, 14:00." in found
        assert "See you at House!" in found
        assert "https://www.openstreetmap.org/search?query=Hafengasse+1%2C+1030+Wien" in found
        assert "Hello Ada" not in found
        assert "We wish you a good stay." not in found
        assert "This is your code:" in found
    assert "Left of the bakery.<br />Ring twice." in html
    assert 'href="tel:+431234567"' in html
    assert text.index("1. Front door: type the code") < text.index("2. Flat 1: Third floor. Type the code")


def test_without_texts_of_the_host_the_message_is_whole(
    timeline: Timeline, stay: Stay, mailoutbox: Outbox
) -> None:
    timeline.pass_seconds(60)

    text = str(mailoutbox[0].body)
    assert text.startswith("Hello Ada Vogel,")
    assert "We wish you a good stay." in text
    assert "Wi-Fi" not in text
    assert "House rules" not in text
    assert "Or call:" not in text
    assert code_of(stay)[:2] in text


def test_a_guest_reads_the_own_language_else_english_else_whatever_there_is(
    alice: Business, stay: Stay
) -> None:
    texts.write(place=alice.house, language="de", texts={WAY_IN: "Links vom Bäcker.", RULES: "Leise."})
    texts.write(place=alice.house, language="en", texts={WAY_IN: "Left of the bakery."})

    by_language = {
        language: (letter.house.way_in, letter.house.house_rules)
        for language in ("de", "de-at", "en", "fi", "xx")
        for letter in [letter_of(stay, language)]
    }

    german, english = ("Links vom Bäcker.", "Leise."), ("Left of the bakery.", "Leise.")
    assert by_language == {"de": german, "de-at": german, "en": english, "fi": english, "xx": english}


def test_days_in_own_words_are_in_the_language_of_those(alice: Business, stay: Stay) -> None:
    own = {"opening": "Ankunft: {arrival}", "closing": ""}
    words.write(organization=alice.organization, kind=READY, language="de", **own)

    assert letter_of(stay, "de").opening == "Ankunft: Montag, 15. Juni, 14:00"
    assert letter_of(stay, "fi").opening == "Ankunft: Montag, 15. Juni, 14:00"
    assert letter_of(stay, "en").closing == ""


@pytest.mark.parametrize("hostile", HOSTILE)
def test_whatever_a_host_writes_is_text_and_nothing_else(alice: Business, stay: Stay, hostile: str) -> None:
    plain = mail.page(READY, letter_of(stay))
    write(alice, hostile)
    Guest.objects.filter(pk=stay.guest_id).update(name=hostile)
    Property.objects.update(name=hostile[:100], address=hostile)
    PropertyFacts.objects.create(
        organization=alice.organization,
        property=alice.house,
        wifi_name="x",
        wifi_password=hostile,
        phone="+1 <b>",
    )
    MessageWords.objects.create(
        organization=alice.organization, kind=READY, language="en", opening=hostile, closing=hostile
    )

    letter = letter_of(stay)
    page = mail.page(READY, letter)

    allowed = {*Tags(plain).found, "h2", "br"}
    assert set(Tags(page).found) <= allowed
    assert not [tag for tag in Tags(page).found if tag.startswith("script")]
    assert code_of(stay) not in page
    assert letter.code_grouped in page


def test_a_number_that_may_be_a_wrong_one_is_written_and_not_dialled(
    alice: Business,
    timeline: Timeline,
    stay: Stay,  # noqa: ARG001  it is what is told of
    mailoutbox: Outbox,
) -> None:
    texts.note_facts(place=alice.house, wifi_name="", wifi_password="", phone="0664 123456")

    timeline.pass_seconds(60)

    text, html = str(mailoutbox[0].body), str(mailoutbox[0].alternatives[0][0])
    assert "Or call: 0664 123456" in text
    assert "0664 123456" in html
    assert "tel:" not in html


@pytest.mark.parametrize("hostile", HOSTILE)
def test_whatever_a_host_writes_adds_no_header(
    stay: Stay, timeline: Timeline, mailoutbox: Outbox, hostile: str
) -> None:
    Guest.objects.filter(pk=stay.guest_id).update(name=hostile)
    Property.objects.update(name=hostile[:100])
    timeline.pass_seconds(60)

    sent = mailoutbox[0].message()

    assert sent.get_all("Bcc") is None
    assert sent.get_all("Subject") is not None
    assert len(sent.get_all("Subject") or []) == 1
    assert sent["To"].count("@") <= hostile.count("@") + 1
    assert mailoutbox[0].recipients() == mailoutbox[0].to


def test_the_password_of_a_house_is_stored_encrypted(alice: Business) -> None:
    texts.note_facts(place=alice.house, wifi_name="Harbour", wifi_password="s3cret", phone="")

    stored = PropertyFacts.objects.extra(select={"raw": "wifi_password"}).values_list("raw", flat=True)[0]

    assert "s3cret" not in stored
    assert decrypt(stored) == "s3cret"


def test_words_that_cannot_be_filled_in_are_not_kept(alice: Business) -> None:
    words.write(organization=alice.organization, kind=READY, language="en", opening="Hi", closing="")

    with pytest.raises(placeholders.BrokenVariable):
        words.write(
            organization=alice.organization, kind=READY, language="en", opening="Hi {gast}", closing=""
        )

    assert MessageWords.objects.get().opening == "Hi"


def test_words_that_are_taken_away_leave_no_row(alice: Business) -> None:
    words.write(organization=alice.organization, kind=READY, language="en", opening="Hi", closing="")
    words.write(organization=alice.organization, kind=READY, language="en", opening="", closing="")

    with translation.override("en"):
        found = words.nearest(alice.organization, READY, "en")

    assert MessageWords.objects.count() == 0
    assert (found.opening, found.closing) == ("", "")
