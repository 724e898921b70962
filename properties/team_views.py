"""The pages about a business's team."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from properties import (
    api_keys,
    invitations,
    limits,
    second_factors,
    team,
    team_answers,
    team_pages,
    team_queries,
)
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.models import Membership
from properties.rights import needs
from properties.roles import Right, may
from properties.team_forms import RoleForm

PAGE_LENGTH = 50  # members on a page
HISTORY_LENGTH = 20


@require_GET
@needs(Right.VIEW_TEAM)
def team_page(request: OrganizationRequest) -> HttpResponse:
    """Who works for the business."""
    ours, may_invite = request.organization, may(request.role, Right.INVITE)
    found = team_queries.members_after(ours, request.GET.get("after", ""), PAGE_LENGTH)
    page = found[:PAGE_LENGTH]
    view = team_pages.team_view(
        ours,
        members=page,
        waiting=list(limits.with_names(invitations.waiting_of(ours))) if may_invite else [],
        history=list(team_queries.history_of(ours)[:HISTORY_LENGTH]) if may_invite else [],
        next_url=f"?after={page[-1].pk}" if len(found) > PAGE_LENGTH else "",
        zone=team_queries.zone_of(ours),
        user=request.user,
        role=request.role,
        now=now(),
    )
    return render(request, "properties/team.html", {"section": "team", "team": view})


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_TEAM)
def change_role(request: OrganizationRequest, membership_id: int) -> HttpResponse:
    """Give a member another role, or have them see other properties."""
    member = _member(request, membership_id)
    there = {"role": member.role, "properties": sorted(limits.reach_of(member).property_ids or ())}
    form = RoleForm(request.POST or None, organization=request.organization, initial=there)
    if request.method == "POST" and form.is_valid():
        role, reach = form.cleaned_data["role"], form.reach()
        team_answers.done(
            request,
            lambda moment: team.change_role(
                membership=member, role=role, reach=reach, changed_by=request.user, now=moment
            ),
        )
        return redirect("properties:team")
    name = member.user.get_full_name()
    return team_answers.form_page(request, form, _("Change role"), name, _("Save role"))


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_TEAM)
def remove_member(request: OrganizationRequest, membership_id: int) -> HttpResponse:
    """Remove a member, after saying what that does."""
    member = _member(request, membership_id)
    if request.method == "POST":
        team_answers.done(
            request, lambda moment: team.remove(membership=member, removed_by=request.user, now=moment)
        )
        return redirect("properties:team")
    keys = api_keys.made_by(member.user, request.organization, now=now())
    names = {"name": member.user.get_full_name(), "business": request.organization.name}
    return team_answers.confirm(
        request,
        title=_("Remove %(name)s from %(business)s?") % names,
        consequences=[
            _("They see nothing of %(business)s any more, from their next click on.") % names,
            _("Invitations that they sent and nobody has accepted end at once."),
            _("Stays that they booked stay as they are, and so do codes that they know."),
            *team_pages.keys_left_by(member.user, keys),
        ],
        submit_word=_("Remove from team"),
    )


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_TEAM)
def transfer_ownership(request: OrganizationRequest, membership_id: int) -> HttpResponse:
    """Make a member the owner in one's own place, after asking who is there."""
    member = _member(request, membership_id)

    @reauthentication_required(app="properties")  # type: ignore[untyped-decorator]  # allauth ships no types
    def transferred(request: OrganizationRequest) -> HttpResponse:
        team_answers.done(
            request,
            lambda moment: team.transfer_ownership(
                membership=member, transferred_by=request.user, now=moment
            ),
        )
        return redirect("properties:team")

    if request.method == "POST":
        answer: HttpResponse = transferred(request)
        return answer
    names = {
        "name": member.user.get_full_name(),
        "you": request.user.get_full_name(),
        "business": request.organization.name,
    }
    return team_answers.confirm(
        request,
        title=_("Make %(name)s the owner of %(business)s?") % names,
        consequences=[
            _("%(name)s may then do everything, and decides who is in the team.") % names,
            _("You, %(you)s, become a manager. Only an owner can make you one again.") % names,
            _("We ask for your password or your second factor before."),
        ],
        submit_word=_("Transfer ownership"),
    )


@require_http_methods(["GET", "POST"])
@needs(Right.VIEW_TEAM)
def leave_team(request: OrganizationRequest) -> HttpResponse:
    """Leave the business, after saying what that does."""
    ours = request.organization
    if request.method == "POST":
        # who presses twice is in another of their businesses by then, which they did not mean
        if request.POST.get("organization") == str(ours.pk) and team_answers.done(
            request, lambda moment: team.leave(organization=ours, user=request.user, now=moment)
        ):
            notices.success(request, _("You have left %(business)s.") % {"business": ours.name})
            return redirect("/")
        return redirect("properties:team")
    return team_answers.confirm(
        request,
        title=_("Leave %(business)s?") % {"business": ours.name},
        consequences=[
            _("You see nothing of it any more."),
            _("To come back you need an invitation."),
        ],
        submit_word=_("Leave team"),
    )


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_TEAM)
def second_factor_rule(request: OrganizationRequest) -> HttpResponse:
    """Ask everybody for a second factor, or leave it to them."""
    ours = request.organization
    if request.method == "POST":
        is_required = request.POST.get("required") == "yes"
        team_answers.done(
            request,
            lambda moment: team.ask_for_second_factor(
                organization=ours, is_required=is_required, decided_by=request.user, now=moment
            ),
        )
        return redirect("properties:team")
    context = {
        "section": "team",
        "business": ours.name,
        "is_required": ours.requires_second_factor,
        "has_own": second_factors.has_one(request.user),
        "back_url": reverse("properties:team"),
    }
    return render(request, "properties/second_factor_rule.html", context)


def _member(request: OrganizationRequest, membership_id: int) -> Membership:
    ours = Membership.objects.filter(organization=request.organization)
    return get_object_or_404(ours.select_related("organization", "user"), pk=membership_id)
