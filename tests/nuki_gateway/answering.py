"""A service that gives one prepared answer, byte for byte: what the simulator never says."""

import contextlib
import socketserver
import ssl
from collections.abc import Callable, Iterator
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
    connections: int = 0


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    """An answer with its length; header names are written with underscores."""
    headers = {"Connection": "close", **headers}
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def answering(given: bytes | None) -> Iterator[Answering]:
    """Give these bytes to every call and hang up; with None, stay silent until the block ends."""

    def speak(_: int, ending: Event) -> Iterator[bytes]:
        if given is None:
            ending.wait()
        else:
            yield given

    with _speaking(speak) as service:
        yield service


@contextmanager
def answering_in_turn(*given: bytes, keeps: bool = False) -> Iterator[Answering]:
    """Give each call the next of these, and the last to all further ones; `keeps` connections or hang up."""

    def speak(number: int, _: Event) -> Iterator[bytes]:
        yield given[min(number, len(given) - 1)]

    with _speaking(speak, keeps=keeps) as service:
        yield service


@contextmanager
def trickling(
    start: bytes, drop: bytes, *, every: float, tls: ssl.SSLContext | None = None
) -> Iterator[Answering]:
    """Give the start of an answer, and then a drop every so many seconds until the caller hangs up."""

    def speak(_: int, ending: Event) -> Iterator[bytes]:
        yield start
        while not ending.wait(every):
            yield drop

    with _speaking(speak, tls=tls) as service:
        yield service


@contextmanager
def _speaking(
    speak: Callable[[int, Event], Iterator[bytes]], *, keeps: bool = False, tls: ssl.SSLContext | None = None
) -> Iterator[Answering]:
    """Answer the call of a number in pieces; the event says that the block ends."""
    ending = Event()

    class Connection(socketserver.StreamRequestHandler):
        def setup(self) -> None:
            service.connections += 1
            if tls is not None:
                self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()

        def handle(self) -> None:
            with contextlib.suppress(OSError):
                while line := self.rfile.readline().decode().strip():
                    self.answer(line)
                    if not keeps:
                        return

        def answer(self, line: str) -> None:
            head = b"".join(iter(self.rfile.readline, b"\r\n"))
            headers = BytesParser().parsebytes(head)
            body = self.rfile.read(int(headers.get("Content-Length") or 0))
            service.asked.append(Asked(line, headers, body))
            for piece in speak(len(service.asked) - 1, ending):
                self.wfile.write(piece)

        def finish(self) -> None:
            with contextlib.suppress(OSError):
                super().finish()
            if tls is not None:
                self.request.close()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True  # a caller that keeps its connection would keep its thread too
        block_on_close = not keeps

    server = Server(("127.0.0.1", 0), Connection)
    service = Answering(f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        ending.set()
        server.shutdown()
        thread.join()
        server.server_close()
