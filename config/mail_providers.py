"""The providers of e-mail that django-anymail knows, by the name that `EMAIL_URL` begins with."""

from collections.abc import Mapping
from typing import Any

TIMEOUT = 20  # seconds, as with a mail server
OF_ALL = frozenset({"webhook_secret"})  # what Anymail asks for whichever provider it is

NAMES = (
    *("brevo", "mailersend", "mailgun", "mailjet", "mailtrap", "mandrill", "postal", "postmark", "resend"),
    *("sendgrid", "sparkpost", "amazon_ses", "unisender_go"),
)
BACKENDS = {name.replace("_", "-"): f"anymail.backends.{name}.EmailBackend" for name in NAMES}


def settings(provider: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """Anymail's own settings: `api_key` of Mailgun is `MAILGUN_API_KEY`."""
    prefix = provider.replace("-", "_").upper()
    named = {
        (name.upper() if name in OF_ALL else f"{prefix}_{name.upper()}"): value
        for name, value in asked.items()
    }
    # which address was refused is worked out for each, and is no failure of the message
    return {**named, "REQUESTS_TIMEOUT": TIMEOUT, "IGNORE_RECIPIENT_STATUS": True}
