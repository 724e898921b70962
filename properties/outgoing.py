"""Handing e-mails over: to a mail server, or to a provider that is called over HTTP."""

import smtplib
from collections.abc import Mapping
from email.utils import parseaddr
from enum import StrEnum
from http import HTTPStatus
from socket import gaierror

from anymail.exceptions import AnymailError
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

# what a mail server, the way there, or a provider's API may answer
NOT_ACCEPTED = (smtplib.SMTPException, OSError, AnymailError)
PERMANENT = 500  # SMTP: from here on the answer stays the same
ASKED_LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
TAKES_NO_MAIL = frozenset({"invalid", "rejected"})  # what providers say of addresses
Answers = Mapping[str, tuple[int, bytes]]


class NotTaken(StrEnum):
    """Why a message was not taken."""

    NOBODY_THERE = "nobody there"
    SILENCE = "silence"  # the only one of which nobody knows whether the message left
    PUT_OFF = "put off"
    REFUSED = "refused"


class MailServer(EmailBackend):
    """Django's way to a mail server, which also keeps what the server said of single addresses.

    Of several addresses some may be taken and some not: the message then has `refused_addresses`.
    """

    def _send(self, email_message: EmailMessage) -> bool:
        if not email_message.recipients() or self.connection is None:
            return False
        encoding = email_message.encoding or "utf-8"
        sender = sanitize_address(email_message.from_email, encoding)
        recipients = [sanitize_address(address, encoding) for address in email_message.recipients()]
        content = email_message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own
        refused = self.connection.sendmail(sender, recipients, content)
        email_message.refused_addresses = refused  # type: ignore[attr-defined]  # as Anymail keeps its status
        return True


def refused_addresses(message: EmailMessage) -> Answers:
    """What a mail server said of the addresses that it did not take, of a message that it took."""
    return by_address(getattr(message, "refused_addresses", {}))


def by_address(answers: Answers) -> Answers:
    """The same by bare addresses, without the names of people."""
    return {parseaddr(written)[1]: answer for written, answer in answers.items()}


def statuses(message: EmailMessage) -> Mapping[str, str]:
    """What a provider said of each address; empty where the message went to a mail server."""
    status = getattr(message, "anymail_status", None)
    return {address: one.status or "" for address, one in status.recipients.items()} if status else {}


def provider_id(message: EmailMessage) -> str:
    """The provider's own number of the message, by which it speaks of it later. Empty without a provider."""
    status = getattr(message, "anymail_status", None)
    numbers = {one.message_id for one in status.recipients.values() if one.message_id} if status else set()
    return str(min(numbers)) if numbers else ""


def why(failure: BaseException) -> NotTaken:
    """What a failure (`NOT_ACCEPTED`) means. Without a clear "no" the message may be on its way."""
    code = failure.status_code if isinstance(failure, AnymailError) else getattr(failure, "smtp_code", None)
    if isinstance(failure, AnymailError):
        if code in ASKED_LATER:
            return NotTaken.PUT_OFF
        is_silence = code >= HTTPStatus.INTERNAL_SERVER_ERROR if code else isinstance(failure, OSError)
        return NotTaken.SILENCE if is_silence else NotTaken.REFUSED
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return NotTaken.PUT_OFF
    if code is not None:
        return NotTaken.REFUSED if code >= PERMANENT else NotTaken.PUT_OFF
    if isinstance(failure, smtplib.SMTPNotSupportedError):
        return NotTaken.REFUSED
    is_unreached = isinstance(failure, ConnectionRefusedError | gaierror)
    return NotTaken.NOBODY_THERE if is_unreached else NotTaken.SILENCE
