"""HTTP/1.1 on a socket: reads requests, writes each answer in one piece, ends with connections open."""

import contextlib
import select
import socket
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from nuki_gateway.simulator.answers import Answer, Request
from nuki_gateway.simulator.api import Outcome
from nuki_gateway.simulator.orders import Wire

LONGEST_BODY = 1_000_000  # bytes
LONGEST_SILENCE = 120.0  # seconds, after which even the most patient caller is let go
GLANCE_SECONDS = 0.05  # how often a silent connection is looked at
BAD_REQUEST = 400
LENGTH_REQUIRED = 411
TOO_LARGE = 413
NO_CONTENT = 204


class Server(ThreadingHTTPServer):
    """The listening socket, and all connections that are open."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], respond: Callable[[Request], Outcome]) -> None:
        self.respond = respond
        self.ending = Event()
        self._open: set[socket.socket] = set()
        self._guard = Lock()
        super().__init__(address, _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then serve it in a thread."""
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection and forget it."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about callers that went away; anything else is a fault of ours and is shown."""
        if not self.ending.is_set():
            super().handle_error(request, client_address)

    def end(self) -> None:
        """Stop listening, break the connections that are open, and wait for their threads."""
        self.ending.set()
        self.shutdown()
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Connection(BaseHTTPRequestHandler):
    """One connection, which may carry many calls."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # buffered, so that head and body leave in one piece
    server: Server

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the base class's name
        """Write nothing: paths and queries may name people."""

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self._read_body()
        if body is None:
            return
        address = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=address.path,
            query=dict(parse_qsl(address.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        outcome = self.server.respond(request)
        if outcome.delay_seconds:
            self.server.ending.wait(outcome.delay_seconds)
        if outcome.wire is Wire.SILENT:
            self._stay_silent()
        if outcome.answer is None:
            self._break()
        elif outcome.wire is Wire.HALF:
            self._write_half(outcome.answer)
        else:
            self._write(outcome.answer)

    def _read_body(self) -> bytes | None:
        """Return the body, or None after refusing it; a body on GET is read and left alone."""
        if "Transfer-Encoding" in self.headers:
            self._refuse(LENGTH_REQUIRED)
            return None
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            self._refuse(BAD_REQUEST)
            return None
        if not 0 <= length <= LONGEST_BODY:
            self._refuse(TOO_LARGE)
            return None
        return self.rfile.read(length)

    def _refuse(self, status: int) -> None:
        self.close_connection = True
        self._write(Answer(status))

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != NO_CONTENT:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _write_half(self, answer: Answer) -> None:
        """Promise twice the body and send it once; an answer without a body ends in its first line."""
        self.close_connection = True
        if answer.body:
            length = {"Content-Length": str(2 * len(answer.body))}
            head = "".join(f"{name}: {value}\r\n" for name, value in {**answer.headers, **length}.items())
            whole = f"HTTP/1.1 {answer.status} OK\r\n{head}\r\n".encode() + answer.body
        else:
            whole = b"HTTP/1.1 20"
        with contextlib.suppress(OSError):
            self.wfile.write(whole)
            self.wfile.flush()
        self._break()

    def _stay_silent(self) -> None:
        """Send nothing until the caller gives up, the server ends, or the longest silence is over."""
        ends = time.monotonic() + LONGEST_SILENCE
        while time.monotonic() < ends and not self.server.ending.wait(GLANCE_SECONDS):
            ready, _, _ = select.select([self.connection], [], [], 0)
            if ready and not self.connection.recv(1, socket.MSG_PEEK):
                return

    def _break(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def serving(host: str, port: int, respond: Callable[[Request], Outcome]) -> Iterator[str]:
    """Serve in a thread until the block ends; yields the address."""
    server = Server((host, port), respond)
    thread = Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="simulated cloud", daemon=True
    )
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.end()
        thread.join()
