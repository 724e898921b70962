"""`Idempotency-Key`: a POST that is sent again under its key is answered, and not carried out again."""

import hashlib
import json
import re

import structlog
from django.db import DatabaseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from access import api_requests
from access.api.problems import Code, Problem
from access.models import ApiRequest
from properties.clock import now
from properties.encryption import digest
from properties.models import Organization

log = structlog.get_logger(__name__)

HEADER = "Idempotency-Key"
REPLAYED = {"Idempotent-Replayed": "true"}
WRITTEN = re.compile(r"[!-~]{1,255}", re.ASCII)
SUCCESSES = range(200, 300)


def claim(request: Request, organization: Organization) -> ApiRequest | None:
    """The request under its key; None without one. Raises Problem where it cannot be carried out now."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not WRITTEN.fullmatch(key):
        raise Problem(Code.IDEMPOTENCY_KEY_INVALID, "It has 1 to 255 visible ASCII characters.")
    try:
        return api_requests.claim(
            organization=organization, key=key, fingerprint=_fingerprint(request), now=now()
        )
    except api_requests.KeyIsReused:
        raise Problem(
            Code.IDEMPOTENCY_KEY_REUSED, "Take another key for another method, address or body."
        ) from None
    except api_requests.IsInProgress:
        raise Problem(Code.IN_PROGRESS, "Ask again for its answer.", retry_after=1) from None


def replay(kept: ApiRequest) -> Response:
    """What was answered before."""
    headers = REPLAYED | ({"ETag": kept.etag} if kept.etag else {})
    return Response(json.loads(kept.answer), status=kept.status, headers=headers)


def settle(claimed: ApiRequest, response: Response) -> None:
    """Keep a success; forget a refusal, which changed nothing."""
    try:
        if response.status_code in SUCCESSES:
            answer = json.dumps(response.data, cls=JSONEncoder)
            etag = response.headers.get("ETag", "")
            api_requests.answered(claimed, status=response.status_code, etag=etag, answer=answer)
        else:
            api_requests.give_up(claimed)
    except DatabaseError:  # the change is there or not whatever becomes of its answer: the row says which
        log.exception("api_answer_not_kept", request_id=claimed.pk)


def _fingerprint(request: Request) -> str:
    http = request._request  # noqa: SLF001  REST framework reads the body once only; the one below keeps it
    parts = (str(request.method).encode(), http.path_info.encode("utf-8", "replace"), http.body)
    return digest(hashlib.sha256(b"\n".join(parts)).hexdigest())  # keyed: a body may have a code in it
