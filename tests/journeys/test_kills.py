"""`kill -9` of the worker, the broker and the database while a code is on its way."""

import pytest

from tests.journeys.the_demo import Demo, Host, code_in, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400), pytest.mark.xdist_group("demo")]

GUEST = "survivor@guests.example"


def test_a_stay_becomes_ready_once_after_worker_valkey_and_postgresql_were_killed(demo: Demo) -> None:
    base = demo.urls["keyturn"]
    host = Host.signed_in(base)
    before = demo.settled_counts()
    demo.lose_next_write("Flat 1")  # so that the push lasts longer than all three kills

    path = host.book("Flat 1", GUEST, in_days=2)
    for part in ("worker", "valkey", "postgres"):
        demo.kill(part)

    wait_until("the stay is ready", lambda: "code is on both doors" in host.get(path), seconds=240)
    letters = wait_until("the guest is told", lambda: demo.mail_to(GUEST), seconds=60)
    code = code_in(letters[0])
    on_the_locks = {
        name: [entry["code"] for entry in lock["on_the_lock"]] for name, lock in demo.doors().items()
    }
    having_it = {name: codes.count(code) for name, codes in on_the_locks.items() if code in codes}
    assert having_it == {"Harbour front door": 1, "Flat 1": 1}
    after = {name: len(codes) for name, codes in on_the_locks.items()}
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == having_it
    assert len(letters) == 1
