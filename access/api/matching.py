"""`If-Match`: a change is made only to the stay as the program saw it."""

import re

from rest_framework.request import Request

from access import stays
from access.api.problems import Code, Problem
from access.api.stay_answers import version
from access.models import Stay

ANY = "*"
TAG = re.compile(r'(?:W/)?"[^"]*"')


def seen(request: Request, stay: Stay) -> str:
    """What `access.stays` is to hold the stay against; empty where the program does not ask for it.

    Raises Problem where the stay is another one already. A weak tag matches nothing, as HTTP has it.
    """
    wanted = request.headers.get("If-Match")
    if wanted is None:
        return ""
    if wanted.strip() != ANY and f'"{version(stay)}"' not in TAG.findall(wanted):
        raise stale()
    return stays.version(stay)


def stale() -> Problem:
    """The refusal of a change that was made up from an older stay."""
    return Problem(Code.STALE, "Get the stay, and decide anew.")
