"""Celery's way in to what is due in teams. Rows say what is; a tick that is lost is done by the next."""

from typing import Any

from celery import shared_task

from properties import invitations, tenancy
from properties.clock import now

MOST_AT_ONCE = 5  # e-mails of one tick: all of them together end before the broker gives the tick to another


@shared_task
def send_due_invitations(**_: Any) -> None:
    """The tick of invitations: send the e-mails that are due."""
    with tenancy.across_organizations(because="the tick sends everybody's invitations"):
        due = invitations.due(now(), MOST_AT_ONCE)
    for invitation in due:
        with tenancy.within(invitation.organization):
            invitations.send(invitation, now=now())
