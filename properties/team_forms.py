"""The forms about a team: refusals stand at the field that they are about."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from properties.role_words import role_choice
from properties.roles import Role, may_invite


class RoleForm(forms.Form):
    """One of the roles, each with what it may do."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def clean_role(self) -> Role:
        """As the table of roles knows it."""
        return Role(self.cleaned_data["role"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(Role)

    def offer(self, roles: Any) -> None:
        """Have only these roles chosen from."""
        choice: Any = self.fields["role"]
        choice.choices = [(role.value, role_choice(role)) for role in roles]


class InviteForm(RoleForm):
    """An address and a role."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The link in the e-mail works for this address only, for seven days."),
    )
    field_order = ("email", "role")

    def __init__(self, *args: Any, inviting: Role, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer([role for role in Role if may_invite(inviting, role)])
