"""How forms are drawn: each field with its label, its help and, above the input, what is wrong with it."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from koinon.base.text import is_plain


class Renderer(TemplatesSetting):
    """Draws fields with `templates/forms/field.html`, as the design's part *Errors in a form* says."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class JSONField(forms.JSONField):
    """Also refuses what Python's reader of JSON stumbles over: thousands of digits, thousands of brackets."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as trouble:
            raise forms.ValidationError(
                self.error_messages["invalid"], code="invalid", params={"value": value}
            ) from trouble

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return None


class PlainText(forms.CharField):
    """Text without control characters, direction overrides and lone surrogates."""

    def __init__(self, *, lines: bool = False, **more: Any) -> None:
        self.lines = lines
        super().__init__(**more)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "")
        if not is_plain(text, lines=self.lines):
            raise forms.ValidationError(_("This holds signs that cannot be shown. Type it again."))
        return text
