"""Who works for the business, and who is invited to: by the calls of the page, for whoever made the key.

Owners are neither invited nor removed here: to whom a business belongs is decided by people.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from access.api import paging, problems
from access.api.fields import Email, Id, Instant, Nothing, Strict
from access.api.ids import Kind, made
from access.api.lists import list_of, listed
from access.api.operations import operation
from access.api.paging import PageQuery
from access.api.problems import Code, Problem
from access.api.views import ApiView
from properties import invitations, limits, memberships, team
from properties.api_scopes import Scope
from properties.clock import now
from properties.invitations import Offer
from properties.models import Invitation, InvitationProperty, Membership, MembershipProperty
from properties.reach import EVERYWHERE, Reach
from properties.roles import Role, may_be_limited

TAG = "Team"
CREATED = 201
LONGEST_ADDRESS = 254
MOST_PROPERTIES = 200
BY_PROGRAMS = [role for role in Role if role is not Role.OWNER]
OF_SOME = {"type": ["array", "null"], "items": {"type": "string"}}


class MembershipOut(serializers.Serializer[Membership]):
    """A person's place in the business."""

    id = Id(Kind.MEMBERSHIP, source="pk")
    name = serializers.CharField(source="user.name", help_text="May be empty.")
    email = serializers.CharField(source="user.email")
    role = serializers.ChoiceField(choices=[one.value for one in Role])
    properties = serializers.SerializerMethodField(
        help_text="Those that they are limited to; null where they see all."
    )
    has_second_factor = serializers.BooleanField()
    since = Instant()

    @extend_schema_field(OF_SOME)
    def get_properties(self, member: Membership) -> list[str] | None:
        """Ids."""
        return _ids(member) if member.is_limited else None


class InvitationOut(serializers.Serializer[Invitation]):
    """An offer of a place in the business. The link to it stands in its e-mail alone."""

    id = Id(Kind.INVITATION, source="pk")
    email = serializers.CharField()
    role = serializers.ChoiceField(choices=[one.value for one in Role])
    properties = serializers.SerializerMethodField(
        help_text="Those that they will be limited to; null where they will see all."
    )
    state = serializers.SerializerMethodField()
    invited_at = Instant()
    expires_at = Instant()
    sent_at = Instant(allow_null=True, help_text="When the e-mail left.")

    @extend_schema_field(OF_SOME)
    def get_properties(self, invitation: Invitation) -> list[str] | None:
        """Ids."""
        return _ids(invitation) if invitation.is_limited else None

    @extend_schema_field({"type": "string", "enum": [one.value for one in Offer]})
    def get_state(self, invitation: Invitation) -> str:
        """What has become of it."""
        return invitations.offer(invitation, self.context["now"])


class InvitationIn(Strict):
    """Whom to invite, and what they will see."""

    email = Email(max_length=LONGEST_ADDRESS)
    role = serializers.ChoiceField(choices=[one.value for one in BY_PROGRAMS])
    properties: serializers.ListField = serializers.ListField(
        child=Id(Kind.PROPERTY),
        required=False,
        min_length=1,
        max_length=MOST_PROPERTIES,
        help_text="Only these, for staff and viewers; left out, they see all.",
    )

    def validate(self, attrs: Any) -> Any:
        """Managers see all, so nobody is told that they do not."""
        if "properties" in attrs and not may_be_limited(Role(attrs["role"])):
            raise ValidationError({"properties": ["A manager sees all properties."]}, "not_limitable")
        return attrs


class Memberships(ApiView):
    """Everybody who works for the business."""

    @operation(
        "list_memberships",
        "List who works for the business",
        says="The longest there first.",
        scope=Scope.ADMIN,
        tag=TAG,
        query=PageQuery,
        answers=list_of(MembershipOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        return listed(paging.page(_members_of(self), self.asked), MembershipOut)


class RemoveMember(ApiView):
    """Ending a person's place."""

    @operation(
        "remove_membership",
        "Remove somebody from the business",
        says=(
            "Their next click finds nothing. Keys that they made go on working. Owners are removed by people."
        ),
        scope=Scope.ADMIN,
        tag=TAG,
        body=Nothing,
        answers=MembershipOut,
        keeps_answers=True,
        problems=[Code.NOT_FOUND, Code.IS_OWNER],
    )
    def post(self, request: Request, membership_id: int) -> Response:
        """As the page does; answers who it was."""
        del request
        found = _members_of(self).select_related("organization").filter(pk=membership_id).first()
        if found is None:
            raise problems.there_is_no("membership")
        if found.role == Role.OWNER:
            raise Problem(Code.IS_OWNER, "Nobody was removed. Do it on the page of the team.")
        answer = MembershipOut(found).data
        with _refusals():
            team.remove(membership=found, removed_by=self.person, now=now())
        return Response(answer)


class Invitations(ApiView):
    """All invitations that wait."""

    @operation(
        "list_invitations",
        "List invitations that wait",
        says="In the order in which they were made; those that were accepted or withdrawn are left out.",
        scope=Scope.ADMIN,
        tag=TAG,
        query=PageQuery,
        answers=list_of(InvitationOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        return listed(paging.page(_waiting_of(self), self.asked), InvitationOut, {"now": now()})

    @operation(
        "create_invitation",
        "Invite somebody",
        says=(
            "An e-mail with a link goes to the address, and works for that address only. Owners are invited "
            "by people."
        ),
        scope=Scope.ADMIN,
        tag=TAG,
        body=InvitationIn,
        example={"email": "bob@harbour.example", "role": "staff"},
        answers=InvitationOut,
        status=CREATED,
        keeps_answers=True,
        problems=[
            Code.NOT_FOUND,
            Code.ADDRESS_INVITED,
            Code.ADDRESS_OF_MEMBER,
            Code.TOO_MANY_INVITATIONS,
        ],
    )
    def post(self, request: Request) -> Response:
        """As the page does."""
        del request
        reach = self._reach(self.body.get("properties"))
        with _refusals():
            offered = invitations.invite(
                organization=self.organization,
                email=self.body["email"],
                role=Role(self.body["role"]),
                invited_by=self.person,
                now=now(),
                reach=reach,
            )
        return _answer(self, offered.pk, status=CREATED)

    def _reach(self, property_ids: list[int] | None) -> Reach:
        if property_ids is None:
            return EVERYWHERE
        ours = limits.properties_of(self.organization).filter(pk__in=property_ids)
        found = frozenset(ours.values_list("pk", flat=True))
        if found != frozenset(property_ids):
            raise problems.there_is_no("property", field="properties")
        return Reach(found)


class Withdraw(ApiView):
    """Taking an invitation back."""

    @operation(
        "withdraw_invitation",
        "Withdraw an invitation",
        says="Its link ends at once.",
        scope=Scope.ADMIN,
        tag=TAG,
        body=Nothing,
        answers=InvitationOut,
        keeps_answers=True,
        problems=[Code.NOT_FOUND],
    )
    def post(self, request: Request, invitation_id: int) -> Response:
        """As the page does."""
        del request
        found = _waiting_of(self).select_related("organization").filter(pk=invitation_id).first()
        if found is None:
            raise problems.there_is_no("invitation")
        with _refusals():
            invitations.withdraw(invitation=found, withdrawn_by=self.person, now=now())
        return _answer(self, invitation_id)


def _answer(view: ApiView, invitation_id: int, *, status: int = 200) -> Response:
    found = _with_ids(Invitation.objects.filter(organization=view.organization)).get(pk=invitation_id)
    return Response(InvitationOut(found, context={"now": now()}).data, status=status)


@contextmanager
def _refusals() -> Iterator[None]:
    """Say why a team was not changed."""
    try:
        yield
    except (team.MayNotChangeTheTeam, invitations.MayNotInvite):
        detail = "Whoever made this key may not do this, or may not any more."
        raise Problem(Code.SCOPE_MISSING, detail) from None
    except team.LastOwner:
        raise Problem(Code.IS_OWNER, "Nobody was removed. A business needs an owner.") from None
    except team.NoMemberAnyMore:
        raise problems.there_is_no("membership") from None
    except invitations.InvitationIsOver:
        raise problems.there_is_no("invitation") from None
    except invitations.AddressIsInvited:
        raise Problem(Code.ADDRESS_INVITED, "Its invitation waits.", field="email") from None
    except invitations.AddressIsOfAMember:
        raise Problem(Code.ADDRESS_OF_MEMBER, "Nobody was invited.", field="email") from None
    except invitations.TooManyInvitations:
        raise Problem(Code.TOO_MANY_INVITATIONS, "Withdraw some that nobody accepts.") from None


def _members_of(view: ApiView) -> QuerySet[Membership]:
    chosen = MembershipProperty.objects.filter(membership=OuterRef("pk")).order_by("property")
    return memberships.of(view.organization).annotate(property_keys=ArraySubquery(chosen.values("property")))


def _waiting_of(view: ApiView) -> QuerySet[Invitation]:
    return _with_ids(invitations.waiting_of(view.organization))


def _with_ids(found: QuerySet[Invitation]) -> QuerySet[Invitation]:
    chosen = InvitationProperty.objects.filter(invitation=OuterRef("pk")).order_by("property")
    return found.annotate(property_keys=ArraySubquery(chosen.values("property")))


def _ids(row: Membership | Invitation) -> list[str]:
    keys: list[int] = getattr(row, "property_keys", [])
    return [made(Kind.PROPERTY, key) for key in keys]
