"""HTTP connections on which a whole answer has an end, and not only each piece of it.

A socket's time-out bounds one read, so a server that sends a byte a second keeps a call for hours, in its
headers too. Here each read waits no longer than what is left until the moment that `ending_at` names. Only
what is read is bounded: a name is looked up for as long as the system's resolver takes, and each address of
a host has the whole connect time-out.
"""

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter


class _Deadline(threading.local):
    """When the exchange of this thread ends, in monotonic seconds: a thread's connections are its own."""

    ends_at = 0.0  # outside of an exchange nothing is read


_deadline = _Deadline()


@contextmanager
def ending_at(moment: float) -> Iterator[None]:
    """Let no read of this thread last beyond a moment, in seconds of `time.monotonic`."""
    _deadline.ends_at = moment
    try:
        yield
    finally:
        _deadline.ends_at = 0.0


class DeadlineAdapter(HTTPAdapter):
    """Connections that heed `ending_at`. Nothing is tried again."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        _bound(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Make the pools of connections through a proxy, once for each proxy."""
        is_known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not is_known:
            _bound(manager)
        return manager


class _UntilTheEnd(io.RawIOBase):
    """What comes in on a socket, each read of which has only the time that is left."""

    def __init__(self, connected: socket.socket, incoming: io.RawIOBase) -> None:
        super().__init__()
        self._socket = connected
        self._incoming = incoming
        self._patience = connected.gettimeout()  # of one read, in seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = _deadline.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer did not end in time")
        self._socket.settimeout(left if self._patience is None else min(left, self._patience))
        return self._incoming.readinto(buffer)

    def close(self) -> None:
        self._incoming.close()
        super().close()


class _Answer(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_UntilTheEnd(sock, self.fp.detach()))


def _bound(manager: Any) -> None:
    """Have the connections of a pool manager read their answers until the end only."""
    manager.pool_classes_by_scheme = {
        scheme: type("BoundPool", (pool,), {"ConnectionCls": _bound_connection(pool.ConnectionCls)})
        for scheme, pool in manager.pool_classes_by_scheme.items()
    }


def _bound_connection(kind: Any) -> Any:
    return type("BoundConnection", (kind,), {"response_class": _Answer})
