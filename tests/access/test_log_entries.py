"""What a line of a log means, for every combination that was recorded, and for those not known yet."""

from datetime import UTC, datetime

import pytest

from access.log_entries import ActivityKind, Meaning, Means, meaning_of
from nuki_gateway.models import LogEntry

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


def entry(
    action: int, trigger: int = 255, state: int = 0, source: int | None = 1, device: int = 4
) -> LogEntry:
    return LogEntry(
        id="a" * 24,
        smartlock_id=17_900_000_001,
        authorization_id=None,
        account_user_id=None,
        name="",
        action=action,
        trigger=trigger,
        state=state,
        source=source,
        at=NOON,
        device_type=device,
    )


@pytest.mark.parametrize(
    ("line", "kind", "means"),
    [
        pytest.param(entry(1), ActivityKind.OPENED, Means.KEYPAD, id="unlocked with a code"),
        pytest.param(entry(3), ActivityKind.OPENED, Means.KEYPAD, id="unlatched with a code"),
        pytest.param(entry(1, source=2), ActivityKind.OPENED, Means.FINGERPRINT, id="with a finger"),
        pytest.param(entry(1, source=None), ActivityKind.OPENED, Means.KEYPAD, id="keypad without a source"),
        pytest.param(entry(2), ActivityKind.LOCKED, Means.KEYPAD, id="locked at the keypad"),
        pytest.param(entry(4, trigger=2), ActivityKind.OPENED, Means.BUTTON, id="lock 'n' go by the button"),
        pytest.param(entry(1, trigger=1), ActivityKind.OPENED, Means.BY_HAND, id="by hand"),
        pytest.param(entry(2, trigger=3), ActivityKind.LOCKED, Means.BY_ITSELF, id="automatically"),
        pytest.param(entry(2, trigger=6), ActivityKind.LOCKED, Means.BY_ITSELF, id="auto lock"),
        pytest.param(entry(1, trigger=4), ActivityKind.OPENED, Means.WEB, id="over Nuki Web"),
        pytest.param(entry(1, trigger=5), ActivityKind.OPENED, Means.APP, id="with the app"),
        pytest.param(entry(1, trigger=0), ActivityKind.OPENED, Means.UNKNOWN, id="by the system"),
        pytest.param(entry(1, state=224), ActivityKind.CODE_REFUSED, Means.KEYPAD, id="a wrong code"),
        pytest.param(
            entry(1, state=225, source=2), ActivityKind.CODE_REFUSED, Means.FINGERPRINT, id="a wrong finger"
        ),
        pytest.param(entry(1, state=226), ActivityKind.CODE_REFUSED, Means.KEYPAD, id="a wrong tag"),
        pytest.param(entry(1, state=1), ActivityKind.FAILED, Means.KEYPAD, id="the motor was blocked"),
        pytest.param(entry(2, trigger=6, state=4), ActivityKind.FAILED, Means.BY_ITSELF, id="busy"),
        pytest.param(
            entry(1, trigger=1, state=224), ActivityKind.FAILED, Means.BY_HAND, id="224 but no keypad"
        ),
        pytest.param(entry(208, trigger=0), ActivityKind.LEFT_OPEN, Means.UNKNOWN, id="door ajar"),
        pytest.param(entry(240, trigger=0), ActivityKind.DOOR_OPENED, Means.UNKNOWN, id="door opened"),
        pytest.param(entry(241, trigger=0), ActivityKind.DOOR_CLOSED, Means.UNKNOWN, id="door closed"),
        pytest.param(entry(224, trigger=0, device=2), ActivityKind.RANG, Means.UNKNOWN, id="rang"),
        pytest.param(entry(3, trigger=5, device=2), ActivityKind.OPENED, Means.APP, id="an Opener opened"),
        pytest.param(entry(1, trigger=5, device=2), ActivityKind.OTHER, Means.APP, id="ring to open is on"),
        pytest.param(entry(243, trigger=0), ActivityKind.OTHER, Means.UNKNOWN, id="firmware"),
        pytest.param(entry(9_999, trigger=77), ActivityKind.OTHER, Means.UNKNOWN, id="numbers to come"),
    ],
)
def test_a_line_means(line: LogEntry, kind: ActivityKind, means: Means) -> None:
    assert meaning_of(line) == Meaning(kind, means)
