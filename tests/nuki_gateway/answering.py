"""A service that gives one prepared answer, byte for byte: what the simulator never says."""

import contextlib
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from threading import Event, Thread


@dataclass(frozen=True)
class Asked:
    """One call as it came."""

    line: str
    headers: Message
    body: bytes


@dataclass
class Answering:
    """Where the service is, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    """An answer with its length; header names are written with underscores."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def answering(given: bytes | None) -> Iterator[Answering]:
    """Give these bytes to every call and hang up; with None, stay silent until the block ends."""
    ending = Event()

    class Connection(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                line = self.rfile.readline().decode().strip()
                head = b"".join(iter(self.rfile.readline, b"\r\n"))
                headers = BytesParser().parsebytes(head)
                body = self.rfile.read(int(headers.get("Content-Length") or 0))
                service.asked.append(Asked(line, headers, body))
                if given is None:
                    ending.wait()
                else:
                    self.wfile.write(given)

        def finish(self) -> None:
            with contextlib.suppress(OSError):
                super().finish()

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection)
    service = Answering(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        ending.set()
        server.shutdown()
        thread.join()
        server.server_close()
