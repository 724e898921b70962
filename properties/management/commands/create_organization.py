"""Founds a business with its owner, and where asked its Nuki account, places for its locks and an API key.

Secrets do not belong among the arguments, which stand in the list of processes: the owner's password is
asked for at the terminal or read from the variable OWNER_PASSWORD, and `--nuki-token -` reads the token from
the standard input. An owner without a password chooses one as after forgetting it, by an e-mail.
"""

import os
import sys
from collections.abc import Collection
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from properties import addresses, nuki_accounts, setting_up, wall_clock
from properties.api_scopes import Scope
from properties.clock import now
from properties.models import User
from properties.setting_up import Made, Wanted

LONGEST_NAME, LONGEST_TOKEN = 100, 500
STANDARD_INPUT = "-"


class Command(BaseCommand):
    help = "Make an organization and the owner who signs in to it, ready for guests if a Nuki token is given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="the business's name")
        parser.add_argument("--owner", required=True, help="the owner's e-mail address")
        parser.add_argument("--owner-name", default="", help="how the owner is called")
        parser.add_argument(
            "--nuki-token",
            default="",
            help="an API token of Nuki Web; - reads it from the standard input, out of sight",
        )
        parser.add_argument(
            "--import-locks",
            action="store_true",
            help="make a property, a unit and a door for each lock that has a keypad",
        )
        parser.add_argument("--time-zone", default="", help="of locks that do not say theirs: Europe/Vienna")
        parser.add_argument(
            "--api-key-scopes",
            default="",
            help=f"make an API key, which is the last line printed: {','.join(Scope)}, or some of these",
        )

    def handle(self, **options: Any) -> None:
        wanted = _wanted(options)
        try:
            made = setting_up.set_up(wanted, now=now())
        except setting_up.NameIsTaken:
            raise CommandError(f"There is a business called {wanted.name}. Nothing was made.") from None
        except nuki_accounts.TokenRefused:
            raise CommandError(
                "Nuki does not accept this token, or it may not list smart locks. Nothing was made."
            ) from None
        except nuki_accounts.NukiDoesNotAnswer:
            raise CommandError(
                "Nuki does not answer, so the token could not be checked. Nothing was made."
            ) from None
        except setting_up.ZoneIsUnknown as refusal:
            raise CommandError(
                f"The lock “{refusal}” does not say its time zone. Say --time-zone too. Nothing was made."
            ) from None
        self._say(wanted, made)

    def _say(self, wanted: Wanted, made: Made) -> None:
        email = wanted.owner_email
        self.stdout.write(f"Organization {made.organization.pk} is there. Its owner signs in with {email}.")
        if not User.objects.get(email__iexact=email).has_usable_password():
            where = addresses.public("account_reset_password")
            self.stdout.write(f"The owner has no password yet, and asks for the way to one at {where}")
        if wanted.token:
            self.stdout.write(f"Its Nuki account lists {made.listed} smart locks.")
        if wanted.imports_locks:
            self.stdout.write(f"{made.placed} of them have a property, a unit and a door each.")
            for name in made.without_keypad:
                self.stdout.write(f"“{name}” has no keypad, so it was left out.")
        if made.key:
            self.stdout.write("This key is shown once:")
            self.stdout.write(made.key)


def _wanted(options: dict[str, Any]) -> Wanted:
    """What was asked for, once it is known to be whole. Raises CommandError."""
    email, name = str(options["owner"]), str(options["name"]).strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise CommandError(f"--name must have 1 to {LONGEST_NAME} characters.")
    if options["import_locks"] and not options["nuki_token"]:
        raise CommandError("--import-locks needs --nuki-token.")
    scopes, zone = _scopes(options["api_key_scopes"]), _zone(options["time_zone"])
    try:
        validate_email(email)
        password = _password(email, options)
    except ValidationError as refusal:
        raise CommandError(" ".join(refusal.messages)) from None
    return Wanted(
        name=name,
        owner_email=email,
        owner_name=options["owner_name"],
        password=password,
        token=_token(options["nuki_token"]),
        imports_locks=options["import_locks"],
        time_zone=zone,
        scopes=scopes,
    )


def _password(email: str, options: dict[str, Any]) -> str | None:
    """None for an owner who is there already, or is to choose one later."""
    if User.objects.filter(email__iexact=email).exists():
        return None
    password = os.environ.get("OWNER_PASSWORD", "")
    if not password and sys.stdin.isatty() and options["nuki_token"] != STANDARD_INPUT:
        password = getpass("Password for the owner (empty: they choose one later): ")
    if not password:
        return None
    validate_password(password, User(email=email, name=options["owner_name"]))
    return password


def _token(given: str) -> str:
    if not given:
        return ""
    token = (sys.stdin.readline() if given == STANDARD_INPUT else given).strip()
    is_one = token and token.isascii() and not any(letter.isspace() for letter in token)
    if not is_one or len(token) > LONGEST_TOKEN:
        raise CommandError("This is not a token of Nuki Web: it has no spaces and only plain letters.")
    return token


def _scopes(given: str) -> Collection[Scope]:
    named = {one.strip() for one in given.split(",")} - {""}
    unknown = sorted(named - set(Scope))
    if unknown:
        raise CommandError(f"There is no scope {', '.join(unknown)}. There are {', '.join(Scope)}.")
    return [Scope(one) for one in sorted(named)]


def _zone(given: str) -> str:
    try:
        return wall_clock.check_time_zone(given) if given else ""
    except wall_clock.UnknownTimeZone as refusal:
        raise CommandError(f"--time-zone: {refusal}") from None
