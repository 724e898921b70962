"""How allauth behaves here: who may sign up, what proves an address, and how second factors keep secrets."""

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
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from properties import encryption, invitations, organizations, reading, tenancy, ways_back
from properties.clock import now
from properties.invitations import Offer
from properties.models import Invitation, User

CODE_LENGTH = 6  # digits; three wrong ones end it
SESSION_KEY = "invitation"  # the digest of the token of the invitation that somebody came with


def brought(request: HttpRequest) -> Invitation | None:
    """The invitation that this visitor came with, while it is open."""
    token_digest = str(request.session.get(SESSION_KEY, ""))
    if not token_digest:
        return None
    with tenancy.across_organizations(because="only the invitation says of which organization it is"):
        found = invitations.by_token_digest(token_digest)
    return found if found and invitations.offer(found, now()) == Offer.OPEN else None


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Sign-in, sign-out and passwords; and sign-up for those who were invited, or for everybody."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether this visitor may make themselves a user."""
        return organizations.sign_up_is_open() or brought(request) is not None

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Where people go who have just signed up, unless they were on their way to somewhere."""
        if organizations.sign_up_is_open() and brought(request) is None:
            return reverse("properties:found_business")
        return str(super().get_signup_redirect_url(request))

    def generate_email_verification_code(self) -> str:
        """Six digits, which a telephone's keyboard types and fills in by itself."""
        return get_random_string(length=CODE_LENGTH, allowed_chars="0123456789")

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponseBase:
        """Lead to where they wanted to be, and say there if a form of theirs had not been taken."""
        ways_back.say_what_was_not_saved(request)
        answer: HttpResponseBase = super().post_login(request, user, **more)
        return answer

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write in the reader's language; to the undecided in that of the page that had it sent."""
        reader = User.objects.filter(email__iexact=email).first()
        with reading.of_reader(reader, otherwise=get_language() or ""):
            super().send_mail(template_prefix, email, context)


class SignUpForm(SignupForm):  # type: ignore[misc]  # allauth ships no types
    """A name, a password, and an address: for the invited the one that the invitation was sent to."""

    name = forms.CharField(
        label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("name", "email", "password1")

    def clean(self) -> Any:
        """Only who has the mailbox knows link and address, so the address needs no other proof."""
        cleaned = super().clean()
        address = str(self.cleaned_data.get("email", ""))
        invitation = brought(context.request)
        if invitation is None and not organizations.sign_up_is_open():
            raise ValidationError(_("This invitation is not open any more. Ask for a new one."))
        if invitation is not None and address and address.lower() != invitation.email:
            self.add_error("email", _("The invitation was sent to another address. Use that one."))
        return cleaned

    def save(self, request: HttpRequest) -> User:
        """Keep the name; and of the invited, that the address is known to be theirs."""
        invitation = brought(request)
        user: User = super().save(request)
        user.name = self.cleaned_data["name"]
        user.language = get_language() or ""  # the one that they have read so far
        user.save(update_fields=["name", "language"])
        if invitation is not None and user.email == invitation.email:
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
