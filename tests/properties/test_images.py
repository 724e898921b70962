"""Pictures that people send are drawn anew: small, upright, and without what their file tells besides."""

from io import BytesIO

import pytest
from PIL import Image, ImageFilter

from properties import images
from tests import pictures


def shown(content: bytes) -> Image.Image:
    """What the small picture of it shows."""
    made = images.small(BytesIO(content))
    found = Image.open(BytesIO(made.webp))
    assert (found.format, found.size) == ("WEBP", (made.width, made.height))
    assert len(made.webp) <= images.MOST_BYTES
    return found


@pytest.mark.parametrize(
    ("content", "size"),
    [
        pytest.param(pictures.picture((4000, 3000)), (800, 600), id="a large JPEG"),
        pytest.param(pictures.picture((3000, 4000), progressive=True), (600, 800), id="a progressive one"),
        pytest.param(pictures.picture((90, 60), "PNG"), (90, 60), id="a small PNG stays as small"),
        pytest.param(pictures.picture((1600, 400), "WEBP"), (800, 200), id="a wide WebP"),
    ],
)
def test_a_picture_becomes_a_small_webp(content: bytes, size: tuple[int, int]) -> None:
    found = shown(content)

    red, green, blue = found.convert("RGB").getpixel((size[0] // 2, size[1] // 2))  # type: ignore[misc]
    assert found.size == size
    assert abs(red - 200) + abs(green - 60) + abs(blue - 40) < 20


def test_where_it_was_taken_is_gone_and_it_stands_upright() -> None:
    content = pictures.with_place()

    found = shown(content)
    made = images.small(BytesIO(content)).webp

    assert pictures.PLACE.encode() in content
    assert found.size == (600, 800)
    assert dict(found.getexif()) == {}
    assert not {"exif", "xmp", "icc_profile"} & found.info.keys()
    assert pictures.PLACE.encode() not in made
    assert b"EXIF" not in made


def test_what_one_sees_through_is_white() -> None:
    found = shown(pictures.picture((40, 40), "PNG", colour=(0, 0, 0, 0)))

    assert found.mode == "RGB"
    assert found.getpixel((20, 20)) == (255, 255, 255)


def test_even_what_cannot_be_packed_well_is_small() -> None:
    noise = Image.effect_noise((1600, 1200), 200).convert("RGB").filter(ImageFilter.SHARPEN)
    kept = BytesIO()
    noise.save(kept, "JPEG")

    assert max(shown(kept.getvalue()).size) < 800


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="a drawing that could hold a program"),
        pytest.param(pictures.picture((9, 9), "GIF"), id="a GIF"),
        pytest.param(pictures.picture((9, 9), "TIFF"), id="a TIFF"),
        pytest.param(pictures.picture((900, 900), "PNG")[:200], id="the beginning of a PNG"),
        pytest.param(pictures.picture((900, 900))[:900], id="the beginning of a JPEG"),
        pytest.param(pictures.picture((9, 9)) + images.START_OF_SCAN * 101, id="a JPEG of endless scans"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(images.NotAPicture):
        images.small(BytesIO(content))


@pytest.mark.parametrize("side", [7_100, 15_000], ids=["too many pixels", "very many pixels"])
def test_a_picture_that_is_huge_once_it_is_unpacked_is_refused_before(side: int) -> None:
    kept = BytesIO()
    Image.new("1", (side, side)).save(kept, "PNG")

    with pytest.raises(images.TooManyPixels):
        images.small(BytesIO(kept.getvalue()))
    assert len(kept.getvalue()) < 100_000
