"""The settings page: its rooms, the business, how codes are drawn, and what one is written to about."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from properties import organizations, reading, settings_pages
from properties.code_styles import CodeStyle
from properties.middleware import OrganizationRequest
from properties.models import AlertMail, Membership
from properties.rights import needs
from properties.roles import Right, may
from properties.settings_forms import AlertMailForm, BusinessForm, CodeStyleForm, LanguageForm


@never_cache
@require_GET
@needs(Right.VIEW_STAYS)
def settings_page(request: OrganizationRequest) -> HttpResponse:
    """All settings of the business that this person may see."""
    return _page(request)


@require_POST
@needs(Right.CHANGE_BUSINESS)
def change_business(request: OrganizationRequest) -> HttpResponse:
    """Change what guests read of the business."""
    form = BusinessForm(request.POST)
    if not form.is_valid():
        return _page(request, business=form)
    organizations.change(organization=request.organization, **form.cleaned_data)
    notices.success(request, _("The business was changed."))
    return redirect("properties:settings")


@require_POST
@needs(Right.CHANGE_BUSINESS)
def choose_code_style(request: OrganizationRequest) -> HttpResponse:
    """Choose how new codes are drawn."""
    form = CodeStyleForm(request.POST)
    if not form.is_valid():
        return _page(request, codes=form)
    organizations.choose_code_style(
        organization=request.organization, code_style=CodeStyle(form.cleaned_data["code_style"])
    )
    notices.success(request, _("Your choice is kept. New codes are drawn that way."))
    return redirect("properties:settings")


@require_POST
@needs(Right.VIEW_STAYS)
def choose_alert_mail(request: OrganizationRequest) -> HttpResponse:
    """Choose what to be written to about."""
    form = AlertMailForm(request.POST)
    if not form.is_valid():
        return _page(request, mail=form)
    organizations.choose_alert_mail(
        organization=request.organization,
        user=request.user,
        alert_mail=AlertMail(form.cleaned_data["alert_mail"]),
    )
    notices.success(request, _("Your choice is kept."))
    return redirect("properties:settings")


@require_POST
@needs(Right.VIEW_STAYS)
def choose_language(request: OrganizationRequest) -> HttpResponse:
    """Choose the language to read in."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _page(request, language=form)
    language = form.cleaned_data["language"]
    reading.choose(user=request.user, language=language)
    with translation.override(language or get_language_from_request(request)):
        notices.success(request, _("Your choice is kept."))
    return redirect("properties:settings")


def _business_form(request: OrganizationRequest) -> BusinessForm:
    ours = request.organization
    return BusinessForm(initial={"name": ours.name, "reply_to": ours.reply_to})


def _mail_form(request: OrganizationRequest) -> AlertMailForm:
    place = Membership.objects.get(organization=request.organization, user=request.user)
    return AlertMailForm(initial={"alert_mail": organizations.alert_mail_of(place).value})


def _page(
    request: OrganizationRequest,
    *,
    business: BusinessForm | None = None,
    codes: CodeStyleForm | None = None,
    mail: AlertMailForm | None = None,
    language: LanguageForm | None = None,
) -> HttpResponse:
    """All rooms and forms; one that was sent shows what is wrong with it."""
    may_change = may(request.role, Right.CHANGE_BUSINESS)
    style = {"code_style": request.organization.code_style}
    context = {
        "section": "settings",
        "rooms": settings_pages.rooms(request.role),
        "business_form": (business or _business_form(request)) if may_change else None,
        "codes_form": (codes or CodeStyleForm(initial=style)) if may_change else None,
        "mail_form": mail or _mail_form(request),
        "language_form": language or LanguageForm(initial={"language": request.user.language}),
    }
    return render(request, "properties/settings.html", context)
