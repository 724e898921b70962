"""The line to the simulated Nuki Web: calls are carried within the process, and take virtual time."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from config.rehearsal.times import StageClock
from nuki_gateway.simulator import Simulator
from nuki_gateway.simulator.answers import Request
from nuki_gateway.simulator.api import Outcome
from nuki_gateway.simulator.orders import Wire
from nuki_gateway.transport import READ_TIMEOUT

USUAL = 0.2  # seconds from a call to its answer: to a server on the same continent, and its own checks
NO_ANSWER = 0


@dataclass(frozen=True)
class Carried:
    """One call and what became of it. `status` is 0 where the caller got no whole answer."""

    request: Request
    outcome: Outcome
    status: int


class Line(BaseAdapter):
    """What `requests` uses in place of the network.

    `before` is called with each request before it is carried, and may end the caller; `after` with what
    became of it, before the caller hears.
    """

    def __init__(
        self,
        simulator: Simulator,
        clock: StageClock,
        *,
        before: Callable[[Request], None],
        after: Callable[[Carried], None],
    ) -> None:
        super().__init__()
        self._simulator = simulator
        self._clock = clock
        self._before = before
        self._after = after

    def send(  # noqa: PLR0917  the base class's signature
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002  the base class's signature
        timeout: object = None,
        verify: object = True,  # noqa: FBT002  the same
        cert: object = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Carry one call; raises what `requests` raises when an answer does not come."""
        del stream, timeout, verify, cert, proxies
        asked = _asked(request)
        self._before(asked)
        outcome = self._simulator.answer(asked)
        is_silent = outcome.wire is Wire.SILENT or outcome.delay_seconds > READ_TIMEOUT
        is_whole = outcome.answer is not None and outcome.wire is Wire.WHOLE and not is_silent
        status = outcome.answer.status if outcome.answer is not None and is_whole else NO_ANSWER
        self._clock.sleep(READ_TIMEOUT if is_silent else USUAL + outcome.delay_seconds)
        self._after(Carried(asked, outcome, status))
        if is_silent:
            raise requests.ReadTimeout(request=request)
        if outcome.answer is None or outcome.wire is Wire.BROKEN:
            raise requests.ConnectionError(request=request)
        if outcome.wire is Wire.HALF:
            raise requests.exceptions.ChunkedEncodingError(request=request)
        return _response(request, outcome)

    def close(self) -> None:
        """Nothing is open."""


def _asked(request: requests.PreparedRequest) -> Request:
    address = urlsplit(request.url or "")
    body = request.body or b""
    return Request(
        method=request.method or "GET",
        path=address.path,
        query=dict(parse_qsl(address.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body.encode() if isinstance(body, str) else body,
    )


def _response(request: requests.PreparedRequest, outcome: Outcome) -> requests.Response:
    answer = outcome.answer
    if answer is None:
        raise ValueError("there is no answer")
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(answer.headers)
    response.raw = io.BytesIO(answer.body)
    response.url = request.url or ""
    response.request = request
    return response
