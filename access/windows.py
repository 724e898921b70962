"""From when to when codes open, worked out from a stay's times. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Window:
    """From when to when codes open: the stay, and the property's grace after it."""

    allowed_from: datetime
    allowed_until: datetime


def of(*, starts_at: datetime, ends_at: datetime, grace: timedelta) -> Window:
    """The window of a stay with these times, at a property with this grace."""
    return Window(starts_at, ends_at + grace)


def whole_seconds(instant: datetime) -> datetime:
    """Locks know seconds: a window with a fraction would never be seen as it is wanted."""
    return instant.replace(microsecond=0)
