"""API keys, for programs that look after them: which there are, and an end to one that leaked."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.api import paging, problems
from access.api.fields import Id, Instant, Nothing
from access.api.ids import Kind
from access.api.lists import list_of, listed
from access.api.operations import operation
from access.api.paging import PageQuery
from access.api.problems import Code, Problem
from access.api.views import ApiView
from access.models import ApiRequest
from properties import api_keys
from properties.api_scopes import Scope
from properties.clock import now
from properties.models import ApiKey

TAG = "API keys"


class ApiKeyOut(serializers.Serializer[ApiKey]):
    """A key, without what makes it one."""

    id = Id(Kind.API_KEY, source="pk")
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How it begins.")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=[one.value for one in Scope]))
    made_at = Instant()
    expires_at = Instant(allow_null=True)
    last_used_at = Instant(allow_null=True, help_text="Within a minute.")
    revoked_at = Instant(allow_null=True)


class ApiKeys(ApiView):
    """All keys."""

    @operation(
        "list_api_keys",
        "List API keys",
        says="In the order in which they were made, with those that were revoked.",
        scope=Scope.ADMIN,
        tag=TAG,
        query=PageQuery,
        answers=list_of(ApiKeyOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        found = ApiKey.objects.filter(organization=self.organization)
        return listed(paging.page(found, self.asked), ApiKeyOut)


class RevokeKey(ApiView):
    """Ending a key."""

    @operation(
        "revoke_api_key",
        "Revoke an API key",
        says="Its next request is refused. A key may revoke itself.",
        scope=Scope.ADMIN,
        tag=TAG,
        body=Nothing,
        answers=ApiKeyOut,
        keeps_answers=True,
        problems=[Code.NOT_FOUND],
    )
    def post(self, request: Request, key_id: int) -> Response:
        """As the page does."""
        del request
        try:
            api_keys.revoke(key=self._load(key_id), revoked_by=self.person, now=now())
        except api_keys.MayNotManageKeys:
            detail = "Whoever made this key may not manage keys any more."
            raise Problem(Code.SCOPE_MISSING, detail) from None
        return Response(ApiKeyOut(self._load(key_id)).data)

    def answer_again(self, done: ApiRequest, **kwargs: Any) -> Response:
        """The key as it is now."""
        del done
        return Response(ApiKeyOut(self._load(kwargs["key_id"])).data)

    def _load(self, key_id: int) -> ApiKey:
        ours = ApiKey.objects.filter(organization=self.organization).select_related("organization")
        found = ours.filter(pk=key_id).first()
        if found is None:
            raise problems.there_is_no("API key")
        return found
