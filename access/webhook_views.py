"""The pages about webhooks: which there are, their secrets, what was sent, and sending it again."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import webhook_endpoints, webhook_pages, webhook_queries
from access.models import WebhookDelivery, WebhookEndpoint
from access.webhook_forms import WebhookForm
from properties import team_queries
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.rights import needs
from properties.roles import Right

DOCS = "/api/reference"
PAGE_LENGTH = 30


@require_GET
@needs(Right.MANAGE_WEBHOOKS)
def webhooks(request: OrganizationRequest) -> HttpResponse:
    """All webhooks of the business."""
    ours = request.organization
    page = webhook_pages.endpoint_list(
        list(webhook_endpoints.of(ours)), zone=team_queries.zone_of(ours), docs_url=DOCS
    )
    return render(request, "access/webhooks.html", {"section": "settings", "page": page})


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.MANAGE_WEBHOOKS)
def add_webhook(request: OrganizationRequest) -> HttpResponse:
    """Add a webhook, after asking who is there. The answer shows its secret, and nothing does again."""
    form = WebhookForm(request.POST or None)

    @reauthentication_required(app="access")  # type: ignore[untyped-decorator]  # allauth ships no types
    def made(request: OrganizationRequest) -> HttpResponse:
        return _made(request, form) or _add_page(request, form)

    if request.method == "POST" and form.is_valid():
        answer: HttpResponse = made(request)
        return answer
    return _add_page(request, form)


@never_cache
@require_GET
@needs(Right.MANAGE_WEBHOOKS)
def webhook(request: OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """One webhook, and what it was told."""
    ours, endpoint = request.organization, _endpoint(request, endpoint_id)
    told = webhook_queries.deliveries_of(ours).filter(endpoint=endpoint)
    found = webhook_queries.deliveries_before(told, request.GET.get("before", ""), PAGE_LENGTH)
    zone = team_queries.zone_of(ours)
    page = webhook_pages.endpoint_page(endpoint, found, most=PAGE_LENGTH, zone=zone, now=now())
    return render(request, "access/webhook.html", {"section": "settings", "page": page})


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.MANAGE_WEBHOOKS)
def edit_webhook(request: OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """Change what a webhook is called, where it leads, or what it tells."""
    endpoint = _endpoint(request, endpoint_id)
    kept = {"name": endpoint.name, "url": endpoint.url, "types": endpoint.types}
    form = WebhookForm(request.POST if request.method == "POST" else None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            webhook_endpoints.change(
                endpoint=endpoint, changed_by=request.user, now=now(), **form.cleaned_data
            )
        except webhook_endpoints.NameIsTaken:
            form.add_error("name", _("Another webhook has this name."))
        except webhook_endpoints.MayNotManageWebhooks:
            form.add_error(None, _("Your role does not include it."))
        else:
            notices.success(request, _("The webhook is changed."))
            return redirect("access:webhook", endpoint_id=endpoint.pk)
    context = {
        "form": form,
        "title": _("Change the webhook “%(name)s”") % {"name": endpoint.name},
        "submit_word": _("Save webhook"),
        "back_url": webhook_pages.address_of(endpoint),
    }
    return render(request, "access/webhook_form.html", {"section": "settings", **context})


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.MANAGE_WEBHOOKS)
def rotate_webhook_secret(request: OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """Make another secret, after saying what that means and asking who is there."""
    endpoint = _endpoint(request, endpoint_id)

    @reauthentication_required(app="access")  # type: ignore[untyped-decorator]  # allauth ships no types
    def rotated(request: OrganizationRequest) -> HttpResponse:
        try:
            secret = webhook_endpoints.rotate_secret(endpoint=endpoint, rotated_by=request.user, now=now())
        except webhook_endpoints.MayNotManageWebhooks:
            return _refused(request, endpoint)
        return _secret_page(request, endpoint, secret)

    if request.method == "POST":
        answer: HttpResponse = rotated(request)
        return answer
    context = {
        "section": "settings",
        "title": _("Make another secret for “%(name)s”?") % {"name": endpoint.name},
        "consequences": webhook_pages.rotate_consequences(endpoint),
        "submit_word": _("Make secret"),
        "back_url": webhook_pages.address_of(endpoint),
    }
    return render(request, "properties/confirm.html", context)


@require_POST
@needs(Right.MANAGE_WEBHOOKS)
def switch_webhook(request: OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """Switch a webhook on or off, as the button said."""
    endpoint, is_on = _endpoint(request, endpoint_id), request.POST.get("on") == "yes"
    try:
        webhook_endpoints.switch(endpoint=endpoint, is_on=is_on, switched_by=request.user, now=now())
    except webhook_endpoints.MayNotManageWebhooks:
        return _refused(request, endpoint)
    notices.success(request, _("The webhook is on.") if is_on else _("The webhook is off."))
    return redirect("access:webhook", endpoint_id=endpoint.pk)


@require_POST
@needs(Right.MANAGE_WEBHOOKS)
def try_webhook(request: OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """Send a test, and show what becomes of it."""
    endpoint = _endpoint(request, endpoint_id)
    try:
        delivery = webhook_endpoints.try_out(endpoint=endpoint, asked_by=request.user, now=now())
    except (webhook_endpoints.MayNotManageWebhooks, webhook_endpoints.EndpointIsOff) as refusal:
        return _refused(request, endpoint, refusal)
    return redirect("access:webhook_delivery", delivery_id=delivery.pk)


@require_http_methods(["GET", "POST"])
@needs(Right.MANAGE_WEBHOOKS)
def delete_webhook(request: OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """End a webhook, after saying what that does."""
    endpoint = _endpoint(request, endpoint_id)
    if request.method == "POST":
        try:
            webhook_endpoints.delete(endpoint=endpoint, deleted_by=request.user, now=now())
        except webhook_endpoints.MayNotManageWebhooks:
            return _refused(request, endpoint)
        notices.success(request, _("The webhook %(name)s is deleted.") % {"name": endpoint.name})
        return redirect("access:webhooks")
    context = {
        "section": "settings",
        "title": _("Delete the webhook “%(name)s”?") % {"name": endpoint.name},
        "consequences": webhook_pages.delete_consequences(endpoint),
        "submit_word": _("Delete webhook"),
        "back_url": webhook_pages.address_of(endpoint),
    }
    return render(request, "properties/confirm.html", context)


@never_cache
@require_GET
@needs(Right.MANAGE_WEBHOOKS)
def webhook_delivery(request: OrganizationRequest, delivery_id: int) -> HttpResponse:
    """One delivery: what was sent, and what came back."""
    delivery = _delivery(request, delivery_id)
    page = webhook_pages.delivery_page(delivery, zone=team_queries.zone_of(request.organization))
    return render(request, "access/webhook_delivery.html", {"section": "settings", "page": page})


@require_POST
@needs(Right.MANAGE_WEBHOOKS)
def send_webhook_again(request: OrganizationRequest, delivery_id: int) -> HttpResponse:
    """Send an event once more, and show what becomes of it."""
    delivery = _delivery(request, delivery_id)
    try:
        again = webhook_endpoints.send_again(delivery=delivery, asked_by=request.user, now=now())
    except (webhook_endpoints.MayNotManageWebhooks, webhook_endpoints.EndpointIsOff) as refusal:
        return _refused(request, delivery.endpoint, refusal)
    return redirect("access:webhook_delivery", delivery_id=again.pk)


def _endpoint(request: OrganizationRequest, endpoint_id: int) -> WebhookEndpoint:
    return get_object_or_404(webhook_endpoints.of(request.organization), pk=endpoint_id)


def _delivery(request: OrganizationRequest, delivery_id: int) -> WebhookDelivery:
    return get_object_or_404(webhook_queries.deliveries_of(request.organization), pk=delivery_id)


def _made(request: OrganizationRequest, form: WebhookForm) -> HttpResponse | None:
    """The page with the secret; nothing where it was refused, which the form says."""
    try:
        endpoint = webhook_endpoints.make(
            organization=request.organization, made_by=request.user, now=now(), **form.cleaned_data
        )
    except webhook_endpoints.NameIsTaken:
        form.add_error("name", _("Another webhook has this name. If you pressed twice, delete that one."))
    except webhook_endpoints.TooManyWebhooks:
        form.add_error(None, _("There are as many webhooks as a business may have. Delete one first."))
    except webhook_endpoints.MayNotManageWebhooks:
        form.add_error(None, _("Your role does not include it."))
    else:
        return _secret_page(request, endpoint, endpoint.secret)
    return None


def _add_page(request: OrganizationRequest, form: WebhookForm) -> HttpResponse:
    context = {
        "form": form,
        "title": _("Add a webhook"),
        "intro": _("Keyturn calls the address as soon as one of these things happens."),
        "submit_word": _("Add webhook"),
        "back_url": webhook_pages.list_address(),
    }
    return render(request, "access/webhook_form.html", {"section": "settings", **context})


def _secret_page(request: OrganizationRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
    context = {
        "section": "settings",
        "name": endpoint.name,
        "secret": secret,
        "back_url": webhook_pages.address_of(endpoint),
    }
    return render(request, "access/webhook_secret.html", context)


def _refused(
    request: OrganizationRequest, endpoint: WebhookEndpoint, refusal: Exception | None = None
) -> HttpResponse:
    is_off = isinstance(refusal, webhook_endpoints.EndpointIsOff)
    notices.warning(
        request, _("Switch the webhook on first.") if is_off else _("Your role does not include it.")
    )
    return redirect("access:webhook", endpoint_id=endpoint.pk)
