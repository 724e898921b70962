"""How long to wait before looking again. Pure but for chance."""

from datetime import timedelta

from access import chance

SOON = timedelta(seconds=3)  # an operation takes some seconds; webhooks ring earlier where there are any
LONGEST = timedelta(minutes=10)
RESYNC = timedelta(hours=6)  # before what waits for a person is tried again, and where no sweep sees drift
MAIL_FIRST, MAIL_LONGEST = timedelta(seconds=30), timedelta(hours=1)


def next_look(attempts: int) -> timedelta:
    """3 s, 6 s, 12 s … 10 min: doubled with each look that showed nothing new, and spread by a fifth."""
    return spread(min(SOON * 2 ** min(attempts, 12), LONGEST))


def next_mail(attempts: int) -> timedelta:
    """30 s, 1 min … 1 h between tries of one message."""
    return spread(min(MAIL_FIRST * 2 ** min(attempts, 12), MAIL_LONGEST))


def spread(span: timedelta) -> timedelta:
    """The span, up to a fifth longer, so that what failed together is not tried together."""
    return span * chance.uniform(1.0, 1.2)
