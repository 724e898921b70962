"""Roles in people's words."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from properties.roles import Role

MOST_NAMED = 3  # properties; more of them are counted


def role_word(role: str) -> str:
    """A role as people call it."""
    return {
        Role.OWNER: _("Owner"),
        Role.MANAGER: _("Manager"),
        Role.STAFF: _("Staff"),
        Role.VIEWER: _("Viewer"),
    }[Role(role)]


def role_within(role: str, properties: Sequence[str]) -> str:
    """A role that is limited to some properties, as people call it."""
    facts = {"role": role_word(role), "properties": ", ".join(properties), "count": len(properties)}
    if len(properties) > MOST_NAMED:
        return (
            ngettext("%(role)s for %(count)d property", "%(role)s for %(count)d properties", len(properties))
            % facts
        )
    return (_("%(role)s for %(properties)s") if properties else _("%(role)s for no property")) % facts


def role_choice(role: Role) -> str:
    """A role and what it may do, to choose from."""
    may_do = {
        Role.OWNER: _("Owner: everything, and who is in the team"),
        Role.MANAGER: _("Manager: stays, properties and Nuki accounts; invites staff and viewers"),
        Role.STAFF: _("Staff: books and changes stays, and sees codes"),
        Role.VIEWER: _("Viewer: sees stays and properties, and changes nothing"),
    }
    return may_do[role]


def role_sentence(role: str, properties: Sequence[str] = ()) -> str:
    """What somebody in this role may do, and in which properties only, said to them."""
    sentence = {
        Role.OWNER: _("As an owner you may do everything, and decide who is in the team."),
        Role.MANAGER: _("As a manager you look after stays, properties and Nuki accounts."),
        Role.STAFF: _("As staff you book and change stays, and see their codes."),
        Role.VIEWER: _("As a viewer you see stays and properties."),
    }[Role(role)]
    if not properties:
        return sentence
    return f"{sentence} " + _("You see these properties: %(properties)s.") % {
        "properties": ", ".join(properties)
    }
