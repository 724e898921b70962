"""Smart locks: how they are, how full, and what may be asked of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import capacity, lock_actions, lock_queries
from access.api import asked, paging, problems
from access.api.asked import LockActionOut
from access.api.fields import Id, Instant, Nothing
from access.api.ids import Kind, made
from access.api.lists import list_of, listed
from access.api.operations import operation
from access.api.paging import PageQuery
from access.api.problems import Code, Problem
from access.api.views import ApiView
from access.models import ApiRequest, AuditKind, Grant, GrantKind
from properties.api_scopes import Scope
from properties.clock import now
from properties.models import Door, SmartLock
from properties.pages import lock_health

TAG = "Locks"
ASKING = [Code.NOT_FOUND, Code.LOCK_GONE, Code.ACCOUNT_UNAVAILABLE, Code.ASKED_JUST_NOW]


class HealthOut(serializers.Serializer[Any]):
    """How a lock is, in a word for programs and one for people."""

    state = serializers.ChoiceField(choices=["ready", "look", "act"])
    sentence = serializers.CharField()


class BatteryOut(serializers.Serializer[Any]):
    """As Nuki last told."""

    charge = serializers.IntegerField(allow_null=True, help_text="Percent; null where Nuki does not tell.")
    is_critical = serializers.BooleanField()
    keypad_is_critical = serializers.BooleanField()


class CapacityOut(serializers.Serializer[Any]):
    """Places for keypad codes."""

    places = serializers.IntegerField()
    taken = serializers.IntegerField(help_text="By codes of ours and of others, now.")


class LockOut(serializers.Serializer[SmartLock]):
    """A smart lock, as it was last read."""

    id = Id(Kind.LOCK, source="pk")
    nuki_id = serializers.IntegerField(source="smartlock_id")
    name = serializers.CharField(source="called")
    kind = serializers.CharField(help_text="The device's name in shops.")
    door = serializers.SerializerMethodField()
    is_online = serializers.BooleanField()
    has_keypad = serializers.BooleanField()
    firmware = serializers.CharField()
    health = serializers.SerializerMethodField()
    battery = serializers.SerializerMethodField()
    capacity = serializers.SerializerMethodField()
    read_at = Instant(source="listed_at")
    offline_since = Instant(allow_null=True)
    gone_since = Instant(allow_null=True, help_text="Since when it is no longer in its Nuki account.")

    def get_door(self, lock: SmartLock) -> str | None:
        """The door it is on."""
        door = _door_of(lock)
        return made(Kind.DOOR, door.pk) if door else None

    @extend_schema_field(HealthOut)
    def get_health(self, lock: SmartLock) -> dict[str, Any]:
        """In a word, as the pages say it."""
        door = _door_of(lock)
        state, sentence = lock_health(lock, door.property.time_zone if door else "", self.context["now"])
        return {"state": state, "sentence": sentence}

    @extend_schema_field(BatteryOut)
    def get_battery(self, lock: SmartLock) -> dict[str, Any]:
        """Of lock and keypad."""
        return {
            "charge": lock.battery_charge,
            "is_critical": lock.battery_critical,
            "keypad_is_critical": lock.keypad_battery_critical,
        }

    @extend_schema_field(CapacityOut)
    def get_capacity(self, lock: SmartLock) -> dict[str, Any]:
        """How full it is."""
        ours: int = getattr(lock, "codes_of_ours", 0)
        places = capacity.places_of(lock.device_type)
        taken = min(places, ours + len(lock.foreign_codes))
        return {"places": places, "taken": taken}


class Locks(ApiView):
    """All locks."""

    @operation(
        "list_locks",
        "List locks",
        says="In the order in which they came.",
        scope=Scope.READ,
        tag=TAG,
        query=PageQuery,
        answers=list_of(LockOut),
    )
    def get(self, request: Request) -> Response:
        """A page of them."""
        del request
        page = paging.page(_locks_of(self), self.asked)
        return listed(page, LockOut, {"now": now()})


class OneLock(ApiView):
    """One lock."""

    @operation(
        "get_lock", "Get a lock", scope=Scope.READ, tag=TAG, answers=LockOut, problems=[Code.NOT_FOUND]
    )
    def get(self, request: Request, lock_id: int) -> Response:
        """If it is theirs."""
        del request
        return Response(LockOut(_load(self, lock_id), context={"now": now()}).data)


class Sync(ApiView):
    """Having a lock read again."""

    @operation(
        "sync_lock",
        "Have a lock read again",
        says="Nuki asks the lock itself, which takes seconds and costs its battery: once a minute at most.",
        scope=Scope.LOCKS,
        tag=TAG,
        body=Nothing,
        answers=LockActionOut,
        status=202,
        keeps_answers=True,
        problems=ASKING,
    )
    def post(self, request: Request, lock_id: int) -> Response:
        """As the page does."""
        del request
        lock = _load(self, lock_id)
        with _refusals(lock_actions.READS_AGAIN):
            wish = lock_actions.ask_to_read(lock=lock, asked_by=self.person, now=now())
        return asked.just_asked(wish)

    def answer_again(self, done: ApiRequest, **kwargs: Any) -> Response:
        """What was asked, and when."""
        del done
        return _asked_before(self, AuditKind.READING_ASKED, kwargs["lock_id"])


class Unlock(ApiView):
    """Opening a door now."""

    @operation(
        "unlock_lock",
        "Open a door now",
        says=(
            "Nuki is asked once, within 20 seconds or not at all. Once in 10 seconds at most. The answer is "
            "what was asked; get it by its id (`/lock-actions/{action_id}`) to learn whether the door opened."
        ),
        scope=Scope.UNLOCK,
        tag=TAG,
        body=Nothing,
        answers=LockActionOut,
        status=202,
        keeps_answers=True,
        problems=[*ASKING, Code.LOCK_OFFLINE],
    )
    def post(self, request: Request, lock_id: int) -> Response:
        """As the page does."""
        del request
        lock = _load(self, lock_id)
        with _refusals(lock_actions.OPENS_AGAIN):
            wish = lock_actions.ask_to_open(lock=lock, asked_by=self.person, now=now())
        return asked.just_asked(wish)

    def answer_again(self, done: ApiRequest, **kwargs: Any) -> Response:
        """What was asked, and when."""
        del done
        return _asked_before(self, AuditKind.OPENING_ASKED, kwargs["lock_id"])


def _asked_before(view: ApiView, kind: AuditKind, lock_id: int) -> Response:
    wish = asked.asked_by(view, kind, lock_id=lock_id)
    if wish is None:
        raise problems.there_is_no("lock")
    return asked.just_asked(wish)


@contextmanager
def _refusals(again: timedelta) -> Iterator[None]:
    """Say why a lock was not asked."""
    try:
        yield
    except lock_actions.LockIsGone:
        raise Problem(Code.LOCK_GONE, "Nothing was asked of it.") from None
    except lock_actions.LockDoesNotAnswer:
        raise Problem(Code.LOCK_OFFLINE, "Nothing was asked of it.") from None
    except lock_actions.AccountDoesNotAnswer:
        raise Problem(Code.ACCOUNT_UNAVAILABLE, "Nothing was asked of the lock.") from None
    except lock_actions.AskedJustNow:
        seconds = int(again.total_seconds())
        raise Problem(
            Code.ASKED_JUST_NOW, "What was asked before is under way.", retry_after=seconds
        ) from None


def _load(view: ApiView, lock_id: int) -> SmartLock:
    found = _locks_of(view).filter(pk=lock_id).first()
    if found is None:
        raise problems.there_is_no("lock")
    return found


def _locks_of(view: ApiView) -> QuerySet[SmartLock]:
    """With how many codes of ours are on each, or may be."""
    there = Q(asked_at__isnull=False) | Q(seen_at__isnull=False)
    ours = Grant.objects.filter(
        there, smart_lock=OuterRef("pk"), closed_at=None, kind=GrantKind.KEYPAD_CODE
    ).order_by()
    counted = ours.values("smart_lock").annotate(count=Count("pk")).values("count")
    ours_to_see = lock_queries.locks_of(view.organization, view.reach)
    return ours_to_see.annotate(codes_of_ours=Coalesce(Subquery(counted), 0))


def _door_of(lock: SmartLock) -> Door | None:
    door: Door | None = getattr(lock, "door", None)
    return door
