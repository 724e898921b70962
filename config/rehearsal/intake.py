"""Nuki's calls to the portal, led to its web application within the process, and forged ones among them."""

import io
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from config.wsgi import application
from nuki_gateway.simulator import Post

UNAUTHORIZED = 401


class Intake:
    """Carries deliveries to the portal while it is alive."""

    def __init__(
        self,
        *,
        chance: random.Random,
        forged: float,
        is_alive: Callable[[], bool],
        accepted: Callable[[int], None],
        beside: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._chance = chance
        self._forged = forged
        self._is_alive = is_alive
        self._accepted = accepted
        self._beside = beside

    def carry(self, post: Post) -> int:
        """The status of the answer; raises ConnectionRefusedError while nobody is there."""
        if not self._is_alive():
            raise ConnectionRefusedError
        with self._beside():
            if self._chance.random() < self._forged:
                self._accepted(_call(_forged(post)))
            return _call(post)


def _forged(post: Post) -> Post:
    """The same call, changed by somebody who does not know the secret."""
    return replace(post, body=post.body.replace(b'"deleted":false', b'"deleted":true') + b" ")


def _call(post: Post) -> int:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": urlsplit(post.url).path,
        "QUERY_STRING": "",
        "CONTENT_TYPE": post.headers["Content-Type"],
        "CONTENT_LENGTH": str(len(post.body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(post.body),
        "wsgi.errors": io.StringIO(),
    }
    environ |= {
        "HTTP_" + name.upper().replace("-", "_"): value
        for name, value in post.headers.items()
        if name != "Content-Type"
    }
    statuses: list[int] = []

    def start_response(status: str, _headers: object, _failure: object = None) -> None:
        statuses.append(int(status.split(" ", 1)[0]))

    answer = application(environ, start_response)
    for _ in answer:
        continue
    close = getattr(answer, "close", None)
    if close is not None:
        close()
    return statuses[0]
