"""What Schemathesis cannot know of Keyturn: units that there are, times that can be booked, its own keys.

It loads this into a process of its own, without Django.
"""

import os
import re
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

UNITS = os.environ["KEYTURN_UNITS"].split()
OWN_KEYS = os.environ["KEYTURN_OWN_KEYS"].split()
SPARE_KEY = os.environ["KEYTURN_SPARE_KEY"]
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
FARTHEST = 1_000  # days ahead
LONGEST = 6  # nights
LEFT_AS_DRAWN = 4  # one in so many
NUMBERS = count(1)
OF_A_STAY = re.compile(r'"[0-9a-f]{16}"')

# what is said of fields that are not as the schema has them; other codes are rules that it cannot have
OF_THE_SCHEMA = {
    *("required", "unknown_field", "null", "invalid", "invalid_choice", "invalid_id", "offset_missing"),
    *("min_length", "max_length", "min_value", "max_value", "not_a_list", "unknown"),
    *("malformed_json", "idempotency_key_invalid"),
}
EMAIL = "email"  # of which RFC 5322 allows more than any mail server takes


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Make most of what the schema allows something that can be done; and let no key revoke itself."""
    del context, kwargs
    number = next(NUMBERS)
    if case.path_parameters and case.path_parameters.get("key_id") in OWN_KEYS:
        case.path_parameters["key_id"] = SPARE_KEY
    is_meant = case.meta is not None and case.meta.generation.mode.is_positive
    if not is_meant or number % LEFT_AS_DRAWN == 0:
        return
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = f"conform-{number}"
    if not OF_A_STAY.fullmatch(case.headers.get("If-Match", "")):
        case.headers.pop("If-Match", None)
    if isinstance(case.body, dict):
        _make_it_bookable(case.body, number)


@schemathesis.check
def nothing_is_refused_for_what_the_schema_says(
    ctx: CheckContext, response: Response, case: Case[Any]
) -> bool | None:
    """What is as the schema has it is refused for rules that no schema can have, and for nothing else."""
    del ctx
    if response.status_code != 400 or case.meta is None or not case.meta.generation.mode.is_positive:
        return None
    problem = response.json()
    errors = problem.get("errors") or [problem]
    for error in errors:
        if error["code"] in OF_THE_SCHEMA and not error.get("field", "").endswith(EMAIL):
            raise AssertionError(f"Refused, though it is as the schema has it: {error}")
    return None


def _make_it_bookable(body: dict[str, Any], number: int) -> None:
    """A unit that there is, a time of its own, and a number that no other stay has."""
    if "starts_at" in body or "ends_at" in body:
        starts_at = TODAY + timedelta(days=1 + number * LONGEST % FARTHEST, hours=14)
        body["starts_at"] = starts_at.isoformat()
        body["ends_at"] = (starts_at + timedelta(days=1 + number % LONGEST)).isoformat()
    if "unit" in body:
        body["unit"] = UNITS[number % len(UNITS)]
    if "external_id" in body:
        body["external_id"] = f"R-{number}"
