"""Who has an account: a person with a mail address and no password; the tokens and one-time links of that person."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LINK_HOLDS = timedelta(hours=1)


def digest(secret: str) -> str:
    """What is kept of a secret. It is long and random, so a plain SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, **more: Any) -> "Person":
        """A person by mail address. There are no passwords: one signs in by a mailed code, a passkey or OIDC."""
        person = self.model(email=self.normalize_email(email).lower(), **more)
        person.set_unusable_password()
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """An account. What a person may do hangs on roles in organisations (`network.Role`), not on the account.

    Who deletes the account leaves a row without address and name (`erased`), so that what others may need to know
    ("somebody who is no longer here held this role then") stays true and says nothing about the person.
    """

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=2, default="en")
    is_active = models.BooleanField(default=True)
    joined = models.DateTimeField(default=timezone.now)
    erased = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        if self.erased:
            return str(_("somebody who is no longer here"))
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()

    def end_sessions(self) -> None:
        """Sign this person out everywhere: sessions are bound to the (unusable) password, so a new one ends them all."""
        self.set_unusable_password()
        self.save(update_fields=["password"])


class TokenSet(models.QuerySet["Token"]):
    def of(self, person_id: int | None) -> Self:
        """The tokens of one person that still work, the newest first."""
        return self.filter(person_id=person_id, revoked=None).order_by("-created", "-pk")

    def known_by(self, secret: str) -> "Token | None":
        """The working token with this secret, with its person; None where there is none."""
        found = self.select_related("person").filter(hash=digest(secret), revoked=None).first()
        return found if found and found.person.is_active else None


class Token(models.Model):
    """A key to the API. Shown once when it is made; only its hash is kept.

    It never carries a right of its own: what it may do is what its person may do at that moment, and of that only what
    its scopes name.
    """

    class Scope(models.TextChoices):
        READ = "read", _("read what I may read")
        WRITE = "write", _("write what I may write")
        DESK = "desk", _("work the desk, ordinary cases only")

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    label = models.CharField(_("what it is for"), max_length=80)
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(_("what it may do"), default=list)
    created = models.DateTimeField(default=timezone.now)
    last_used = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)

    objects = TokenSet.as_manager()

    def __str__(self) -> str:
        return self.label

    @staticmethod
    def new_secret() -> str:
        """`kn_` and 43 letters; the beginning lets a scanner of published code recognise it."""
        return f"kn_{secrets.token_urlsafe(32)}"

    def scope_labels(self) -> list[str]:
        return [str(self.Scope(scope).label) for scope in self.scopes]


class SignInLinkSet(models.QuerySet["SignInLink"]):
    def usable(self, secret: str, now: datetime) -> Self:
        """The link with this secret, as long as nobody used it and its hour is not over."""
        return self.filter(
            hash=digest(secret), used=None, created__gt=now - LINK_HOLDS, person__is_active=True
        )


class SignInLink(models.Model):
    """A link that signs its person in once, within an hour. Only its hash is kept."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    hash = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(default=timezone.now)
    used = models.DateTimeField(null=True, blank=True)

    objects = SignInLinkSet.as_manager()

    def __str__(self) -> str:
        return f"{self.person} {self.created:%Y-%m-%d %H:%M}"
