"""What guests were told, as programs read it: when and what became of it, and never the code."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from access.api.ledger import Fate, fate_of
from access.models import Message, MessageKind, Stay
from nuki_gateway.simulator import TurnedClock
from properties.models import ApiKey
from tests.access.api.programs import Program, problem
from tests.timeline import Timeline
from tests.worlds import MONDAY_NOON, Business, code_of

LATER = MONDAY_NOON + timedelta(hours=2)


def test_a_message_is_told_with_its_times_and_without_its_text(
    program: Program, alice: Business, clock: TurnedClock, timeline: Timeline
) -> None:
    stay = alice.book(now=clock.now())
    timeline.pass_seconds(60)

    answer = program.get(f"/messages?stay=stay_{stay.pk}")
    (said,) = answer.json()["data"]

    assert said == {
        "id": f"message_{Message.objects.get().pk}",
        "stay": f"stay_{stay.pk}",
        "kind": "access_ready",
        "channel": "email",
        "state": "sent",
        "sentence": "“Your code is ready” sent",
        "language": "en",
        "is_repeat": False,
        "written_at": said["written_at"],
        "due_at": None,
        "sent_at": said["sent_at"],
        "delivered_at": None,
        "bounced_at": None,
        "complained_at": None,
        "page_opened_at": None,
    }
    assert program.get(f"/messages/{said['id']}").json() == said
    assert code_of(stay) not in answer.content.decode()
    assert "ada@guests.example" not in answer.content.decode()


def test_messages_are_found_by_kind_and_time_the_latest_first(
    program: Program, alice: Business, clock: TurnedClock
) -> None:
    stay = alice.book(now=clock.now())
    kinds = [MessageKind.ACCESS_READY, MessageKind.REMINDER, MessageKind.THANK_YOU]
    for hours, kind in enumerate(kinds):
        at = clock.now() + timedelta(hours=hours)
        Message.objects.create(
            organization=alice.organization, stay=stay, kind=kind, revision=1, written_at=at
        )

    def asked(question: str) -> list[str]:
        return [one["kind"] for one in program.get(f"/messages?{question}").json()["data"]]

    page = program.get("/messages?limit=2").json()
    assert asked(f"limit=2&cursor={page['next_cursor']}") == ["access_ready"]
    assert asked("") == ["thank_you", "reminder", "access_ready"]
    assert asked("kind=reminder") == ["reminder"]
    assert asked("written_after=2026-06-15T13:00:00Z&written_before=2026-06-15T14:00:00Z") == ["reminder"]
    assert asked("stay=stay_0") == []


@pytest.mark.parametrize(
    ("facts", "fate"),
    [
        pytest.param({}, Fate.SENDING, id="due"),
        pytest.param({"due_at": LATER}, Fate.WAITING, id="waits for its time"),
        pytest.param({"due_at": LATER, "attempts": 1}, Fate.TRYING_AGAIN, id="was not accepted"),
        pytest.param({"superseded_at": LATER}, Fate.NOT_SENT, id="another took its place"),
        pytest.param({"revision": 1, "due_at": LATER}, Fate.NOT_SENT, id="of what the stay was before"),
        pytest.param({"sent_at": LATER}, Fate.SENT, id="sent"),
        pytest.param({"sent_at": LATER, "delivered_at": LATER}, Fate.DELIVERED, id="delivered"),
        pytest.param(
            {"sent_at": LATER, "delivered_at": LATER, "complained_at": LATER}, Fate.UNWANTED, id="unwanted"
        ),
        pytest.param({"sent_at": LATER, "bounced_at": LATER}, Fate.BOUNCED, id="came back"),
    ],
)
def test_what_became_of_a_message_has_a_word(facts: dict[str, Any], fate: Fate) -> None:
    written: dict[str, datetime | int | str] = {
        "kind": MessageKind.ACCESS_READY,
        "revision": 2,
        "written_at": MONDAY_NOON,
        "due_at": MONDAY_NOON,
    }

    assert fate_of(Message(stay=Stay(revision=2), **written | facts)) is fate


def test_messages_of_a_property_beyond_reach_are_not_there(
    program: Program, alice: Business, clock: TurnedClock, timeline: Timeline
) -> None:
    alice.book(now=clock.now())
    timeline.pass_seconds(60)
    ApiKey.objects.update(property_ids=[], scopes=["read"])

    assert program.get("/messages").json()["data"] == []
    assert problem(program.get(f"/messages/message_{Message.objects.get().pk}")) == (404, "not_found")
