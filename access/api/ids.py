"""Ids as programs see them: they say what they are of, so that one of the wrong kind is noticed. Pure."""

import re
from enum import StrEnum

LONGEST_NUMBER = 18  # digits of what the database takes for a number


class Kind(StrEnum):
    """What an id is of."""

    ORGANIZATION = "org"
    PROPERTY = "prop"
    UNIT = "unit"
    DOOR = "door"
    LOCK = "lock"
    NUKI_ACCOUNT = "account"
    GUEST = "guest"
    STAY = "stay"
    GRANT = "grant"
    ACTIVITY = "activity"
    ALERT = "alert"
    API_KEY = "key"
    ACTION = "action"
    MESSAGE = "message"
    MEMBERSHIP = "member"
    INVITATION = "invitation"
    AUDIT_ENTRY = "audit"
    TEAM_ENTRY = "team"
    WEBHOOK_ENDPOINT = "endpoint"
    WEBHOOK_EVENT = "event"
    WEBHOOK_DELIVERY = "delivery"


WRITTEN = re.compile(r"(?P<kind>[a-z]+)_(?P<number>[0-9]+)", re.ASCII)


class NotAnId(ValueError):
    """The text is no id, or that of something else."""


def made(kind: Kind, number: int) -> str:
    """The id of a row."""
    return f"{kind}_{number}"


def pattern(kind: Kind) -> str:
    """How ids of this kind are written, as a regular expression."""
    return f"^{kind}_[0-9]{{1,{LONGEST_NUMBER}}}$"


def read(kind: Kind, text: str) -> int:
    """The number of the row that an id of this kind names. Raises NotAnId, whose text says why."""
    found = WRITTEN.fullmatch(text)
    if found is None or len(found["number"]) > LONGEST_NUMBER:
        raise NotAnId(f"An id is needed here, such as {made(kind, 42)}.")
    if found["kind"] != kind:
        raise NotAnId(f"An id that begins with {kind}_ is needed here.")
    return int(found["number"])
