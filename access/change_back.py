"""The way back from a change that somebody made a moment ago: it stands in their session, for ten minutes.

It leads to where a change is looked at before it is made; a stay that was changed once more has no way back.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from access import change_pages, stay_pages, stays
from access.models import Stay

KEY = "changed_stay"
OFFERED = timedelta(minutes=10)


def note(session: SessionBase, stay: Stay, before: Mapping[str, str], *, now: datetime) -> None:
    """Keep what the stay was before; of the changes that one makes the last can be taken back."""
    session[KEY] = {
        "stay": stay.pk,
        "is": stays.version(stay),
        "was": dict(before),
        "until": (now + OFFERED).timestamp(),
    }


def url(session: SessionBase, stay: Stay, *, now: datetime) -> str:
    """Where to look at the way back; "" where there is none."""
    noted = session.get(KEY) or {}
    is_same = noted.get("stay") == stay.pk and noted.get("is") == stays.version(stay)
    if not is_same or noted["until"] <= now.timestamp() or not stay_pages.is_open(stay, now):
        return ""
    return change_pages.address(stay, noted["was"])
