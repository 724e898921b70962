"""The messages as files: kept as they came, read as a person would."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from secrets import token_hex

ENVELOPE_FROM, ENVELOPE_TO = "X-Keyturn-Envelope-From", "X-Keyturn-Envelope-To"
SHOWN_HEADERS = ("From", "To", "Cc", "Reply-To", "Date", "Message-ID", "List-Unsubscribe", "Auto-Submitted")


class NoSuchMessage(Exception):
    """No message is kept under this name."""


@dataclass(frozen=True)
class Attachment:
    """A part that is not the text: a file, or an image that the HTML shows."""

    name: str
    content_type: str
    content_id: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """One message; its id sorts by arrival."""

    id: str
    sender: str
    to: str
    envelope_to: str
    subject: str
    date: datetime
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    attachments: tuple[Attachment, ...]

    def to_json(self) -> dict[str, object]:
        """Describe it for programs."""
        return {
            "id": self.id,
            "from": self.sender,
            "to": self.to,
            "subject": self.subject,
            "date": self.date.isoformat(),
            "text": self.text,
            "html": self.html,
            "attachments": [attachment.name for attachment in self.attachments],
        }


class Mailbox:
    """A directory of messages."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory

    def keep(self, content: bytes, *, sender: str, recipients: Sequence[str]) -> None:
        """Write a message down, its envelope as two headers more."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{token_hex(3)}"  # in the order of arrival
        envelope = f"{ENVELOPE_FROM}: {sender}\r\n{ENVELOPE_TO}: {', '.join(recipients)}\r\n"
        draft = self._directory / f"{name}.draft"
        draft.write_bytes(envelope.encode("ascii", "replace") + content)
        draft.rename(draft.with_suffix(".eml"))

    def messages(self) -> list[Message]:
        """Read all messages, the newest first."""
        return [_read(path) for path in sorted(self._directory.glob("*.eml"), reverse=True)]

    def message(self, name: str) -> Message:
        """Read one message."""
        return _read(self._path(name))

    def source(self, name: str) -> bytes:
        """Read one message as it came."""
        return self._path(name).read_bytes()

    def _path(self, name: str) -> Path:
        for path in self._directory.glob("*.eml"):
            if path.stem == name:
                return path
        raise NoSuchMessage(f"There is no message {name}.")


@lru_cache(maxsize=500)  # a file never changes once it has its name
def _read(path: Path) -> Message:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    bodies = [part for part in (text, html) if part is not None]
    envelope_to = str(message.get(ENVELOPE_TO, ""))
    return Message(
        id=path.stem,
        sender=str(message.get("From", message.get(ENVELOPE_FROM, ""))),
        to=str(message.get("To", envelope_to)),
        envelope_to=envelope_to,
        subject=str(message.get("Subject", "")).strip() or "(no subject)",
        date=_date_of(message, path),
        text=_text_of(text),
        html=_text_of(html),
        headers=tuple((name, str(message[name])) for name in SHOWN_HEADERS if message.get(name)),
        attachments=tuple(_attachments(message, besides=bodies)),
    )


def _date_of(message: EmailMessage, path: Path) -> datetime:
    try:
        date = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return date.astimezone(UTC)


def _text_of(part: MIMEPart | None) -> str:
    if part is None:
        return ""
    content = part.get_payload(decode=True)
    charset = part.get_content_charset("utf-8")
    try:
        return content.decode(charset, "replace") if isinstance(content, bytes) else ""
    except LookupError:  # a character set that Python does not know
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _attachments(message: EmailMessage, *, besides: Sequence[MIMEPart]) -> Iterator[Attachment]:
    for part in message.walk():
        content = part.get_payload(decode=True)
        if part.is_multipart() or part in besides or not isinstance(content, bytes):
            continue
        name = part.get_filename() or f"part.{part.get_content_subtype()}"
        yield Attachment(name, part.get_content_type(), str(part.get("Content-ID", "")).strip("<> "), content)
