"""The e-mail that invites somebody: how it looks, and handing it to the mail server."""

from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from mjml import mjml2html

from properties import addresses, limits, outgoing, reading
from properties.models import Invitation, User
from properties.role_words import role_sentence


class MailNotAccepted(Exception):
    """The mail server did not take the e-mail, or cannot be reached. Its text names the kind of failure."""


def send(invitation: Invitation, token: str) -> None:
    """Send the link. Whoever is no user yet has chosen no language, and reads the inviter's."""
    context = {
        "organization_name": invitation.organization.name,
        "inviter_name": invitation.invited_by.get_full_name(),
        "link": addresses.public("properties:invitation", token=token),
    }
    host = urlsplit(settings.PUBLIC_URL).hostname or "keyturn"
    properties = limits.names_in(invitation.organization, limits.offered_by(invitation))
    reader = User.objects.filter(email__iexact=invitation.email).first() or invitation.invited_by
    with reading.of_reader(reader):
        context["role_sentence"] = role_sentence(invitation.role, properties)
        mail = EmailMultiAlternatives(
            subject=render_to_string("email/invitation_subject.txt", context).strip(),
            body=render_to_string("email/invitation.txt", context),
            to=[invitation.email],
            reply_to=[invitation.organization.reply_to],
            headers={
                "Message-ID": make_msgid("invitation", domain=host),  # each try has a link of its own
                "Auto-Submitted": "auto-generated",
            },
        )
        html = mjml2html(render_to_string("email/invitation.mjml", context))
    mail.attach_alternative(html, "text/html")
    try:
        mail.send()
    except outgoing.NOT_ACCEPTED as failure:
        raise MailNotAccepted(type(failure).__name__) from None
