"""Founds a business with its owner, who can sign in then.

The password is asked for at the terminal, or read from the variable OWNER_PASSWORD; it is never an argument,
since those stand in the list of processes.
"""

import os
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from properties import organizations
from properties.models import User

LONGEST_NAME = 100


class Command(BaseCommand):
    help = "Make an organization and the owner who signs in to it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="the business's name")
        parser.add_argument("--owner", required=True, help="the owner's e-mail address")
        parser.add_argument("--owner-name", default="", help="how the owner is called")

    def handle(self, **options: Any) -> None:
        email, name = str(options["owner"]), str(options["name"]).strip()
        if not 0 < len(name) <= LONGEST_NAME:
            raise CommandError(f"--name must have 1 to {LONGEST_NAME} characters.")
        try:
            validate_email(email)
            is_known = User.objects.filter(email__iexact=email).exists()
            password = None if is_known else _password(User(email=email, name=options["owner_name"]))
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        founded = organizations.found(
            name=name, owner_email=email, owner_name=options["owner_name"], password=password
        )
        self.stdout.write(f"Organization {founded.pk} is there. Its owner signs in with {email}.")


def _password(owner: User) -> str:
    password = os.environ.get("OWNER_PASSWORD") or getpass("Password for the owner: ")
    validate_password(password, owner)
    return password
