"""How forms are drawn: each field with its label, its help and, above the input, what is wrong with it."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Draws fields with `templates/forms/field.html`, as the design's part *Errors in a form* says."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
