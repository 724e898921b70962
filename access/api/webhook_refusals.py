"""What the operations on webhooks refuse, as programs are told."""

from collections.abc import Iterator
from contextlib import contextmanager

from access import webhook_endpoints
from access.api.problems import Code, FieldError, Problem
from access.calling_out import UrlIsRefused, Why

SENTENCES: dict[Why, str] = {
    Why.NO_ADDRESS: "This is no address.",
    Why.NOT_HTTPS: "The address has to begin with https://.",
    Why.HAS_USER: "The address must not hold a user or a password.",
    Why.HAS_FRAGMENT: "The address must not have a part after #.",
    Why.NOT_PUBLIC: "This address is not one of the public internet.",
}


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what an operation raises into a Problem."""
    try:
        yield
    except UrlIsRefused as refusal:
        wrong = FieldError("url", refusal.why.value, SENTENCES[refusal.why])
        raise Problem(Code.INVALID_REQUEST, wrong.detail, errors=[wrong]) from None
    except webhook_endpoints.NameIsTaken:
        detail = "Another webhook endpoint has this name."
        raise Problem(Code.NAME_TAKEN, detail, field="name") from None
    except webhook_endpoints.TooManyWebhooks:
        raise Problem(Code.TOO_MANY, "Delete a webhook endpoint first.") from None
    except webhook_endpoints.EndpointIsOff:
        raise Problem(Code.WEBHOOK_OFF, "Switch it on first: PATCH with is_on.") from None
    except webhook_endpoints.MayNotManageWebhooks:
        detail = "Whoever made this key may not manage webhooks any more."
        raise Problem(Code.SCOPE_MISSING, detail) from None
