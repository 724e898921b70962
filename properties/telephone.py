"""What a telephone dials for a number as people write it. A number that may be a wrong one is none. Pure."""

from functools import cache
from importlib.resources import files

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

ZONES = "zone.tab"  # the country that each zone of the IANA database is named for
COUNTRY, ZONE = 0, 2  # columns


def dialled(number: str) -> str:
    """Such as +43664123456; "" where the number does not say its country, or is too long or short for it."""
    found = _parsed(number, country=None)
    is_whole = (
        found is not None
        and phonenumbers.is_possible_number_with_reason(found) == ValidationResult.IS_POSSIBLE
    )
    return phonenumbers.format_number(found, PhoneNumberFormat.E164) if found and is_whole else ""


def suggested(number: str, zone: str) -> str:
    """How a number is written whole that is of the country of this zone; "" where it cannot be.

    Only a person knows whether it is: a zone's clocks are shown in other countries, too.
    """
    country = _countries().get(zone)
    found = _parsed(number, country) if country else None
    if found is None or not phonenumbers.is_valid_number(found):
        return ""
    return phonenumbers.format_number(found, PhoneNumberFormat.INTERNATIONAL)


def _parsed(number: str, country: str | None) -> PhoneNumber | None:
    if any(letter.isalpha() for letter in number):
        return None  # the library takes them for what old telephones had on their keys
    try:
        return phonenumbers.parse(number, country)
    except NumberParseException:
        return None


@cache
def _countries() -> dict[str, str]:
    lines = files("tzdata").joinpath("zoneinfo", ZONES).read_text().splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {row[ZONE]: row[COUNTRY] for row in rows}
