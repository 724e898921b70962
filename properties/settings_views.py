"""The settings page: the business, and what one is written to about."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from properties import organizations
from properties.middleware import OrganizationRequest
from properties.models import AlertMail, Membership
from properties.rights import needs
from properties.roles import Right, may
from properties.settings_forms import AlertMailForm, BusinessForm


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def settings_page(request: OrganizationRequest) -> HttpResponse:
    """All settings of the business that this person may see."""
    return _page(request, _business_form(request), _mail_form(request))


@require_POST
@needs(Right.CHANGE_BUSINESS)
def change_business(request: OrganizationRequest) -> HttpResponse:
    """Change what guests read of the business."""
    form = BusinessForm(request.POST)
    if not form.is_valid():
        return _page(request, form, _mail_form(request))
    organizations.change(organization=request.organization, **form.cleaned_data)
    notices.success(request, _("The business was changed."))
    return redirect("properties:settings")


@require_POST
@needs(Right.VIEW_STAYS)
def choose_alert_mail(request: OrganizationRequest) -> HttpResponse:
    """Choose what to be written to about."""
    form = AlertMailForm(request.POST)
    if not form.is_valid():
        return _page(request, _business_form(request), form)
    organizations.choose_alert_mail(
        organization=request.organization,
        user=request.user,
        alert_mail=AlertMail(form.cleaned_data["alert_mail"]),
    )
    notices.success(request, _("Your choice is kept."))
    return redirect("properties:settings")


def _business_form(request: OrganizationRequest) -> BusinessForm:
    ours = request.organization
    return BusinessForm(initial={"name": ours.name, "reply_to": ours.reply_to})


def _mail_form(request: OrganizationRequest) -> AlertMailForm:
    place = Membership.objects.get(organization=request.organization, user=request.user)
    return AlertMailForm(initial={"alert_mail": organizations.alert_mail_of(place).value})


def _page(request: OrganizationRequest, business: BusinessForm, mail: AlertMailForm) -> HttpResponse:
    context = {
        "section": "settings",
        "business_form": business if may(request.role, Right.CHANGE_BUSINESS) else None,
        "mail_form": mail,
        "audit_url": reverse("access:audit") if may(request.role, Right.VIEW_AUDIT) else "",
    }
    return render(request, "properties/settings.html", context)
