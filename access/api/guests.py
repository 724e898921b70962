"""Guests."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from access import guest_queries, guests
from access.api import paging, problems
from access.api.fields import Email, Id, Name, Strict
from access.api.ids import Kind
from access.api.lists import list_of, listed
from access.api.operations import operation
from access.api.paging import PageQuery
from access.api.problems import Code, Problem
from access.api.views import ApiView
from access.models import Guest
from access.party_forms import LONGEST_ADDRESS, LONGEST_NAME
from properties import languages
from properties.api_scopes import Scope
from properties.clock import now

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


class GuestChange(Strict):
    """Name, address and language; what is left out stays."""

    name = Name(max_length=LONGEST_NAME, required=False)
    email = Email(max_length=LONGEST_ADDRESS, required=False, allow_blank=True)
    language = serializers.ChoiceField(choices=list(languages.NAMES), required=False)


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
        return Response(GuestOut(self._load(guest_id)).data)

    @operation(
        "change_guest",
        "Correct a guest's name, address or language",
        says=(
            "What is left out stays. Whoever has a stay that goes on or is to come is told the code again at "
            "a new address."
        ),
        scope=Scope.STAYS,
        tag=TAG,
        body=GuestChange,
        example={"email": "ada@guests.example"},
        answers=GuestOut,
        problems=[Code.NOT_FOUND, Code.GUEST_KNOWN, Code.GUEST_ERASED],
    )
    def patch(self, request: Request, guest_id: int) -> Response:
        """As the page does."""
        del request
        found = self._load(guest_id)
        self._correct(found, self.body)
        return Response(GuestOut(self._load(guest_id)).data)

    def _load(self, guest_id: int) -> Guest:
        found = guest_queries.all_of(self.organization, self.reach).filter(pk=guest_id).first()
        if found is None:
            raise problems.there_is_no("guest")
        return found

    def _correct(self, found: Guest, body: dict[str, Any]) -> None:
        if found.email and not body.get("email", found.email):
            raise ValidationError({"email": ["A guest who has an address is written to there."]}, "blank")
        known = {"name": found.name, "email": found.email, "language": found.language}
        try:
            guests.correct(guest=found, corrected_by=self.person, now=now(), **known | body)
        except guests.GuestIsKnown:
            raise Problem(Code.GUEST_KNOWN, "Nothing of the guest was changed.") from None
        except guests.GuestIsErased:
            raise Problem(Code.GUEST_ERASED, "Nothing of the guest was changed.") from None
