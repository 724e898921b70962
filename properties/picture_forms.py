"""The forms about pictures of doors: what is sent is looked at before anything is kept of it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from properties import images
from properties.images import SmallPicture
from properties.models.pictures import LONGEST_DESCRIPTION
from properties.text_forms import PlainLineField

MOST_MEGABYTES = 15
MEGABYTE = 1_000_000  # bytes


class DescriptionForm(forms.Form):
    """What a picture shows."""

    description = PlainLineField(
        label=_("What is to be seen"),
        max_length=LONGEST_DESCRIPTION,
        help_text=_("It stands below the picture, and is read to those who cannot see it."),
    )


class PictureForm(DescriptionForm):
    """A picture to be added."""

    field_order = ("picture", "description")
    picture = forms.FileField(
        label=_("Picture"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("JPEG, PNG or WebP, 15 MB at most. We keep a small copy, without place and time."),
    )

    def clean_picture(self) -> SmallPicture:
        """The picture, small."""
        sent: UploadedFile[Any] = self.cleaned_data["picture"]
        if (sent.size or 0) > MOST_MEGABYTES * MEGABYTE:
            raise ValidationError(
                _("This file is larger than %(most)d MB. Choose a smaller one."),
                params={"most": MOST_MEGABYTES},
            )
        try:
            return images.small(sent.file)  # type: ignore[arg-type]
        except images.TooManyPixels:
            raise ValidationError(
                _("This picture has more than %(most)d million pixels. Choose a smaller one."),
                params={"most": images.MOST_PIXELS // 1_000_000},
            ) from None
        except images.NotAPicture:
            raise ValidationError(
                _("We cannot read this file. Choose a JPEG, PNG or WebP picture.")
            ) from None
