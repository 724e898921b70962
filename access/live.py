"""Telling open pages that something changed, so that they ask for it anew: ids only, never what changed.

Whoever changes something tells; Redis carries it to every web process, and there one thread hands it to the
streams of the pages. News may be lost without harm: pages ask by themselves too, only later.
"""

import json
import threading
import time
from collections.abc import Iterable, Iterator
from functools import cache, partial
from queue import Empty, Full, Queue
from weakref import WeakKeyDictionary

import redis
import structlog
from django.conf import settings
from django.db import connections, transaction

from access import installation
from access.broker import broker

log = structlog.get_logger(__name__)

ACTIVITY = "activity"  # the topic of all that happens at an organization's doors

RECONNECT = 1.0  # seconds
HEARTBEAT = 15.0  # seconds; a comment, so that nothing on the way takes the silence for the end
LONGEST_STREAM = 300.0  # seconds; then the browser comes again, and its rights are looked at anew
KEPT_FOR_A_STREAM = 100  # news that a slow reader has not taken; it is told of the rest by asking anew
LISTENING = b"retry: 2000\nevent: listening\ndata: []\n\n"  # what changed before this was not heard
STILL_HERE = b": still here\n\n"
GATHERING = 0.02  # seconds in which news that come together become one


class TooManyStreams(Exception):
    """This process keeps as many pages informed as it may: `LIVE_STREAMS`."""


def stay_topic(stay_id: int) -> str:
    """What is told when something about a stay changed."""
    return f"stay:{stay_id}"


def lock_topic(lock_id: int) -> str:
    """What is told when something happened at a smart lock."""
    return f"lock:{lock_id}"


def topic_of(stay_id: int | None, lock_id: int) -> str:
    """What is told when something about a grant changed: its stay's, and a backup code's its lock's."""
    return lock_topic(lock_id) if stay_id is None else stay_topic(stay_id)


def tell(organization_id: int, topics: Iterable[str]) -> None:
    """Tell the organization's open pages, once the transaction that is open now has ended well."""
    transaction.on_commit(partial(_publish, organization_id, sorted(topics)))


def _publish(organization_id: int, topics: list[str]) -> None:
    if broker.is_resting():
        return
    try:
        connection().publish(_channel(organization_id), json.dumps(topics))
    except (redis.RedisError, OSError) as failure:
        broker.failed()
        log.warning("pages_not_told", organization_id=organization_id, reason=type(failure).__name__)


@cache
def connection() -> redis.Redis:
    """This process's connections to Redis; a request never waits longer for one than these seconds."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)


def _channel(organization_id: int | str) -> str:
    """Channels are no part of a Redis database: its number stands in the name instead."""
    number = connection().connection_pool.connection_kwargs.get("db", 0)
    return f"keyturn:{installation.token()}:{number}:live:{organization_id}"


class _Hub:
    """The streams of this process, and the one thread that listens to Redis for them."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        # weak: a stream that a broken request left behind takes no room
        self._streams: WeakKeyDictionary[Queue[list[str]], int] = WeakKeyDictionary()
        self._listens = False
        self.is_ready = threading.Event()

    def join(self, organization_id: int, most: int) -> Queue[list[str]]:
        """Have this organization's news from now on; raises TooManyStreams."""
        news: Queue[list[str]] = Queue(KEPT_FOR_A_STREAM)
        with self._guard:
            if len(self._streams) >= most:
                raise TooManyStreams
            self._streams[news] = organization_id
            if not self._listens:
                self._listens = True
                self.is_ready = threading.Event()  # its own: a thread that is ending clears none of another
                threading.Thread(target=self._listen, args=(self.is_ready,), name="live", daemon=True).start()
        return news

    def leave(self, news: Queue[list[str]]) -> None:
        """End it. The thread ends when the last one has left."""
        with self._guard:
            self._streams.pop(news, None)

    def _listen(self, is_ready: threading.Event) -> None:
        prefix = _channel("")
        while self._is_wanted():
            try:
                self._hear(prefix, is_ready)
            except (redis.RedisError, OSError) as failure:
                log.info("live_not_heard", reason=type(failure).__name__)
                time.sleep(RECONNECT)
            else:
                return  # nobody was left; for whoever has joined since there is another thread

    def _is_wanted(self) -> bool:
        with self._guard:
            self._listens = bool(self._streams)
            return self._listens

    def _hear(self, prefix: str, is_ready: threading.Event) -> None:
        with connection().pubsub() as subscription:  # type: ignore[no-untyped-call]
            subscription.psubscribe(f"{prefix}*")
            try:
                while self._is_wanted():
                    message = subscription.get_message(timeout=1.0)
                    if message is None:
                        continue
                    if message["type"] == "psubscribe":
                        is_ready.set()
                    elif message["type"] == "pmessage":
                        self._hand_out(message["channel"].decode().removeprefix(prefix), message["data"])
            finally:
                is_ready.clear()

    def _hand_out(self, organization: str, content: bytes) -> None:
        topics: list[str] = json.loads(content)
        with self._guard:
            theirs = [news for news, number in self._streams.items() if str(number) == organization]
        for news in theirs:
            try:
                news.put_nowait(topics)
            except Full:
                continue


_hub = _Hub()


class Stream:
    """What a page's EventSource reads: an event with topics whenever something changed; ends after a while.

    `only` are the topics that its reader may hear of, where they may not hear of all. Raises TooManyStreams
    when it is made. Whoever makes it closes it.
    """

    def __init__(self, organization_id: int, only: frozenset[str] | None = None) -> None:
        self._news = _hub.join(organization_id, settings.LIVE_STREAMS)
        self._only = only
        self._ends = time.monotonic() + LONGEST_STREAM
        self._listens = False

    def __iter__(self) -> Iterator[bytes]:
        """It can be read once."""
        return self

    def __next__(self) -> bytes:
        """The next event, or a sign of life."""
        if not self._listens:
            connections.close_all()  # a stream lasts for minutes, and needs no database
            self._listens = _hub.is_ready.wait(RECONNECT)
            return LISTENING if self._listens else STILL_HERE
        if time.monotonic() >= self._ends:
            raise StopIteration
        topics = _next(self._news, self._only)
        return f"data: {json.dumps(sorted(topics))}\n\n".encode() if topics else STILL_HERE

    def close(self) -> None:
        """Have no more news."""
        _hub.leave(self._news)


def _next(news: Queue[list[str]], only: frozenset[str] | None) -> set[str]:
    """The next news, and whatever comes with them; nothing after a while of silence."""
    try:
        topics = _heard(news.get(timeout=HEARTBEAT), only)
    except Empty:
        return set()
    time.sleep(GATHERING)
    while not news.empty():
        topics |= _heard(news.get_nowait(), only)
    return topics


def _heard(told: list[str], only: frozenset[str] | None) -> set[str]:
    """What of one piece of news a reader may hear: of activity only together with a lock that they know."""
    if only is None:
        return set(told)
    known = only.intersection(told)
    return {*known, *({ACTIVITY}.intersection(told) if known else ())}
