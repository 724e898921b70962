"""Writing down who changed a team. Nothing here is ever changed or taken back."""

from datetime import datetime

from properties.models import Invitation, Organization, TeamEntry, TeamEvent, User


def note(
    kind: TeamEvent,
    organization: Organization,
    *,
    by: User,
    now: datetime,
    about: User | None = None,
    invitation: Invitation | None = None,
    role: str = "",
) -> None:
    """Something that a person did: to another, with an invitation, or to the rules of the team."""
    TeamEntry.objects.create(
        organization=organization, kind=kind, at=now, by=by, about=about, invitation=invitation, role=role
    )
