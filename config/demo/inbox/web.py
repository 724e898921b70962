"""Shows the mailbox on 127.0.0.1: pages for people, JSON for tests."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlsplit

from config.demo.inbox import pages
from config.demo.inbox.mailbox import Mailbox, NoSuchMessage

FILES = {
    "/inbox.css": "text/css; charset=utf-8",
    "/inbox.js": "text/javascript; charset=utf-8",
    "/inbox.svg": "image/svg+xml",
}
OWN_PAGES = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FOREIGN_HTML = (  # e-mails style themselves inline; they run nothing
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data: http: https:; font-src data:; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
DOWNLOAD = "default-src 'none'; sandbox"
OUR_NAMES = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True)
class Answer:
    """What goes back to the browser."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    policy: str = OWN_PAGES
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


class Pages:
    """Which address shows what of a mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._addresses: list[tuple[str, Callable[..., Answer]]] = [
            (r"/", self.newest),
            (r"/health", self.health),
            (r"/messages\.json", self.as_json),
            (r"(/inbox\.(?:css|js|svg))", self.file),
            (r"/messages/([\w-]+)", self.message),
            (r"/messages/([\w-]+)/html", self.html),
            (r"/messages/([\w-]+)/source", self.source),
            (r"/messages/([\w-]+)/attachments/(\d{1,3})", self.attachment),
        ]

    def answer(self, path: str) -> Answer:
        """Answer a GET of this path."""
        for pattern, show in self._addresses:
            if match := re.fullmatch(pattern, path):
                try:
                    return show(*match.groups())
                except NoSuchMessage:
                    break
        return Answer(b"There is nothing here.\n", "text/plain", status=HTTPStatus.NOT_FOUND)

    def newest(self) -> Answer:
        """Show the list, and beside it the newest message."""
        messages = self._mailbox.messages()
        shown = messages[0] if messages else None
        return Answer(pages.page(messages, shown=shown, chosen=False).encode())

    def message(self, name: str) -> Answer:
        """Show one message."""
        shown = self._mailbox.message(name)
        return Answer(pages.page(self._mailbox.messages(), shown=shown, chosen=True).encode())

    def html(self, name: str) -> Answer:
        """Show a message's own HTML, for the frame."""
        return Answer(pages.html_of(self._mailbox.message(name)).encode(), policy=FOREIGN_HTML)

    def source(self, name: str) -> Answer:
        """Show a message as it came."""
        return Answer(self._mailbox.source(name), "text/plain; charset=utf-8", policy=DOWNLOAD)

    def attachment(self, name: str, number: str) -> Answer:
        """Hand out a file; only images are ever shown by the browser itself."""
        attachments = self._mailbox.message(name).attachments
        if int(number) >= len(attachments):
            raise NoSuchMessage(f"Message {name} has no attachment {number}.")
        chosen = attachments[int(number)]
        kind = "inline" if chosen.content_id and chosen.content_type.startswith("image/") else "attachment"
        file_name = f"{kind}; filename*=UTF-8''{quote(chosen.name)}"
        headers = {"Content-Disposition": file_name}
        return Answer(chosen.content, chosen.content_type, policy=DOWNLOAD, headers=headers)

    def as_json(self) -> Answer:
        """Describe all messages for programs."""
        messages = [message.to_json() for message in self._mailbox.messages()]
        return Answer(json.dumps(messages).encode(), "application/json")

    def file(self, name: str) -> Answer:
        """Hand out a file of the page."""
        path = Path(__file__).parent / "page" / name.removeprefix("/")
        return Answer(path.read_bytes(), FILES[name])

    def health(self) -> Answer:
        """Say that we are here."""
        return Answer(b"well\n", "text/plain")


def show(mailbox: Mailbox, *, port: int) -> None:
    """Serve the pages until the process is ended."""
    the_pages = Pages(mailbox)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in OUR_NAMES:
                # A name that somebody pointed at this machine: its pages must not read our mail.
                answer = Answer(b"Ask for 127.0.0.1.\n", "text/plain", status=HTTPStatus.MISDIRECTED_REQUEST)
            else:
                answer = the_pages.answer(urlsplit(self.path).path)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Content-Security-Policy", answer.policy)
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("X-Content-Type-Options", "nosniff")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Stay silent: the page asks again and again."""

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
