"""The page on which hosts write what guests of a house read."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nuki_gateway.simulator import TurnedClock
from properties import places, plain_text, texts
from properties.models import Property, PropertyFacts, PropertyText, TextKind
from properties.roles import Role
from tests.visitors import Visitor, check_page, signed_in, with_role, words
from tests.worlds import Business


@pytest.fixture
def host(alice: Business, clock: TurnedClock) -> Visitor:
    return signed_in(alice, clock)


@pytest.fixture
def path(alice: Business) -> str:
    return f"/properties/{alice.house.pk}/texts"


def all_texts() -> list[tuple[str, str, str]]:
    return sorted(PropertyText.objects.values_list("language", "kind", "text"))


def test_texts_are_written_in_one_language_at_a_time_and_the_other_is_shown(
    host: Visitor, alice: Business, path: str
) -> None:
    door = alice.doors["Flat 1"].pk
    empty = host.get(path)
    fields = {"texts-way_in": " Left of the bakery.\r\nRing twice. ", f"texts-door-{door}": "Third floor."}

    answer = host.post(f"{path}?language=en", fields)
    german = host.get(f"{path}?language=de")
    host.post(f"{path}?language=de", {"texts-way_in": "Links vom Bäcker."})
    partly = words(host.get(f"{path}?language=de"))

    check_page(empty)
    assert "Nothing is written yet." in words(empty)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{path}?language=en")
    assert "Deutsch is empty: guests read what you wrote in another language." in words(german)
    assert "Empty: guests read the text in English." in words(german)
    assert 'placeholder="Left of the bakery.\nRing twice."' in german.content.decode()
    assert "1 text is not in Deutsch yet: guests read it in another language." in partly
    assert all_texts() == [
        ("de", "way in", "Links vom Bäcker."),
        ("en", "door", "Third floor."),
        ("en", "way in", "Left of the bakery.\nRing twice."),
    ]


def test_saving_the_same_twice_keeps_it_once_and_an_empty_text_is_taken_away(
    host: Visitor, path: str
) -> None:
    for _ in range(2):
        host.post(path, {"texts-way_in": "Left.", "texts-house_rules": "Quiet."})
    twice = all_texts()
    host.post(path, {"texts-way_in": "", "texts-house_rules": "Quiet."})

    assert twice == [("en", "house rules", "Quiet."), ("en", "way in", "Left.")]
    assert all_texts() == [("en", "house rules", "Quiet.")]


def test_a_text_that_is_too_long_is_refused_at_its_field_and_changes_nothing(
    host: Visitor, path: str
) -> None:
    host.post(path, {"texts-way_in": "a\x00Left."})

    answer = host.post(path, {"texts-way_in": "x" * 3001, "texts-house_rules": "Quiet."})

    assert answer.status_code == 200
    assert "at most 3000 characters" in words(answer)
    assert "Quiet." in words(answer)
    assert all_texts() == [("en", "way in", "aLeft.")]


def test_a_door_of_another_house_has_no_field(
    host: Visitor, alice: Business, charlie: Business, path: str
) -> None:
    other = charlie.doors["Flat 1"].pk

    host.post(path, {f"texts-door-{other}": "Mine."})

    assert all_texts() == []
    assert alice.house.pk != charlie.house.pk


def test_wifi_and_telephone_are_kept_for_all_languages(host: Visitor, alice: Business, path: str) -> None:
    where = f"/properties/{alice.house.pk}/facts?language=de"
    fields = {"facts-wifi_name": "Harbour", "facts-wifi_password": "s3cret", "facts-phone": "+43 1 234567"}

    answer = host.post(where, fields)
    host.post(where, {**fields, "facts-wifi_password": "other"})

    assert (answer.status_code, answer.headers["Location"]) == (302, f"{path}?language=de")
    kept = PropertyFacts.objects.get()
    assert (kept.wifi_name, kept.wifi_password, kept.phone) == ("Harbour", "other", "+43 1 234567")
    assert 'value="other"' in host.get(path).content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"facts-phone": "01 234567"}, id="without a country"),
        pytest.param({"facts-phone": "+43 <b>1</b> 2345"}, id="with a tag"),
        pytest.param({"facts-phone": "call me"}, id="no number"),
        pytest.param({"facts-wifi_password": "s3cret"}, id="a password of no network"),
        pytest.param({"facts-wifi_name": "x" * 33}, id="a name that no router takes"),
        pytest.param({"facts-wifi_name": "x", "facts-wifi_password": "y" * 64}, id="a password too long"),
    ],
)
def test_facts_that_cannot_be_are_refused_at_their_field_and_change_nothing(
    host: Visitor, alice: Business, fields: dict[str, str]
) -> None:
    answer = host.post(f"/properties/{alice.house.pk}/facts", fields)

    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not PropertyFacts.objects.exists()


def test_a_number_without_its_country_is_asked_for_with_the_one_that_it_may_be(
    host: Visitor, alice: Business
) -> None:
    where = f"/properties/{alice.house.pk}/facts"

    in_vienna = host.post(where, {"facts-phone": "0664 123456"})
    Property.objects.update(time_zone="UTC")
    anywhere = host.post(where, {"facts-phone": "0664 123456"})

    assert "Write the number with its country. Is it +43 664 123456?" in words(in_vienna)
    assert "Write a number with its country, such as +43 1 234567." in words(anywhere)
    assert not PropertyFacts.objects.exists()


def test_who_may_not_change_properties_neither_sees_nor_writes_texts(
    alice: Business, clock: TurnedClock, path: str
) -> None:
    bob = with_role(alice, clock, Role.STAFF)

    assert bob.get(path).status_code == 403
    assert bob.post(path, {"texts-way_in": "Mine."}).status_code == 403
    assert bob.post(f"/properties/{alice.house.pk}/facts", {"facts-phone": "+43 1 23456"}).status_code == 403
    assert all_texts() == []


def test_a_language_that_nobody_knows_is_the_first_one(host: Visitor, path: str) -> None:
    host.post(f"{path}?language=xx", {"texts-way_in": "Left."})

    assert all_texts() == [("en", "way in", "Left.")]


def test_the_page_costs_as_many_queries_with_thirty_doors_as_with_three(
    host: Visitor, alice: Business, path: str
) -> None:
    place = Property.objects.get(pk=alice.house.pk)
    with CaptureQueriesContext(
        connection,
    ) as few:
        host.get(path)
    doors = [places.add_door(place=place, name=f"Door {number}", smart_lock=None) for number in range(27)]
    for language in ("en", "de"):
        about: dict[texts.Subject, str] = {(TextKind.DOOR, door.pk): "Here." for door in doors}
        texts.write(place=place, language=language, texts=about)
    with CaptureQueriesContext(connection) as many:
        host.get(path)

    assert len(many) == len(few)
    assert len(many) <= 12


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("\ta\x07\x1b[0m\x9fb ", "a[0mb"),
        ("a\n \n\n\n\nb", "a\n\nb"),
        ("Grüße 🏠 «ß» ½", "Grüße 🏠 «ß» ½"),
        (" \n ", ""),
    ],
)
def test_pasted_texts_keep_their_lines_and_lose_what_controls_screens(pasted: str, kept: str) -> None:
    assert plain_text.cleaned(pasted) == kept


def test_a_line_stays_one_line() -> None:
    assert plain_text.one_line(" a\r\nBcc: b\t c ") == "a Bcc: b c"
