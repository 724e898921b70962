"""Takes mail from anybody on this machine, for anybody anywhere."""

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.demo.inbox.mailbox import Mailbox

LARGEST_MESSAGE = 25 * 1024 * 1024  # bytes, as at most providers


class IntoMailbox:
    """Keeps each message; aiosmtpd calls it."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  its name
        """Keep the message before saying so."""
        content = envelope.original_content or b""
        self._mailbox.keep(content, sender=envelope.mail_from or "", recipients=envelope.rcpt_tos)
        return "250 kept"


def take_mail(mailbox: Mailbox, *, port: int) -> None:
    """Listen from now on, in a thread of its own."""
    Controller(IntoMailbox(mailbox), hostname="127.0.0.1", port=port, data_size_limit=LARGEST_MESSAGE).start()
