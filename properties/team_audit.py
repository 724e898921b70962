"""Writing down who changed a team. Nothing here is ever changed or taken back."""

from collections.abc import Sequence
from datetime import datetime

from properties.models import ApiKey, Invitation, Organization, TeamEntry, TeamEvent, User


def note(
    kind: TeamEvent,
    organization: Organization,
    *,
    by: User,
    now: datetime,
    about: User | None = None,
    invitation: Invitation | None = None,
    api_key: ApiKey | None = None,
    role: str = "",
    limited_to: Sequence[str] = (),
) -> None:
    """Something that a person did: to another, with an invitation or a key, or to the rules of the team.

    `limited_to` are the names of the properties that the role is limited to; none where it is for all.
    """
    TeamEntry.objects.create(
        organization=organization,
        kind=kind,
        at=now,
        by=by,
        about=about,
        invitation=invitation,
        api_key=api_key,
        role=role,
        limited_to=list(limited_to),
    )
