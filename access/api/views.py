"""What all addresses of the API have in common: the key, its scope, whose rows, and how answers look."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from access import audit
from access.api import fields, idempotency, limits, parsing, problems
from access.api.keys import KeyAuthentication
from access.api.limits import Allowance
from access.api.operations import Operation, operation_of
from access.api.problems import Code, Problem
from access.models import ApiRequest
from properties import api_keys, api_scopes, clock, tenancy
from properties.models import ApiKey, Organization, User
from properties.reach import Reach

LANGUAGE = "en"  # of sentences; programs go by codes


class WasAnswered(Exception):
    """The same request was answered before."""


class WasDone(Exception):
    """The same request was carried out before, by a process that died before it could answer."""


class ApiView(APIView):
    """One address. Each of its methods is an operation, which says what it needs and takes (`operations`)."""

    authentication_classes: Sequence[type[BaseAuthentication]] = [KeyAuthentication]
    http_method_names = ["get", "head", "post", "put", "patch"]

    asked: dict[str, Any]  # of the address, after its question mark
    body: dict[str, Any]
    kept: ApiRequest | None = None  # that was answered before
    claimed: ApiRequest | None = None  # to be carried out, and answered for
    allowance: Allowance | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer inside the scope of the key's business."""
        with ExitStack() as self.entered:
            self.entered.enter_context(translation.override(LANGUAGE))
            response = super().dispatch(request, *args, **kwargs)
            if self.claimed is not None and isinstance(response, Response):
                idempotency.settle(self.claimed, response)
            return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find out who calls, whether they may, and what exactly they ask for."""
        super().initial(request, *args, **kwargs)
        moment = clock.now()
        structlog.contextvars.bind_contextvars(
            api_key_id=self.key.pk, organization_id=self.key.organization_id
        )
        self.allowance = limits.count(self.key, seconds=moment.timestamp())
        if self.allowance is not None and self.allowance.is_used_up:
            raise limits.refusal(self.allowance)
        operation = operation_of(self, str(request.method))
        if operation is None:
            return  # the method is refused
        self._check_scope(operation)
        api_keys.note_use(self.key, now=moment)
        self._read(request, operation)
        self.entered.enter_context(tenancy.within(self.organization))
        self._claim(request, operation)

    def handle_exception(self, exc: Exception) -> Response:
        """Refusals in one form; and answers that were given, or ought to have been given, before."""
        if isinstance(exc, WasAnswered) and self.kept is not None:
            return idempotency.replay(self.kept)
        if isinstance(exc, WasDone) and self.claimed is not None:
            try:
                return self.answer_again(self.claimed, **self.kwargs)
            except Exception as failure:  # noqa: BLE001  whatever it is, it becomes an answer
                return super().handle_exception(failure)
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What every answer carries."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        _sign(answer)
        for name, value in (self.allowance.headers() if self.allowance else {}).items():
            answer[name] = value
        return answer

    def answer_again(self, done: ApiRequest, **kwargs: Any) -> Response:
        """What would have been answered for a change that is there already."""
        raise NotImplementedError

    @property
    def key(self) -> ApiKey:
        """The key of the caller."""
        key = self.request.auth
        if not isinstance(key, ApiKey):
            raise TypeError("Only whoever has a key comes as far as this.")
        return key

    @property
    def organization(self) -> Organization:
        """The business for which the caller acts."""
        return self.key.organization

    @property
    def reach(self) -> Reach:
        """What of the business the caller sees."""
        return self.key.reach

    @property
    def person(self) -> User:
        """Who made the key, and answers for what is done with it."""
        return self.key.made_by

    def _check_scope(self, operation: Operation) -> None:
        if not api_scopes.allows(self.key.scopes, operation.scope):
            raise Problem(
                Code.SCOPE_MISSING,
                f"This needs a key with the scope {operation.scope}.",
                more={"scope": operation.scope.value},
            )

    def _read(self, request: Request, operation: Operation) -> None:
        parsing.check_size(request)
        _ = request._request.body  # noqa: SLF001  kept by Django: what is asked twice is known by it
        self.asked = fields.read(operation.query, request.query_params.dict())
        self.body = fields.read(operation.body, request.data) if operation.body else {}

    def _claim(self, request: Request, operation: Operation) -> None:
        asked = idempotency.claim(request, self.organization) if operation.keeps_answers else None
        if asked is not None and asked.status is not None:
            self.kept = asked
            raise WasAnswered
        self.claimed = asked
        self.entered.enter_context(audit.asked_by(audit.Program(self.key, asked)))
        if asked is not None and asked.done_at is not None:
            raise WasDone


class NotThere(APIView):
    """Every address under the API's that is none, whoever asks."""

    authentication_classes: Sequence[type[BaseAuthentication]] = []
    permission_classes: Sequence[Any] = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whatever the method."""
        del request, args, kwargs
        raise Problem(Code.NOT_FOUND, "There is no such address.")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What every answer carries."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        _sign(answer)
        return answer


def _sign(answer: Any) -> None:
    answer["X-Request-ID"] = problems.request_id()
    answer["Cache-Control"] = "no-store"
    answer["Content-Language"] = LANGUAGE
