"""People and the businesses they work for."""

from enum import StrEnum
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Cast, Lower

from properties.code_styles import CodeStyle
from properties.roles import LIMITABLE, Role


class UserManager(BaseUserManager["User"]):
    """Makes users: by e-mail address, never by a name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who can sign in, if a password is given."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this address, in whatever case it was typed."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    # empty: the browser's on pages, the installation's in e-mails
    language = models.CharField(max_length=10, blank=True, default="", db_default="")

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_for_each_address")]

    def __str__(self) -> str:
        return f"User {self.pk}"

    def get_full_name(self) -> str:
        """How the person wants to be called."""
        return self.name or self.email


class Organization(models.Model):
    """One host business: the tenant."""

    name = models.CharField(max_length=100)
    # stands in addresses, so it stays when the name changes
    slug = models.SlugField(
        max_length=50, unique=True, db_default=Cast(RandomUUID(), models.CharField(max_length=50))
    )
    reply_to = models.EmailField()
    requires_second_factor = models.BooleanField(default=False, db_default=False)
    code_style = models.CharField(
        max_length=10,
        choices=[(style.value, style.value) for style in CodeStyle],
        default=CodeStyle.EASY.value,
        db_default=CodeStyle.EASY.value,
    )
    # what some webhook is told of, so that whatever happens knows it without a query
    webhook_types = ArrayField(models.CharField(max_length=30), default=list, blank=True, db_default=[])
    created_at = models.DateTimeField(auto_now_add=True)
    members: models.ManyToManyField[User, "Membership"] = models.ManyToManyField(User, through="Membership")

    def __str__(self) -> str:
        return f"Organization {self.pk}"


class AlertMail(StrEnum):
    """What a person is written to about, beside finding it on the page."""

    ALL = "all"
    URGENT = "urgent"
    NONE = "none"


class Membership(models.Model):
    """A person's place in an organization."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=[(role.value, role.value) for role in Role])
    since = models.DateTimeField(auto_now_add=True)
    # to the properties of `MembershipProperty`: whoever has none of them left sees none, and not all
    is_limited = models.BooleanField(default=False, db_default=False)
    # empty: what is usual for the role
    alert_mail = models.CharField(
        max_length=10,
        choices=[(choice.value, choice.value) for choice in AlertMail],
        blank=True,
        default="",
        db_default="",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organization"], name="one_place_for_each_member"),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]), name="membership_role_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(is_limited=False)
                | models.Q(role__in=sorted(role.value for role in LIMITABLE)),
                name="owners_and_managers_see_all_properties",
            ),
        ]

    def __str__(self) -> str:
        return f"Membership {self.pk}"
