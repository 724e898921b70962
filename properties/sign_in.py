"""How allauth behaves here: people sign up with an invitation, and what second factors keep is encrypted."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import SignupForm
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from properties import encryption, invitations, tenancy, ways_back
from properties.clock import now
from properties.invitations import Offer
from properties.models import Invitation, User

SESSION_KEY = "invitation"  # the digest of the token of the invitation that somebody came with


def brought(request: HttpRequest) -> Invitation | None:
    """The invitation that this visitor came with, while it is open."""
    token_digest = str(request.session.get(SESSION_KEY, ""))
    if not token_digest:
        return None
    with tenancy.across_organizations(because="only the invitation says of which organization it is"):
        found = invitations.by_token_digest(token_digest)
    return found if found and invitations.offer(found, now()) == Offer.OPEN else None


class SignUpByInvitation(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Sign-in, sign-out and passwords; and sign-up for those who came with an invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether this visitor may make themselves a user."""
        return brought(request) is not None

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponseBase:
        """Lead to where they wanted to be, and say there if a form of theirs had not been taken."""
        ways_back.say_what_was_not_saved(request)
        answer: HttpResponseBase = super().post_login(request, user, **more)
        return answer


class SignUpForm(SignupForm):  # type: ignore[misc]  # allauth ships no types
    """A name, a password, and the address that the invitation was sent to."""

    name = forms.CharField(
        label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("name", "email", "password1")

    def clean(self) -> Any:
        """Only who has the mailbox knows link and address, so the address needs no other proof."""
        cleaned = super().clean()
        address = str(self.cleaned_data.get("email", ""))
        invitation = brought(context.request)
        if invitation is None:
            raise ValidationError(_("This invitation is not open any more. Ask for a new one."))
        if address and address.lower() != invitation.email:
            self.add_error("email", _("The invitation was sent to another address. Use that one."))
        return cleaned

    def save(self, request: HttpRequest) -> User:
        """Keep the name, and that the address is known to be theirs."""
        user: User = super().save(request)
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        EmailAddress.objects.filter(user=user, email=user.email).update(verified=True)
        return user


class EncryptedSecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Keeps the secrets of second factors encrypted, with the keys of all encrypted fields."""

    def encrypt(self, text: str) -> str:
        """Before it is stored."""
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """When somebody signs in."""
        return encryption.decrypt(encrypted_text)
