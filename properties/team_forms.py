"""The forms about a team: refusals stand at the field that they are about."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from properties import limits
from properties.models import Organization, Property
from properties.reach import EVERYWHERE, Reach
from properties.role_words import role_choice
from properties.roles import LIMITABLE, Role, may_invite


class RoleForm(forms.Form):
    """One of the roles, each with what it may do, and the properties that it is limited to."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    properties: Any = forms.ModelMultipleChoiceField(
        label=_("Only these properties"),
        queryset=Property.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "For staff and viewers. They find stays, guests, doors and locks of these, and nothing of the "
            "others. Choose none, and they see all."
        ),
    )

    def clean_role(self) -> Role:
        """As the table of roles knows it."""
        return Role(self.cleaned_data["role"])

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(Role)
        choice: Any = self.fields["properties"]
        choice.queryset = limits.properties_of(organization)
        choice.label_from_instance = lambda place: place.name

    def reach(self) -> Reach:
        """What the person sees: the properties that were chosen, or all where the role sees all anyway."""
        chosen = self.cleaned_data["properties"]
        if not chosen or self.cleaned_data["role"] not in LIMITABLE:
            return EVERYWHERE
        return Reach(frozenset(place.pk for place in chosen))

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
    field_order = ("email", "role", "properties")

    def __init__(self, *args: Any, inviting: Role, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer([role for role in Role if may_invite(inviting, role)])
