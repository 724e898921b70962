"""Names and addresses of guests who never were, and codes that keypads take."""

import random
from dataclasses import dataclass

from access import codes
from properties.encryption import digest, encrypt

FIRST = (
    *(
        "Ada",
        "Ana",
        "Bela",
        "Bruno",
        "Carla",
        "Cem",
        "Dana",
        "Diego",
        "Elif",
        "Emil",
        "Fatma",
        "Felix",
        "Greta",
        "Hana",
    ),
    *(
        "Hugo",
        "Ines",
        "Ivan",
        "Jana",
        "Jonas",
        "Karin",
        "Kofi",
        "Lea",
        "Lucia",
        "Luka",
        "Maja",
        "Mina",
        "Nadia",
        "Noor",
    ),
    *("Olga", "Omar", "Paula", "Pavel", "Rosa", "Samir", "Selma", "Tom", "Uma", "Vera", "Yusuf", "Zoe"),
)
LAST = (
    *(
        "Aalto",
        "Berg",
        "Brandt",
        "Cohen",
        "Costa",
        "Dahl",
        "Demir",
        "Dubois",
        "Eriksen",
        "Farkas",
        "Ferrari",
        "Garcia",
        "Haas",
        "Holm",
    ),
    *(
        "Ito",
        "Jansen",
        "Kaya",
        "Kis",
        "Klein",
        "Lind",
        "Lopez",
        "Maier",
        "Moreau",
        "Nagy",
        "Novak",
        "Okafor",
        "Olsen",
        "Petrov",
    ),
    *(
        "Quist",
        "Ricci",
        "Rossi",
        "Sato",
        "Silva",
        "Smith",
        "Soto",
        "Tanaka",
        "Toth",
        "Vogel",
        "Weber",
        "Wolf",
    ),
)
CODES = 1_000


@dataclass(frozen=True)
class Code:
    """A code as the database has it: nobody ever sees the digits."""

    encrypted: str
    digest: str


@dataclass(frozen=True)
class Person:
    """A guest."""

    name: str
    email: str


def person(number: int) -> Person:
    """The guest of this number; names come again, addresses do not."""
    first = FIRST[number * 7 % len(FIRST)]
    last = LAST[number * 11 // len(FIRST) % len(LAST)]
    return Person(f"{first} {last}", f"{first}.{last}.{number}@guests.example".lower())


def pool(seed: int) -> list[Code]:
    """Codes that differ: enough for a house at one time. Encrypting one for each stay would take longer."""
    chance = random.Random(seed)  # noqa: S311  they open no door
    drawn: dict[str, None] = {}
    while len(drawn) < CODES:
        code = "".join(chance.choices("3456789", k=6))
        if not codes.is_guessable(code):
            drawn[code] = None
    return [Code(encrypt(code), digest(code)) for code in drawn]
