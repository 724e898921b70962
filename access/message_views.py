"""What guests are told: a host's own words with a preview and a test, and the time at which a house tells."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import mail, message_pages, send_times, trials, words
from access.message_forms import AT_ONCE, SendTimeForm, WordsForm
from access.models import MessageKind
from access.trials import Trial
from properties.clock import now
from properties.middleware import OrganizationRequest
from properties.models import Property
from properties.rights import needs
from properties.roles import Right
from properties.text_views import asked_language

# a message has its style inside, as mail programs want it; it runs nothing, asks for nothing, leads nowhere
OF_A_MESSAGE = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "frame-ancestors": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "sandbox": True,
}


@csp_update({"frame-src": [SELF]})
@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_BUSINESS)
def message_words(request: OrganizationRequest) -> HttpResponse:
    """Write how messages begin and end."""
    asked, moment = _asked(request), now()
    rows = list(words.words_of(request.organization, asked.kind))
    kept = next((row for row in rows if row.language == asked.language), None)
    initial = {"opening": kept.opening, "closing": kept.closing} if kept else {}
    form = WordsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        words.write(
            organization=request.organization, kind=asked.kind, language=asked.language, **form.cleaned_data
        )
        notices.success(request, _("Your words are kept. Messages that leave from now on have them."))
        return redirect(message_pages.address("access:message_words", asked.kind, asked.language))
    view = message_pages.words_view(
        asked.kind,
        asked.language,
        rows,
        own_address=request.user.email,
        last_trial=trials.latest(request.organization, request.user, moment),
    )
    context = {"section": "settings", "view": view, "form": form}
    return render(request, "access/message_words.html", context)


@csp(OF_A_MESSAGE)
@xframe_options_sameorigin
@never_cache
@require_GET
@needs(Right.CHANGE_BUSINESS)
def preview_message(request: OrganizationRequest) -> HttpResponse:
    """The message itself, about a guest and a code that do not exist."""
    asked = _asked(request)
    letter = trials.letter(request.organization, asked, now())
    return HttpResponse(mail.page(asked.kind, letter), headers={"Content-Language": letter.language})


@require_POST
@needs(Right.CHANGE_BUSINESS)
def try_message(request: OrganizationRequest) -> HttpResponse:
    """Send the same to one's own address."""
    asked = _asked(request)
    try:
        trials.ask(organization=request.organization, trial=asked, asked_by=request.user, now=now())
    except trials.TriedJustNow:
        notices.info(request, _("A test message was sent to you a moment ago. Wait half a minute."))
    except trials.TriedTooOften:
        notices.warning(request, _("You have had thirty test messages today. Try again tomorrow."))
    return redirect(message_pages.address("access:message_words", asked.kind, asked.language))


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def send_time(request: OrganizationRequest, property_id: int) -> HttpResponse:
    """Choose when guests of a house are told their code."""
    ours = Property.objects.filter(organization=request.organization)
    place = get_object_or_404(ours, pk=property_id)
    days = AT_ONCE if place.tell_days is None else str(place.tell_days)
    initial = {
        "tell_days": days,
        "tell_time": place.tell_time,
        "remind_time": place.remind_time,
        "says_thanks": place.says_thanks,
    }
    form = SendTimeForm(request.POST if request.method == "POST" else None, initial=initial)
    back_url = reverse("properties:property", kwargs={"property_id": place.pk})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        send_times.choose(
            place=place,
            days=chosen["tell_days"],
            at=chosen["tell_time"],
            remind_at=chosen["remind_time"],
            says_thanks=chosen["says_thanks"],
            now=now(),
        )
        notices.success(request, _("Your choice is kept. Messages that wait follow it."))
        return redirect(back_url)
    context = {
        "section": "properties",
        "form": form,
        "title": _("When guests are told"),
        "intro": place.name,
        "back_url": back_url,
    }
    return render(request, "properties/simple_form.html", context)


def _asked(request: HttpRequest) -> Trial:
    """The kind and language that the address names, or the first of each."""
    named = request.GET.get("kind", "")
    kind = MessageKind(named) if named in list(MessageKind) else MessageKind.ACCESS_READY
    return Trial(kind, asked_language(request))
