"""What may be typed about a space and in it."""

import secrets
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.agenda.forms import WhenForm
from koinon.agenda.models import Session
from koinon.base.languages import DEFAULT, ENDONYMS, language_name
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.places import zones
from koinon.practices import concepts
from koinon.practices.fields import Line, OnePlace, Several, Topics, Words
from koinon.spaces.actions.keeping import Described
from koinon.spaces.actions.talking import LONGEST
from koinon.spaces.actions.things import Appointment
from koinon.spaces.models import Date, Member, Post, Space, held
from koinon.spaces.models.spaces import STAFF

LANGUAGES = list(ENDONYMS.items())
NONCE = r"[A-Za-z0-9_-]{8,64}"


def _nonce() -> str:
    return secrets.token_urlsafe(16)


def nonce_field() -> forms.RegexField:
    return forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)


def edits_field(*, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(min_value=0, max_value=2**31 - 1, required=required, widget=forms.HiddenInput)


def language_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Language in which you write"), choices=LANGUAGES)


def _spoken() -> str:
    return get_language() or DEFAULT


def _languages() -> list[tuple[str, str]]:
    named = [(code, capfirst(language_name(code, _spoken()))) for code in ENDONYMS]
    return sorted(named, key=lambda pair: pair[1])


def bodies_for(by: Visitor) -> list[Organisation]:
    """The bodies for which somebody may propose a space."""
    there = held(by, STAFF)
    return list(Organisation.objects.filter(pk__in=there).order_by("name")) if there else []


class SpaceForm(forms.Form):
    """What a space says of itself."""

    body = forms.ChoiceField(label=_("Which body it belongs to"))
    name = Line(label=_("Name"), max_length=120)
    purpose = Words(
        label=_("What it is for"),
        rows=3,
        max_length=1000,
        help_text=_("For whom, and about what. In a few sentences."),
    )
    is_closed = forms.ChoiceField(
        label=_("Who reads it"),
        choices=[
            ("no", _("everybody; whoever has an account may join")),
            ("yes", _("its members alone; nobody else learns that it exists")),
        ],
        help_text=_("This cannot be changed once it is open: people wrote for whom they were told."),
    )
    rules = Line(
        label=_("House rules, in a line"),
        max_length=300,
        required=False,
        help_text=_("“Be brief, name your source, no advertising.”"),
    )
    topics = Topics(
        label=_("Topics"), required=False, help_text=_("Words of the field, between commas or on lines.")
    )
    languages = Several(label=_("In which languages people write here"))
    place = OnePlace(
        label=_("Where"),
        required=False,
        help_text=_("A municipality, a region or a country. Empty: anywhere."),
    )
    language = language_field()
    edits = edits_field(required=False)
    nonce = nonce_field()

    def __init__(self, data: QueryDict | None = None, *, by: Visitor, of: Space | None = None) -> None:
        super().__init__(data, initial=_space_initial(of))
        self.fields["languages"].choices = _languages()  # type: ignore[attr-defined]
        self.bodies = {str(row.pk): row for row in bodies_for(by)} if of is None else {}
        if of is not None:
            del self.fields["body"]
        else:
            self.fields["body"].choices = [(key, row.name) for key, row in self.bodies.items()]  # type: ignore[attr-defined]
        if of is not None and of.state != Space.State.PROPOSED:
            del self.fields["is_closed"]

    @property
    def chosen_body(self) -> Organisation:
        return self.bodies[self.cleaned_data["body"]]

    def described(self) -> Described:
        data = self.cleaned_data
        return Described(
            name=data["name"],
            purpose=data["purpose"],
            language=data["language"],
            rules=data["rules"],
            topics=data["topics"],
            languages=data["languages"],
            place=data["place"],
            is_closed=data.get("is_closed") == "yes",
        )


def topic_words(keys: Any) -> str:
    return ", ".join(concepts.label(key, _spoken()) for key in keys)


def _space_initial(of: Space | None) -> dict[str, Any]:
    if of is None:
        return {"language": _spoken(), "languages": [_spoken()], "is_closed": "no", "nonce": _nonce()}
    names = "name purpose rules languages language edits".split()
    return {name: getattr(of, name) for name in names} | {
        "is_closed": "yes" if of.is_closed else "no",
        "topics": topic_words(of.topics),
        "place": f"{of.place.display_name()} ({of.place.key})" if of.place is not None else "",
    }


class NameForm(forms.Form):
    """Under which name somebody comes in; for a closed space also a few words."""

    name = Line(
        label=_("Your name here"),
        max_length=80,
        help_text=_("Others see this name and nothing else of you; never your address."),
    )
    words = Line(label=_("A few words to the hosts"), max_length=500, required=False)

    def __init__(self, data: QueryDict | None = None, *, name: str = "", asks: bool = False) -> None:
        super().__init__(data, initial={"name": name})
        if not asks:
            del self.fields["words"]

    def clean_name(self) -> str:
        return _no_address(self.cleaned_data["name"])


def _no_address(name: str) -> str:
    if "@" in name:
        raise forms.ValidationError(_("Choose a name that is no address: others see it."))
    return name


class MembershipForm(forms.Form):
    """One's own name in a space, and which mails come."""

    name = Line(
        label=_("Your name here"),
        max_length=80,
        help_text=_("It changes on what you have said here, too."),
    )
    mail = forms.ChoiceField(
        label=_("Mails"),
        choices=[(value, capfirst(label)) for value, label in Member.Mail.choices],
        widget=forms.RadioSelect,
    )
    edits = edits_field()

    def __init__(self, data: QueryDict | None = None, *, of: Member) -> None:
        super().__init__(data, initial={"name": of.name, "mail": of.mail, "edits": of.edits})

    def clean_name(self) -> str:
        return _no_address(self.cleaned_data["name"])


class ThreadForm(forms.Form):
    """A new thread."""

    title = Line(label=_("What it is about, in a line"), max_length=160)
    text = Words(label=_("Your words"), rows=6, max_length=LONGEST)
    nonce = nonce_field()

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"nonce": _nonce()})


class PostForm(forms.Form):
    """Words in a thread."""

    text = Words(label=_("Your words"), rows=5, max_length=LONGEST)
    nonce = nonce_field()

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"nonce": _nonce()})


class ChangeForm(forms.Form):
    """One's own words again, with the title that was said with them (left empty it stays); after a day only their language."""

    title = Line(label=_("What it is about, in a line"), max_length=160, required=False)
    text = Words(label=_("Your words"), rows=6, max_length=LONGEST)
    language = forms.ChoiceField(
        label=_("Language they are in"),
        choices=LANGUAGES,
        help_text=_("It was guessed; correct it where it is wrong."),
    )
    edits = edits_field()

    def __init__(self, data: QueryDict | None = None, *, of: Post) -> None:
        initial = {"text": of.text, "language": of.language, "edits": of.edits, "title": of.thread.title}
        super().__init__(data, initial=initial)
        if not of.words_can_change:
            del self.fields["text"]
        if not of.title_can_change():
            del self.fields["title"]


class ReasonForm(forms.Form):
    """Why: a host's reason, which others read."""

    because = Line(label=_("The reason"), max_length=300)


class RefusalForm(forms.Form):
    """A host's words to somebody who is not let in."""

    because = Line(label=_("A few words, if they are not let in"), max_length=300, required=False)

    def __init__(self, data: QueryDict | None = None, *, about: int) -> None:
        super().__init__(data, auto_id=f"asking-{about}-%s")
        self.about = about


class InviteForm(forms.Form):
    """Whom to invite."""

    email = forms.EmailField(
        label=_("Mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    words = Line(label=_("A few words"), max_length=500, required=False)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class FilesForm(forms.Form):
    """A line about files that are added."""

    words = Line(label=_("A line about them"), max_length=300, required=False)
    nonce = nonce_field()

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"nonce": _nonce()})


class DateForm(WhenForm):
    """A date of the space: a wall time in a zone."""

    title = Line(label=_("What it is"), max_length=160)
    where = Line(
        label=_("Where"), max_length=300, required=False, help_text=_("A place, or the address of a call.")
    )
    words = Words(label=_("More, if it helps"), rows=3, max_length=2000, required=False)
    language = language_field()
    edits = edits_field(required=False)
    nonce = nonce_field()
    field_order = ["title", "day", "begins", "minutes", "zone", "fold", "where", "words", "language"]

    def __init__(self, data: QueryDict | None = None, *, of: Date | None = None, zone: str = "") -> None:
        super().__init__(data, initial=_date_initial(of, zone))

    def told(self) -> Appointment:
        data = self.cleaned_data
        return Appointment(
            title=data["title"],
            words=data["words"],
            where=data["where"],
            language=data["language"],
            moment=data["moment"],
            minutes=data["minutes"],
        )


def _date_initial(of: Date | None, zone: str) -> dict[str, Any]:
    if of is None:
        return {"zone": zone or zones.DEFAULT, "minutes": 60, "language": _spoken(), "nonce": _nonce()}
    names = "title where words language day begins fold minutes zone edits".split()
    return {name: getattr(of, name) for name in names}


class SessionForm(forms.Form):
    """A session of the programme, as a date of the space."""

    session = Line(
        label=_("A session of the programme"),
        max_length=300,
        help_text=_("Its code, or the address of its page."),
    )

    def clean_session(self) -> Session:
        typed = self.cleaned_data["session"].rstrip("/").rpartition("/")[2][:20]
        found = Session.objects.public().filter(code=typed).first() if typed else None
        if found is None:
            raise forms.ValidationError(_("No session that everybody may see has this code."))
        return found

    def told(self) -> Appointment:
        return Appointment(
            session=self.cleaned_data["session"], language=self.cleaned_data["session"].language
        )
