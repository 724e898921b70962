"""Fields that are stored encrypted, and digests by which their values can be compared.

Encryption is Fernet's, with the keys of `FIELD_KEYS`: the first encrypts, all decrypt, so a key is changed
by putting a new one in front. A digest is keyed too: whoever has only the database cannot try six digits.
"""

import base64
import hashlib
import hmac
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

LINK_BYTES = 24  # of chance in a link: nobody finds one by trying


class CannotDecrypt(Exception):
    """No key of `FIELD_KEYS` opens this value: a key was removed too early, or the value is damaged."""


class EncryptedTextField(models.TextField[str, str]):
    """A text that only the application can read."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way into the database."""
        if not value:
            return value
        return encrypt(str(value))

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        """Decrypt on the way out."""
        if not value:
            return value
        try:
            return decrypt(value)
        except CannotDecrypt:
            raise CannotDecrypt(f"{self.model.__name__}.{self.attname}") from None


def encrypt(text: str) -> str:
    """A text that only the application can read, for what others keep for us."""
    return _fernet().encrypt(text.encode()).decode("ascii")


def decrypt(encrypted_text: str) -> str:
    """The text again; raises CannotDecrypt."""
    try:
        return _fernet().decrypt(encrypted_text).decode()
    except (InvalidToken, ValueError):
        raise CannotDecrypt("no key opens this text") from None


def digest(value: str) -> str:
    """A keyed fingerprint (64 hex digits): equal for equal values, and telling nothing else."""
    return hmac.new(_digest_key(), value.encode(), hashlib.sha256).hexdigest()


def link_token(nonce: str) -> str:
    """The secret of a link, made of a nonce each time it is needed: 32 characters, 192 bits.

    So a link can be written into an e-mail again, word for word, and the database holds nothing that opens
    it: without the installation's secret key nobody makes a token of a nonce.
    """
    made = hmac.new(_link_key(), nonce.encode(), hashlib.sha256).digest()[:LINK_BYTES]
    return base64.urlsafe_b64encode(made).decode("ascii")


@cache
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


@cache
def _digest_key() -> bytes:
    """From the secret key, not the field keys: a rotation of those must not change every digest."""
    return hashlib.sha256(b"keyturn field digest" + settings.SECRET_KEY.encode()).digest()


@cache
def _link_key() -> bytes:
    """Of the same secret, and another key: no digest that is stored somewhere is ever a token."""
    return hashlib.sha256(b"keyturn link token" + settings.SECRET_KEY.encode()).digest()
