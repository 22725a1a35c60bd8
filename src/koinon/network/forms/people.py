"""What may be typed about the people of an organisation."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koinon.network.models import Role


class InvitationForm(forms.Form):
    """Letting somebody in. Offers what the visitor may grant, and nothing else."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("We write to this address. Who signs in with it has the role."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_("Role"), choices=[])

    def __init__(self, *args: Any, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(kind, Role.Kind(kind).label) for kind in kinds]
