"""Which installation of Keyturn this is: a short token in every label that we put on a lock.

Two installations may work on one Nuki account; each touches only what carries its own token.
"""

from properties.encryption import digest

TOKEN_LENGTH = 4


def token() -> str:
    """Four letters and digits, the same for as long as `SECRET_KEY` is."""
    return digest("installation")[:TOKEN_LENGTH]
