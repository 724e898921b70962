"""What a message to a guest says, worked out when it is made. How it looks is in templates/email."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from access import codes, placeholders, told, words
from access.models import Grant, GrantKind, MessageKind, Spare, Stay
from access.placeholders import Variable
from access.told import Told
from access.words import Words
from properties import languages, plain_text, telephone, texts, wall_clock
from properties.models import Organization, Property
from properties.texts import HouseTexts

MAP = "https://www.openstreetmap.org/search"
A_MOMENT = "LONG_WEEKDAY_CLOCK"  # as the templates write moments
SAMPLE_CODE = "384174"
SAMPLE_BACKUP_CODE = "729536"
SAMPLE_DAYS = timedelta(days=3)  # until the guest who does not exist arrives


@dataclass(frozen=True)
class Door:
    """A door on the way in, and how to find it."""

    name: str
    hint: str = ""
    is_by_app: bool = False  # the Nuki app opens it, and no code
    is_in_app: bool = False  # where the guest has it already, from an earlier stay
    code: str = field(default="", repr=False)  # a backup code, which opens this door only

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return codes.grouped(self.code)


@dataclass(frozen=True)
class Letter:
    """One message to a guest. Code, doors and times are ours to say; opening and closing are the host's."""

    guest_name: str
    organization_name: str
    property_name: str
    address: str
    unit_name: str
    code: str
    doors: list[Door]
    starts_at: datetime  # on the clocks of the property
    ends_at: datetime
    zone: str
    reply_to: str
    house: HouseTexts
    language: str  # of what is ours to say
    page_url: str = ""  # the guest's own page
    opening: str = ""
    closing: str = ""

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return codes.grouped(self.code)

    @property
    def awaits_invite(self) -> bool:
        """Whether the guest is to look for Nuki's invitation."""
        return any(door.is_by_app and not door.is_in_app for door in self.doors)

    @property
    def map_url(self) -> str:
        """Where the address is on a map."""
        return map_of(self.address)

    @property
    def phone_url(self) -> str:
        """What a telephone dials."""
        return call_of(self.house.phone)


def map_of(address: str) -> str:
    """Where an address is on a map."""
    return f"{MAP}?{urlencode({'query': address})}" if address else ""


def call_of(phone: str) -> str:
    """Where a tap calls this number; "" where we cannot be sure which one is meant."""
    number = telephone.dialled(phone)
    return f"tel:{number}" if number else ""


def of_stay(
    kind: MessageKind,
    stay: Stay,
    grants: Sequence[Grant],
    known: Told | None,
    spares: Sequence[Spare] = (),
) -> Letter:
    """What the stay's guest is told now, in the guest's language as far as there is something in it.

    `grants` are the wanted ones with their doors, `spares` the backup codes that the guest has, where the
    message is about those. Of a stay that is cancelled the guest reads the times that are `known`.
    """
    place, language = stay.unit.property, stay.guest.language
    truth = known.truth if known is not None and stay.cancelled_at is not None else None
    times = truth or stay
    house = texts.for_guests(place, language)
    own = next((grant.code for grant in grants if grant.code), "")
    backup = {spare.handed_to_id: spare.grant.code for spare in spares}
    letter = Letter(
        guest_name=plain_text.one_line(stay.guest.name),
        organization_name=plain_text.one_line(stay.organization.name),
        property_name=plain_text.one_line(place.name),
        address=plain_text.one_line(place.address),
        unit_name=plain_text.one_line(stay.unit.name),
        code=told.own_code_beside(grants, spares) if spares else own,
        doors=[
            Door(
                plain_text.one_line(grant.door.name),
                house.doors.get(grant.door.pk, ""),
                is_by_app=grant.kind == GrantKind.APP_INVITE,
                is_in_app=grant.redeemed_at is not None,
                code=backup.get(grant.pk, ""),
            )
            for grant in grants
            if grant.door
        ],
        starts_at=wall_clock.shown(times.starts_at, place.time_zone),
        ends_at=wall_clock.shown(times.ends_at, place.time_zone),
        zone=place.time_zone,
        reply_to=stay.organization.reply_to,
        house=house,
        language=languages.nearest(language, languages.NAMES),
    )
    return with_words(letter, words.nearest(stay.organization, kind, language))


def sample(
    organization: Organization, place: Property | None, own: Words, *, language: str, now: datetime
) -> Letter:
    """A message about a guest and a code that do not exist, at a house of the business if it has one."""
    zone = place.time_zone if place else "UTC"
    house = texts.for_guests(place, language) if place else HouseTexts()
    starts_at = wall_clock.shown(now + SAMPLE_DAYS, zone).replace(hour=15, minute=0)
    with translation.override(language):
        letter = Letter(
            guest_name=_("Ada Sample"),
            organization_name=plain_text.one_line(organization.name),
            property_name=plain_text.one_line(place.name) if place else _("Sample House"),
            address=plain_text.one_line(place.address) if place else "",
            unit_name=_("Flat 1"),
            code=SAMPLE_CODE,
            doors=[Door(_("Front door")), Door(_("Flat 1"), code=SAMPLE_BACKUP_CODE)],
            starts_at=starts_at,
            ends_at=starts_at.replace(hour=10) + SAMPLE_DAYS,
            zone=zone,
            reply_to=organization.reply_to,
            house=replace(house, wifi_password=_("(the password)") if house.wifi_password else ""),
            language=language,
        )
    return with_words(letter, own)


def with_words(letter: Letter, own: Words) -> Letter:
    """The letter with the host's own words, filled in; days and months in the language of those."""
    with translation.override(own.language):
        values = {
            Variable.GUEST: letter.guest_name,
            Variable.UNIT: letter.unit_name,
            Variable.PROPERTY: letter.property_name,
            Variable.ARRIVAL: date_format(letter.starts_at, A_MOMENT),
            Variable.DEPARTURE: date_format(letter.ends_at, A_MOMENT),
        }
    return replace(
        letter,
        opening=placeholders.fill(own.opening, values),
        closing=placeholders.fill(own.closing, values),
    )
