"""Nuki accounts: whether Nuki answers for them. Never a token."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.api import paging, problems
from access.api.fields import Id, Instant
from access.api.ids import Kind
from access.api.lists import list_of, listed
from access.api.operations import operation
from access.api.paging import PageQuery
from access.api.problems import Code
from access.api.views import ApiView
from properties import nuki_oauth, pages, queries
from properties.api_scopes import Scope
from properties.clock import now
from properties.models import NukiAccount
from properties.models.locks import SignsInWith

TAG = "Nuki accounts"


class AccountHealthOut(serializers.Serializer[Any]):
    """How an account is, in a word for programs and a sentence for people."""

    state = serializers.ChoiceField(choices=["ready", "look", "act"])
    word = serializers.CharField()
    sentence = serializers.CharField()


class NukiAccountOut(serializers.Serializer[NukiAccount]):
    """An account at Nuki Web, in whose name Keyturn writes codes."""

    id = Id(Kind.NUKI_ACCOUNT, source="pk")
    name = serializers.CharField()
    signs_in_with = serializers.ChoiceField(choices=[one.value for one in SignsInWith])
    health = serializers.SerializerMethodField()
    is_told = serializers.SerializerMethodField(
        help_text="Whether Nuki calls us when something happens; else we ask."
    )
    connected_at = Instant()
    broken_since = Instant(allow_null=True, help_text="Since when Nuki refuses its token or sign-in.")
    paused_until = Instant(allow_null=True, help_text="Until when we leave it alone, as it did not answer.")

    @extend_schema_field(AccountHealthOut)
    def get_health(self, account: NukiAccount) -> dict[str, str]:
        """As the pages say it."""
        signs_in = account.is_signed_in_at_nuki and nuki_oauth.is_set_up()
        state, word, sentence = pages.account_state(account, self.context["now"], signs_in=signs_in)
        return {"state": state, "word": word, "sentence": sentence}

    def get_is_told(self, account: NukiAccount) -> bool:
        """Whether there is a webhook."""
        return account.webhook_id is not None


class NukiAccounts(ApiView):
    """All Nuki accounts."""

    @operation(
        "list_nuki_accounts",
        "List Nuki accounts",
        says="In the order in which they were connected.",
        scope=Scope.READ,
        tag=TAG,
        query=PageQuery,
        answers=list_of(NukiAccountOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        return listed(paging.page(_accounts_of(self), self.asked), NukiAccountOut, {"now": now()})


class OneNukiAccount(ApiView):
    """One Nuki account."""

    @operation(
        "get_nuki_account",
        "Get a Nuki account",
        scope=Scope.READ,
        tag=TAG,
        answers=NukiAccountOut,
        problems=[Code.NOT_FOUND],
    )
    def get(self, request: Request, account_id: int) -> Response:
        """If it is theirs."""
        del request
        found = _accounts_of(self).filter(pk=account_id).first()
        if found is None:
            raise problems.there_is_no("Nuki account")
        return Response(NukiAccountOut(found, context={"now": now()}).data)


def _accounts_of(view: ApiView) -> QuerySet[NukiAccount]:
    """Without their secrets, which are not even read."""
    ours = queries.nuki_accounts_of(view.organization, view.reach).prefetch_related(None)
    return ours.defer("token", "refresh_token", "webhook_secret")
