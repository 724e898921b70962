"""Whatever guests read is there in their languages: every state of their page, and every message."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import override, trans_real

from access import guest_links, letters, mail, spares, stays, visits, welcome_door_pages
from access.diagnosis import WAYS, Cause, Diagnosis
from access.models import (
    Activity,
    AuditEntry,
    AuditKind,
    Grant,
    GrantKind,
    Guest,
    HelpRequest,
    MessageKind,
    Problem,
    Spare,
    Stay,
)
from access.words import Words
from nuki_gateway.simulator import TurnedClock
from properties import dates, places, texts
from properties.models import Door, GuestsOpen, Property, SmartLock, TextKind
from properties.texts import HouseTexts
from scripts import messages
from tests import pictures
from tests.timeline import Timeline
from tests.translations.test_pages import Brackets, rows_say, untranslated
from tests.visitors import Visitor
from tests.worlds import Business

BENDING = "pl"  # has the most forms; that no language has a gap, the tests of catalogues say
A_DAY = timedelta(days=1)
AN_HOUR = timedelta(hours=1)
READ = {message.key for message in messages.said_to_guests()}
IN_MAIL = {
    message.key
    for message, files in messages.said_to_guests().items()
    if any(file.startswith(("templates/email", "access/letters")) for file in files)
}
DOOR_FILES = ("access/welcome_door", "templates/guest/_door_", "templates/guest/door", "templates/guest/open")
AT_A_DOOR = {
    message.key
    for message, files in messages.said_to_guests().items()
    if all(file.startswith((*DOOR_FILES, "templates/guest/_open_button")) for file in files)
}
IN_FORMS = r"|\b(?:de|den|kl|klo)\b"  # of dates, beside the names of days and months
HOUSE = HouseTexts(
    way_in="1.",
    house_rules="2.",
    good_to_know="3.",
    wifi_name="4",
    wifi_password="5",
    phone="+43 1 234567",
)

Key = tuple[str | None, str]


class Known(Brackets):
    """A language in which every message that it has stands in brackets; the others are in English."""

    _catalog: Any  # gettext's own

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.asked: set[Key] = set()

    def gettext(self, message: str) -> str:
        context, separator, text = message.rpartition(trans_real.CONTEXT_SEPARATOR)
        self.asked.add((context if separator else None, text))
        return super().gettext(message) if message in self._catalog else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.asked.add((None, msgid1))
        try:
            return f"⟦{self._catalog.plural(msgid1, n)}⟧"
        except KeyError:
            return msgid1 if n == 1 else msgid2


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Known]]:
    """The languages that only guests read, with brackets."""
    made = {language: Known(language) for language in messages.FOR_GUESTS}
    for language, translation in made.items():
        monkeypatch.setitem(vars(trans_real)["_translations"], language, translation)
    kept = vars(dates)["_in_words"]
    kept.cache_clear()
    cache.clear()  # nobody was counted yet
    yield made
    kept.cache_clear()


def path_of(stay: Stay, clock: TurnedClock) -> str:
    link = guest_links.needed_for(stay, now=clock.now())
    assert link is not None
    return f"/g/{guest_links.token(link)}"


def english_in(pages: list[Any], names: re.Pattern[str]) -> list[str]:
    return [line for page in pages for line in untranslated(page.content.decode(), names)]


class Reader:
    """A guest who looks at pages in some languages, and notes what is in English."""

    def __init__(self, clock: TurnedClock) -> None:
        self.visitor, self.found = Visitor(clock), set[tuple[str, str]]()

    def read(self, path: str, *spoken: str) -> None:
        names = re.compile(rows_say().pattern + IN_FORMS)
        for language in spoken or [BENDING]:
            Guest.objects.update(language=language)
            asks = {"headers": {"Accept-Language": language}}
            pages = [self.visitor.get(path, **asks), self.visitor.post(f"{path}/code", **asks)]
            assert {page.headers["Content-Language"] for page in pages} == {language}
            assert all(f'<html lang="{language}">' in page.content.decode() for page in pages)
            self.found |= {(language, line) for line in english_in(pages, names)}


@pytest.mark.slow  # a walk over everything
def test_a_guest_s_page_is_in_the_guest_s_language_in_each_of_its_states(
    alice: Business, timeline: Timeline, known: dict[str, Known]
) -> None:
    reader, clock, now = Reader(timeline.clock), timeline.clock, timeline.now
    Property.objects.update(address="1")
    for flat in alice.flats.values():
        flat.property.refresh_from_db()
    about: dict[texts.Subject, str] = {(kind, None): "1" for kind in TextKind if kind != "door"}
    texts.write(place=alice.house, language="en", texts=about)
    texts.note_facts(place=alice.house, wifi_name="1", wifi_password="2", phone="+43 1 234567")
    pictures.put(alice.doors["Front door"], added_by=alice.owner, now=now, description="3")

    def booked(
        unit: str, starts_in: timedelta, lasts: timedelta = A_DAY, email: str = "ada@guests.example"
    ) -> str:
        starts_at = now + starts_in
        times = {"starts_at": starts_at, "ends_at": starts_at + lasts}
        return path_of(alice.book(now=now, unit=unit, guest_email=email, **times), clock)

    planned, soon = booked("Flat 1", 10 * A_DAY), booked("Flat 1", AN_HOUR, 2 * A_DAY)
    let_in, in_minutes = booked("Cellar", A_DAY, email=""), booked("Flat 2", timedelta(), AN_HOUR / 2)
    alice.flats["Cottage"] = places.add_unit(place=alice.house, name="1", way_in=[alice.doors["Cellar"]])
    invited, later = booked("Cottage", AN_HOUR), booked("Cottage", 10 * A_DAY)
    for path in (planned, soon, let_in, in_minutes, invited, later):
        reader.read(path)
    timeline.pass_seconds(120)
    for path in (soon, invited):
        reader.read(path)
    both = booked("Cellar", 2 * AN_HOUR, AN_HOUR, email="ben@guests.example")
    told_before = Stay.objects.latest("pk")
    timeline.pass_seconds(120)
    Grant.objects.filter(stay=told_before, kind=GrantKind.APP_INVITE).update(confirmed_at=None)
    reader.read(both)
    clock.turn(seconds=A_DAY.total_seconds())
    reader.read(let_in)
    reader.read(soon)
    texts.note_facts(place=alice.house, wifi_name="1", wifi_password="", phone="")
    reader.read(soon, *messages.FOR_GUESTS)
    Grant.objects.update(confirmed_at=None, problem=Problem.NO_ROOM)
    reader.read(soon)
    told = Stay.objects.exclude(messages__sent_at=None).earliest("pk")
    _has_backup(alice, told, timeline.now)
    reader.read(soon)
    Grant.objects.filter(door__name="Front door").update(confirmed_at=timeline.now, problem="")
    reader.read(soon)
    stays.change(
        stay=told,
        unit=told.unit,
        starts_at=told.starts_at,
        ends_at=told.ends_at + A_DAY,
        changed_by=None,
        now=timeline.now,
    )
    reader.read(soon)
    guest_links.revoke(stay=told, revoked_by=None, now=timeline.now)
    reader.read(soon)
    clock.turn(seconds=60)
    for _number in range(visits.MOST_MISSES // 2 + 1):
        reader.read("/g/nobody-s")

    assert reader.found == set()
    assert READ - IN_MAIL - AT_A_DOOR - known[BENDING].asked == set()  # so each state was there


def test_a_page_about_a_door_is_in_the_guest_s_language_whatever_is_found(
    alice: Business, timeline: Timeline, known: dict[str, Known]
) -> None:
    now, names = timeline.now, re.compile(rows_say().pattern + IN_FORMS)
    Door.objects.update(guests_open=GuestsOpen.YES)
    stay = alice.book(now=now)
    grant = stay.grants.select_related("stay", "door", "smart_lock__nuki_account").get(door__name="Flat 1")
    asked = HelpRequest(grant=grant, stay=stay, asked_at=now)
    wish = AuditEntry(pk=1, kind=AuditKind.OPENING_ASKED, stay=stay, at=now)
    called = AuditEntry(pk=2, kind=AuditKind.LOCK_CALLED, intent=wish, at=now)
    refused = AuditEntry(pk=3, kind=AuditKind.LOCK_ANSWERED, intent=wish, at=now, answer="NukiBusy")
    read = AuditEntry(pk=4, kind=AuditKind.READING_ASKED, at=now)
    opened, jammed = (Activity(kind=kind, happened_at=now) for kind in ("opened", "failed"))
    pages = []
    with override(BENDING):
        for cause in Cause:
            for entries, movement in (
                ([read], None),
                ([wish], opened),
                ([wish], jammed),
                ([wish, called], None),
            ):
                pages.append(
                    _door_page(grant, Diagnosis(cause, WAYS[cause], now), asked, entries, movement, now)
                )
        for kind in GrantKind:
            grant.kind = kind
            in_order = Diagnosis(Cause.IN_ORDER, WAYS[Cause.IN_ORDER], now)
            early = Diagnosis(Cause.TOO_EARLY, WAYS[Cause.TOO_EARLY], now)
            pages.append(_door_page(grant, in_order, None, [wish, called, refused], None, now))
            pages.append(_door_page(grant, early, asked, [], None, now))
        asked.told_host_at = now
        pages.append(_door_page(grant, in_order, asked, [], None, now))

        spare = _has_backup(alice, stay, now)
        pages += [
            _door_page(grant, in_order, None, [], None, now, backup=spare, shows_backup=shows)
            for shows in (False, True)
        ]
    Spare.objects.update(ended_at=now)

    reader = Reader(timeline.clock)
    path = f"{path_of(stay, timeline.clock)}/doors/{grant.pk}"
    for refusal in _refusals(alice, stay, grant, now):
        Guest.objects.update(language=BENDING)
        answer = reader.visitor.post(f"{path}/{refusal}")
        assert answer.status_code in {409, 429}
        pages.append(answer.content.decode())
    SmartLock.objects.update(server_state=0, mode=2)
    pages.append(reader.visitor.get(f"{path}/open").content.decode())

    assert [line for page in pages for line in untranslated(page, names)] == []
    assert AT_A_DOOR - known[BENDING].asked == set()  # so each state was there


def _has_backup(alice: Business, stay: Stay, now: datetime) -> Spare:
    """The guest gets a backup code for the flat."""
    Property.objects.update(backup_codes=1)
    spares.stock(door=alice.doors["Flat 1"], now=now)
    Grant.objects.filter(stay=None).update(confirmed_at=now)
    grant = stay.grants.get(door__name="Flat 1", closed_at=None)
    return spares.hand_out(grant=grant, handed_out_by=alice.owner, now=now)


def _refusals(alice: Business, stay: Stay, grant: Grant, now: datetime) -> Iterator[str]:
    """What is asked for and refused, each for another reason."""
    whose = {"organization": alice.organization, "smart_lock": grant.smart_lock}
    yield "backup"
    for fields in ({"server_state": 4}, {"server_state": 0, "mode": 4}):
        SmartLock.objects.update(**fields)
        yield "open"
    SmartLock.objects.update(mode=2)
    AuditEntry.objects.bulk_create(
        AuditEntry(**whose, kind=AuditKind.OPENING_ASKED, stay=stay, at=now - AN_HOUR / 2) for _ in range(6)
    )
    yield "open"
    AuditEntry.objects.create(**whose, kind=AuditKind.OPENING_ASKED, at=now)
    yield "open"
    Door.objects.update(guests_open=GuestsOpen.NO)
    yield "open"
    AuditEntry.objects.bulk_create(
        AuditEntry(**whose, kind=AuditKind.HELP_ASKED, stay=stay, grant=grant, at=now) for _ in range(20)
    )
    yield "help"
    Door.objects.update(guests_open=GuestsOpen.YES)


def _door_page(
    grant: Grant,
    diagnosis: Diagnosis,
    request: HelpRequest | None,
    entries: list[AuditEntry],
    movement: Activity | None,
    now: datetime,
    **backup: Any,
) -> str:
    page = welcome_door_pages.door_page(
        grant,
        grant.own_stay,
        house=HOUSE,
        diagnosis=diagnosis,
        request=request,
        entries=entries,
        movement=movement,
        now=now,
        **backup,
    )
    return render_to_string("guest/door.html", {"page": page, "door_name": "1"})


def test_each_message_is_in_the_guest_s_language(
    alice: Business, timeline: Timeline, known: dict[str, Known], mailoutbox: list[EmailMultiAlternatives]
) -> None:
    texts.note_facts(place=alice.house, wifi_name="1", wifi_password="2", phone="")
    names = re.compile(rows_say().pattern + IN_FORMS + r"|https?:[^\s\"]+|\b(?:Test:|UTC)")
    found: set[tuple[str, str]] = set()
    for language in messages.FOR_GUESTS:
        bare, usual = (
            letters.sample(alice.organization, place, Words(), language=language, now=timeline.now)
            for place in (None, alice.house)
        )
        doors = [
            letters.Door("1", "2"),
            letters.Door("1", "2", is_by_app=True),
            letters.Door("1", is_by_app=True),
        ]
        full = replace(bare, house=HOUSE, doors=doors, page_url="https://x.example/", address="1")
        for kind in MessageKind:
            for letter in (full, usual, replace(full, code="")):
                mail.send_trial(kind, letter, to="alice@harbour.example", message_id="1")
        for sent in mailoutbox:
            html = str(sent.alternatives[0][0])
            pages = [str(sent.subject), str(sent.body), html]
            found |= {(language, line) for page in pages for line in untranslated(page, names)}
            assert sent.extra_headers["Content-Language"] == language
            assert f'lang="{language}"' in html
        mailoutbox.clear()

    assert found == set()
    assert {language for language, one in known.items() if IN_MAIL - one.asked} == set()
