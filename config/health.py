"""Whether this process can do its work, for load balancers, and whether the ticks run, for monitors."""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError

from properties import clock, heartbeat


def healthz(request: HttpRequest) -> JsonResponse:
    """200 when PostgreSQL and Redis answer, else 503 with what does not; with `?deep` 503 without ticks, too.

    Ticks that are not carried out are told and are no reason to take this process out of service: its pages
    show guests' and hosts' rows as well as ever, and another web process would do no better.
    """
    needed = {"database": _database_answers(), "redis": _redis_answers()}
    parts = {**needed, "ticks": needed["database"] and _ticks_keep_up()}
    asked = parts if "deep" in request.GET else needed
    return JsonResponse(parts, status=200 if all(asked.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    try:
        cache.get("healthz")
    except (RedisError, OSError):
        return False
    return True


def _ticks_keep_up() -> bool:
    try:
        return heartbeat.keeps_up(clock.now())
    except DatabaseError:  # it broke this moment, or its tables are older than this process
        return False
