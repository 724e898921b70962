"""Guests."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import guest_queries
from access.api import paging, problems
from access.api.fields import Email, Id
from access.api.ids import Kind
from access.api.lists import list_of, listed
from access.api.operations import operation
from access.api.paging import PageQuery
from access.api.problems import Code
from access.api.views import ApiView
from access.models import Guest
from properties.api_scopes import Scope

TAG = "Guests"


class GuestOut(serializers.Serializer[Guest]):
    """A person with a stay. Once they were erased, name and address are empty."""

    id = Id(Kind.GUEST, source="pk")
    name = serializers.CharField()
    email = serializers.CharField()
    language = serializers.CharField()
    is_erased = serializers.SerializerMethodField()

    def get_is_erased(self, guest: Guest) -> bool:
        """Whether the personal data is gone."""
        return guest.erased_at is not None


class GuestQuery(PageQuery):
    """Those of one address."""

    email = Email(required=False, help_text="The whole address.")


class Guests(ApiView):
    """All guests."""

    @operation(
        "list_guests",
        "List guests",
        says="In the order in which they were first booked for. Those who were erased are left out.",
        scope=Scope.READ,
        tag=TAG,
        query=GuestQuery,
        answers=list_of(GuestOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        found = guest_queries.all_of(self.organization, self.reach).filter(erased_at=None)
        if "email" in self.asked:
            found = found.filter(email=self.asked["email"])
        return listed(paging.page(found, self.asked), GuestOut)


class OneGuest(ApiView):
    """One guest."""

    @operation(
        "get_guest", "Get a guest", scope=Scope.READ, tag=TAG, answers=GuestOut, problems=[Code.NOT_FOUND]
    )
    def get(self, request: Request, guest_id: int) -> Response:
        """If it is theirs."""
        del request
        found = guest_queries.all_of(self.organization, self.reach).filter(pk=guest_id).first()
        if found is None:
            raise problems.there_is_no("guest")
        return Response(GuestOut(found).data)
