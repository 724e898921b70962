"""A real SMTP server for tests, which fails as it is told to: each fault once, then it takes mail."""

import asyncio
import email
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from enum import StrEnum
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.embedded import processes


class Fault(StrEnum):
    """What goes wrong with one message."""

    PUT_OFF = "451 at RCPT"
    NO_SUCH_ADDRESS = "550 at RCPT"
    REFUSES_CONTENT = "554 at DATA"
    IS_SILENT = "no answer at DATA"
    TAKES_AND_DROPS = "takes it, and hangs up before it says so"


@dataclass
class MailServer:
    """What arrived, and what is to go wrong next."""

    port: int
    arrived: list[EmailMessage] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)  # addresses that nobody has

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take an address or not."""
        if address in self.dead or self._is(Fault.NO_SUCH_ADDRESS):
            return "550 5.1.1 no such user"
        if self._is(Fault.PUT_OFF):
            return "451 4.7.1 greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message or not."""
        if self._is(Fault.REFUSES_CONTENT):
            return "554 5.7.1 refused"
        if self._is(Fault.IS_SILENT):
            await asyncio.sleep(2)
            return "451 too late"
        content = envelope.original_content or b""
        self.arrived.append(email.message_from_bytes(content, policy=default))
        if self._is(Fault.TAKES_AND_DROPS):
            transport: Any = server.transport
            transport.abort()
        return "250 kept"

    def numbers(self) -> list[str]:
        """The Message-IDs of what arrived."""
        return [str(message["Message-ID"]) for message in self.arrived]

    def _is(self, fault: Fault) -> bool:
        if self.faults and self.faults[0] is fault:
            self.faults.pop(0)
            return True
        return False


@contextmanager
def running() -> Iterator[MailServer]:
    """Listen on this machine until the block ends."""
    server = MailServer(processes.free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
