"""The pages about API keys: a list, a form whose answer shows the new key once, and revoking."""

from datetime import datetime

from allauth.account.decorators import reauthentication_required
from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from properties import api_key_pages, api_keys, limits, team_queries
from properties.api_key_forms import ApiKeyForm
from properties.api_scopes import Scope
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.models import ApiKey
from properties.rights import needs
from properties.roles import Right

DOCS = "/api/docs"


@require_GET
@needs(Right.MANAGE_API_KEYS)
def api_key_list(request: OrganizationRequest) -> HttpResponse:
    """The keys that were not revoked."""
    ours = request.organization
    page = api_key_pages.key_list(
        list(api_keys.standing_of(ours)),
        names=dict(limits.properties_of(ours).values_list("pk", "name")),
        zone=team_queries.zone_of(ours),
        docs_url=DOCS,
        now=now(),
    )
    return render(request, "properties/api_keys.html", {"section": "settings", "page": page})


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.MANAGE_API_KEYS)
def make_api_key(request: OrganizationRequest) -> HttpResponse:
    """Make a key, after asking who is there. The answer shows it, and nothing does again."""
    form = ApiKeyForm(
        request.POST or None,
        organization=request.organization,
        initial={"scopes": [Scope.READ.value], "lasts": "90"},
    )

    @reauthentication_required(app="properties")  # type: ignore[untyped-decorator]  # allauth ships no types
    def made(request: OrganizationRequest) -> HttpResponse:
        return _made(request, form, now()) or _form_page(request, form)

    if request.method == "POST" and form.is_valid():
        answer: HttpResponse = made(request)
        return answer
    return _form_page(request, form)


@never_cache
@require_POST
@needs(Right.MANAGE_API_KEYS)
def try_api(request: OrganizationRequest) -> HttpResponse:
    """Lead whoever is signed in to the page on which the API is tried out, with a key for that.

    The key stands behind the address' `#`, which browsers keep to themselves and the page takes away.
    """
    try:
        text = api_keys.make_to_try(organization=request.organization, made_by=request.user, now=now())
    except api_keys.TooManyKeys:
        notices.warning(request, _("There are as many keys as a business may have. Revoke one first."))
    except api_keys.MayNotManageKeys:
        notices.warning(request, _("Your role does not include it."))
    else:
        return redirect(f"{DOCS}#key={text}")
    return redirect("properties:api_keys")


@require_http_methods(["GET", "POST"])
@needs(Right.MANAGE_API_KEYS)
def revoke_api_key(request: OrganizationRequest, key_id: int) -> HttpResponse:
    """End a key, after saying what that does."""
    ours = ApiKey.objects.filter(organization=request.organization).select_related("organization")
    key = get_object_or_404(ours, pk=key_id)
    if request.method == "POST":
        try:
            api_keys.revoke(key=key, revoked_by=request.user, now=now())
        except api_keys.MayNotManageKeys:
            notices.warning(request, _("Your role does not include it."))
        return redirect("properties:api_keys")
    context = {
        "section": "settings",
        "title": _("Revoke the API key “%(name)s”?") % {"name": key.name},
        "consequences": api_key_pages.revoke_consequences(key),
        "submit_word": _("Revoke key"),
        "back_url": reverse("properties:api_keys"),
    }
    return render(request, "properties/confirm.html", context)


def _made(request: OrganizationRequest, form: ApiKeyForm, moment: datetime) -> HttpResponse | None:
    """The page with the new key; nothing where it was refused, which the form says."""
    asked = form.cleaned_data
    try:
        key, text = api_keys.make(
            organization=request.organization,
            name=asked["name"],
            scopes=asked["scopes"],
            expires_at=moment + asked["lasts"] if asked["lasts"] else None,
            reach=form.reach(),
            made_by=request.user,
            now=moment,
        )
    except api_keys.LimitedKeyManagesNone:
        form.add_error("scopes", _("A key for some properties cannot look after keys."))
    except api_keys.NameIsTaken:
        form.add_error("name", _("Another key has this name. If you pressed twice, revoke that one."))
    except api_keys.TooManyKeys:
        form.add_error(None, _("There are as many keys as a business may have. Revoke one first."))
    except api_keys.MayNotManageKeys:
        form.add_error(None, _("Your role does not include it."))
    else:
        context = {
            "section": "settings",
            "name": key.name,
            "text": text,
            "docs_url": DOCS,
            "back_url": reverse("properties:api_keys"),
        }
        return render(request, "properties/api_key_made.html", context)
    return None


def _form_page(request: OrganizationRequest, form: ApiKeyForm) -> HttpResponse:
    context = {
        "section": "settings",
        "form": form,
        "title": _("Make an API key"),
        "intro": _("The key is shown once. Who has it may do what you choose here."),
        "submit_word": _("Make key"),
        "back_url": reverse("properties:api_keys"),
    }
    return render(request, "properties/simple_form.html", context)
