"""Roles in people's words."""

from django.utils.translation import gettext as _

from properties.roles import Role


def role_word(role: str) -> str:
    """A role as people call it."""
    return {
        Role.OWNER: _("Owner"),
        Role.MANAGER: _("Manager"),
        Role.STAFF: _("Staff"),
        Role.VIEWER: _("Viewer"),
    }[Role(role)]


def role_choice(role: Role) -> str:
    """A role and what it may do, to choose from."""
    may_do = {
        Role.OWNER: _("Owner: everything, and who is in the team"),
        Role.MANAGER: _("Manager: stays, properties and Nuki accounts; invites staff and viewers"),
        Role.STAFF: _("Staff: books and changes stays, and sees codes"),
        Role.VIEWER: _("Viewer: sees stays and properties, and changes nothing"),
    }
    return may_do[role]


def role_sentence(role: str) -> str:
    """What somebody in this role may do, said to them."""
    return {
        Role.OWNER: _("As an owner you may do everything, and decide who is in the team."),
        Role.MANAGER: _("As a manager you look after stays, properties and Nuki accounts."),
        Role.STAFF: _("As staff you book and change stays, and see their codes."),
        Role.VIEWER: _("As a viewer you see stays and properties."),
    }[Role(role)]
