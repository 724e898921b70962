"""Typed readers of the environment: each takes a variable's name and returns a value or says what is wrong.

The sentence of a `BadVariable` names the variable and never repeats a secret.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from config import mail_providers

FERNET_KEY_BYTES = 32
POSTGRES = ("postgres://", "postgresql://")
CONNECT_TIMEOUT = 3  # seconds a request may wait for a database that does not answer; libpq's own is forever
MOST_DIGITS = 9  # of a number
SHORTEST_SECRET = 50  # characters; below that `check --deploy` warns (security.W009)


class BadVariable(ImproperlyConfigured):
    """A variable of the environment is missing, or holds what it cannot."""


@dataclass(frozen=True)
class Environment:
    """The variables of this process, read by type."""

    variables: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self.variables.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise BadVariable(f"{name} is missing. docs/settings.md says what it holds.")
        return default

    def secret(self, name: str) -> str:
        """A text long enough to sign with."""
        value = self.text(name)
        if len(value) < SHORTEST_SECRET:
            raise BadVariable(f"{name} is too short: it needs at least {SHORTEST_SECRET} characters.")
        return value

    def text_beside(self, name: str, other: str) -> str:
        """A text that is there if another variable is, and only then; empty without both."""
        value, beside = self.text(name, ""), self.text(other, "")
        if bool(value) != bool(beside):
            raise BadVariable(f"{name} and {other} belong together: set both or none.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """`on` or `off`, also written true/false, yes/no, 1/0."""
        value = self.text(name, "on" if default else "off").lower()
        if value in {"on", "true", "yes", "1"}:
            return True
        if value in {"off", "false", "no", "0"}:
            return False
        raise BadVariable(f"{name} must be on or off.")

    def choice(self, name: str, default: str, *others: str) -> str:
        """One of a few words."""
        value = self.text(name, default).lower()
        if value not in {default, *others}:
            raise BadVariable(f"{name} must be {' or '.join([default, *others])}.")
        return value

    def number(self, name: str, default: int) -> int:
        """A whole number of at least 1."""
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdecimal() or len(value) > MOST_DIGITS or int(value) < 1:
            raise BadVariable(f"{name} must be a whole number of at least 1.")
        return int(value)

    def names(self, name: str, default: str | None = None) -> list[str]:
        """Several values between commas, at least one."""
        values = [part.strip() for part in self.text(name, default).split(",") if part.strip()]
        if not values:
            raise BadVariable(f"{name} must hold at least one value; several are separated by commas.")
        return values

    def networks(self, name: str) -> list[IPv4Network | IPv6Network]:
        """Networks such as `10.1.0.0/16` between commas; none where the variable is empty."""
        values = self.names(name) if self.variables.get(name, "").strip() else []
        try:
            return [ip_network(value) for value in values]
        except ValueError:
            raise BadVariable(f"{name} must hold networks such as 10.1.0.0/16 or fd00::/8.") from None

    def origin(self, name: str, default: str | None = None) -> str:
        """An http or https address of a host alone, without the slash at its end."""
        value = self.text(name, default).rstrip("/")
        parts = _parts(value)
        if parts is None or not _is_origin(parts):
            raise BadVariable(f"{name} must be an address such as https://keys.example.com, with no path.")
        return value

    def optional_origin(self, name: str) -> str:
        """The same as `origin`, or an empty text."""
        return self.origin(name) if self.variables.get(name, "").strip() else ""

    def fernet_keys(self, name: str) -> list[str]:
        """Keys that encrypt fields, between commas: the first encrypts, all decrypt."""
        keys = self.names(name)
        for key in keys:
            try:
                size = len(base64.urlsafe_b64decode(key))
            except (binascii.Error, ValueError):
                size = 0
            if size != FERNET_KEY_BYTES:
                raise BadVariable(
                    f"{name} must hold Fernet keys (32 bytes in URL-safe base64) separated by commas. "
                    "docs/settings.md shows how to make one."
                )
        return keys

    def database(self, name: str, default: str | None = None) -> dict[str, Any]:
        """A `postgres://` address as Django's settings of one database."""
        value = self.text(name, default)
        try:
            # the library warns about an address without a scheme, and repeats its password
            settings = environ.Env.db_url_config(value) if value.startswith(POSTGRES) else {}
        except (ValueError, KeyError, ImproperlyConfigured):
            settings = {}
        if "postgresql" not in str(settings.get("ENGINE")) or not settings.get("NAME"):
            raise BadVariable(
                f"{name} must be a PostgreSQL address such as postgres://user:password@host:5432/keyturn."
            )
        options = {"connect_timeout": CONNECT_TIMEOUT, **settings.get("OPTIONS", {})}
        return {**settings, "OPTIONS": options}

    def redis(self, name: str) -> str:
        """A `redis://`, `rediss://` or `unix://` address."""
        value = self.text(name)
        parts = _parts(value)
        if parts is None or parts.scheme not in {"redis", "rediss", "unix"}:
            raise BadVariable(f"{name} must be a Redis address such as redis://host:6379/0.")
        return value

    def email(self, name: str) -> dict[str, Any]:
        """A mail server's address as Django's EMAIL_* settings: `smtp`, `smtp+tls` or `smtp+ssl`.

        Or a provider's, with what django-anymail asks of it: `mailgun://?api_key=…&sender_domain=…`.
        """
        value = self.text(name)
        provider, separator, _ = value.partition("://")
        if separator and provider in mail_providers.BACKENDS:
            return self._provider(name, provider, value)
        try:
            settings = environ.Env.email_url_config(value)
        except (ValueError, KeyError, ImproperlyConfigured):
            settings = {}
        if "smtp" not in str(settings.get("EMAIL_BACKEND")) or not settings.get("EMAIL_HOST"):
            raise BadVariable(f"{name} must be a mail server such as smtp+tls://user:password@host:587.")
        settings.pop("EMAIL_FILE_PATH", None)
        return {**settings, "EMAIL_BACKEND": "properties.outgoing.MailServer"}

    def _provider(self, name: str, provider: str, value: str) -> dict[str, Any]:
        parts = _parts(value)
        asked = dict(parse_qsl(parts.query)) if parts is not None else {}
        if not asked:
            raise BadVariable(
                f"{name} must hold what {provider} asks for, such as {provider}://?api_key=…. "
                "docs/operations.md lists the providers."
            )
        return {
            "EMAIL_BACKEND": mail_providers.BACKENDS[provider],
            "PROVIDER": provider,
            "ANYMAIL": mail_providers.settings(provider, asked),
        }


def _parts(address: str) -> SplitResult | None:
    """An address taken apart, or None where it is none."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # looked at only now: 1 to 65535
    except ValueError:
        return None
    return parts


def _is_origin(parts: SplitResult) -> bool:
    has_more = parts.path or parts.query or parts.fragment or parts.username is not None
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not has_more
