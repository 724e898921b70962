"""The pages about invitations: for those who invite, and the one that the link in the e-mail leads to."""

from http import HTTPStatus

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from properties import invitations, limits, sign_in, team_answers, tenancy
from properties.clock import now
from properties.invitations import Offer
from properties.middleware import SESSION_KEY, OrganizationRequest
from properties.models import Invitation, User
from properties.rights import needs
from properties.role_words import role_sentence
from properties.roles import Right, Role
from properties.team_forms import InviteForm


@require_http_methods(["GET", "POST"])
@needs(Right.INVITE)
def invite(request: OrganizationRequest) -> HttpResponse:
    """Invite somebody."""
    form = InviteForm(
        request.POST or None,
        organization=request.organization,
        inviting=request.role,
        initial={"role": Role.STAFF.value},
    )
    if request.method == "POST" and form.is_valid() and _invited(request, form):
        notices.success(
            request, _("We are sending the invitation to %(email)s.") % {"email": form.cleaned_data["email"]}
        )
        return redirect("properties:team")
    return team_answers.form_page(
        request, form, _("Invite somebody"), request.organization.name, _("Send invitation")
    )


@require_POST
@needs(Right.INVITE)
def invite_again(request: OrganizationRequest, invitation_id: int) -> HttpResponse:
    """Send an invitation again, with another link."""
    invitation = _invitation(request, invitation_id)
    if team_answers.done(
        request,
        lambda moment: invitations.invite_again(invitation=invitation, invited_by=request.user, now=moment),
    ):
        notices.success(
            request, _("We are sending another invitation to %(email)s.") % {"email": invitation.email}
        )
    return redirect("properties:team")


@require_http_methods(["GET", "POST"])
@needs(Right.INVITE)
def withdraw_invitation(request: OrganizationRequest, invitation_id: int) -> HttpResponse:
    """Take an invitation back, after saying what that does."""
    invitation = _invitation(request, invitation_id)
    if request.method == "POST":
        team_answers.done(
            request,
            lambda moment: invitations.withdraw(invitation=invitation, withdrawn_by=request.user, now=moment),
        )
        return redirect("properties:team")
    return team_answers.confirm(
        request,
        title=_("Withdraw the invitation of %(email)s?") % {"email": invitation.email},
        consequences=[_("The link in their e-mail ends at once."), _("You can invite them again.")],
        submit_word=_("Withdraw invitation"),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the link leads to. Looking changes nothing; the button joins, or leads to signing in first."""
    with tenancy.across_organizations(because="only the token says of which organization it is"):
        found = invitations.by_token_digest(invitations.digest(token))
    if found is None:
        raise Http404
    user = request.user
    if request.method == "POST" and invitations.offer(found, now()) == Offer.OPEN:
        answer = _join(request, found, user) if isinstance(user, User) else _sign_in_first(request, found)
    else:
        answer = _show(request, found)
    # The token goes along to nobody. With "no-referrer" browsers hide where a form comes from: it is refused.
    answer.headers["Referrer-Policy"] = "strict-origin"
    return answer


def _join(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    try:
        with tenancy.within(found.organization):
            invitations.accept(invitation=found, user=user, now=now())
    except (invitations.InvitationIsForAnother, invitations.InvitationIsOver):
        return _show(request, found)
    request.session[SESSION_KEY] = found.organization_id
    request.session.pop(sign_in.SESSION_KEY, None)
    notices.success(
        request, _("You are in the team of %(business)s.") % {"business": found.organization.name}
    )
    return redirect("access:stays")


def _sign_in_first(request: HttpRequest, found: Invitation) -> HttpResponse:
    """To sign in or up, and back here."""
    request.session[sign_in.SESSION_KEY] = found.token_digest
    way = "account_signup" if request.POST.get("way") == "sign-up" else "account_login"
    return redirect(f"{reverse(way)}?{urlencode({'next': request.path})}")


def _show(request: HttpRequest, found: Invitation) -> HttpResponse:
    with tenancy.within(found.organization):
        found.refresh_from_db(fields=["accepted_at", "withdrawn_at", "expires_at"])
        properties = limits.names_in(found.organization, limits.offered_by(found))
    state, user = invitations.offer(found, now()), request.user
    is_for_another = isinstance(user, User) and not invitations.is_for(found, user)
    context = {
        "business": found.organization.name,
        "inviter": found.invited_by.get_full_name(),
        "role_sentence": role_sentence(found.role, properties),
        "state": state,
        "is_for_another": is_for_another,
        "domain": found.email.rpartition("@")[2],
    }
    if state != Offer.OPEN:
        status = HTTPStatus.GONE
    else:
        status = HTTPStatus.FORBIDDEN if is_for_another else HTTPStatus.OK
    return render(request, "properties/invitation.html", context, status=status)


def _invitation(request: OrganizationRequest, invitation_id: int) -> Invitation:
    ours = Invitation.objects.filter(organization=request.organization).select_related("organization")
    return get_object_or_404(ours, pk=invitation_id)


def _invited(request: OrganizationRequest, form: InviteForm) -> bool:
    """Make the call; a refusal becomes words at the field that it is about."""
    wanted = form.cleaned_data
    try:
        invitations.invite(
            organization=request.organization,
            email=wanted["email"],
            role=wanted["role"],
            reach=form.reach(),
            invited_by=request.user,
            now=now(),
        )
    except invitations.AddressIsOfAMember:
        form.add_error("email", _("This person is in your team already."))
    except invitations.AddressIsInvited:
        form.add_error(
            "email", _("This address was invited already. You can send it again on the team's page.")
        )
    except invitations.TooManyInvitations:
        form.add_error(None, _("Many invitations are open already. Withdraw some that nobody will accept."))
    except invitations.MayNotInvite:
        form.add_error(None, _("Your role does not include it any more."))
    else:
        return True
    return False
