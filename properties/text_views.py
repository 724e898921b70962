"""The page on which hosts write what guests of a house read."""

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from properties import languages, queries, text_pages, texts
from properties.middleware import OrganizationRequest
from properties.models import Property
from properties.rights import needs
from properties.roles import Right
from properties.text_forms import PropertyFactsForm, PropertyTextForm


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_PROPERTIES)
def property_texts(request: OrganizationRequest, property_id: int) -> HttpResponse:
    """Write what guests of a house read, in one language at a time."""
    place, language = _property(request, property_id), asked_language(request)
    form = _text_form(request, place, language)
    if request.method == "POST" and form.is_valid():
        texts.write(place=place, language=language, texts=form.texts())
        notices.success(
            request, _("The texts in %(language)s are kept.") % {"language": languages.NAMES[language]}
        )
        return redirect(f"{request.path}?language={language}")
    return _page(request, place, form, _facts_form(place))


@never_cache
@require_POST
@needs(Right.CHANGE_PROPERTIES)
def property_facts(request: OrganizationRequest, property_id: int) -> HttpResponse:
    """Keep what is the same in every language."""
    place, language = _property(request, property_id), asked_language(request)
    form = PropertyFactsForm(request.POST, zone=place.time_zone)
    if not form.is_valid():
        return _page(request, place, _text_form(request, place, language, is_sent=False), form)
    texts.note_facts(place=place, **form.cleaned_data)
    notices.success(request, _("Wi-Fi and telephone are kept."))
    return redirect(text_pages.texts_view(place, language, {}).save_url)


def asked_language(request: HttpRequest) -> str:
    """The language that the address names, or the first one."""
    named = request.GET.get("language", "")
    return named if named in languages.NAMES else languages.FIRST


def _property(request: OrganizationRequest, property_id: int) -> Property:
    return get_object_or_404(Property.objects.filter(organization=request.organization), pk=property_id)


def _text_form(
    request: OrganizationRequest, place: Property, language: str, *, is_sent: bool = True
) -> PropertyTextForm:
    sent = request.POST if request.method == "POST" and is_sent else None
    there = texts.by_subject(texts.texts_of(place))
    return PropertyTextForm(sent, doors=queries.doors_of(place), language=language, there=there)


def _facts_form(place: Property) -> PropertyFactsForm:
    facts = texts.facts_of(place)
    kept = {"wifi_name": facts.wifi_name, "wifi_password": facts.wifi_password, "phone": facts.phone}
    return PropertyFactsForm(initial=kept, zone=place.time_zone)


def _page(
    request: OrganizationRequest, place: Property, form: PropertyTextForm, facts: PropertyFactsForm
) -> HttpResponse:
    there = texts.by_subject(texts.texts_of(place))
    context = {
        "section": "properties",
        "view": text_pages.texts_view(place, asked_language(request), there),
        "form": form,
        "facts_form": facts,
    }
    return render(request, "properties/texts.html", context)
