"""FLUSHALL while a code is on its way: every message, ring and cached thing is gone, and the rows are not."""

import shlex
import time

import pytest
import redis
import requests

from tests.journeys.the_demo import Demo, Host, code_in, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400), pytest.mark.xdist_group("demo")]

MOST = 30  # times that the broker is emptied, each half a second
GUEST = "unforgotten@guests.example"


def empty_the_broker(demo: Demo) -> int:
    """Wipe all of it; how many keys there were."""
    lines = (demo.directory / "environment").read_text(encoding="utf-8").splitlines()
    variables = dict(line.split("=", 1) for line in lines)
    (address,) = shlex.split(variables["REDIS_URL"])
    with redis.Redis.from_url(address, socket_timeout=5) as broker:
        held = int(broker.dbsize())
        broker.flushall()
    return held


def is_half_done(demo: Demo, before: dict[str, int]) -> bool:
    """Whether the front door has the code; the other lock has lost its first write."""
    return len(demo.doors()["Harbour front door"]["on_the_lock"]) > before["Harbour front door"]


def test_a_stay_becomes_ready_once_although_the_broker_was_emptied_during_its_push(demo: Demo) -> None:
    base = demo.urls["keyturn"]
    host = Host.signed_in(base)
    before = demo.settled_counts()
    demo.lose_next_write("Flat 1")  # so that the push lasts longer than one look

    path = host.book("Flat 1", GUEST, in_days=1.25, hours=6)  # beside the other journeys' stays
    held = empty_the_broker(demo)
    times = 0
    while not is_half_done(demo, before) and times < MOST:
        times += 1
        empty_the_broker(demo)
        time.sleep(0.5)
    assert "code is on both doors" not in host.get(path)

    wait_until("the stay is ready", lambda: "code is on both doors" in host.get(path), seconds=240)
    letters = wait_until("the guest is told", lambda: demo.mail_to(GUEST), seconds=60)
    code = code_in(letters[0])
    doors = demo.doors()
    codes = {name: [entry["code"] for entry in door["on_the_lock"]] for name, door in doors.items()}
    having_it = {name: found.count(code) for name, found in codes.items() if code in found}
    more = {name: len(found) - before[name] for name, found in codes.items() if len(found) != before[name]}
    assert having_it == {"Harbour front door": 1, "Flat 1": 1}
    assert more == having_it
    assert len(letters) == 1
    assert held > 0
    assert requests.get(f"{base}/healthz?deep", timeout=10).json() == {
        "database": True,
        "redis": True,
        "ticks": True,
    }
