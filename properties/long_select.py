"""A list to choose from that may be long."""

from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

SELECTED = mark_safe(" selected")


class LongSelect(forms.Select):
    """Writes its options at once: with a dictionary and a template for each, thousands take half a second."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """The element; groups of options are not known here."""
        del renderer
        chosen = set(self.format_value(value))
        options = (
            (key, SELECTED if str(key) in chosen else "", label)
            for key, label in ((str(key), label) for key, label in self.choices)
        )
        return format_html(
            "<select{}>{}</select>",
            flatatt({"name": name, **self.build_attrs(self.attrs, attrs)}),
            format_html_join("\n", '<option value="{}"{}>{}</option>', options),
        )
