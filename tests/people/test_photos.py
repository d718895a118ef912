"""Photos: what goes in, what comes out, and what is refused with a sentence."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from app.people import photos
from app.people.models import Photo
from app.people.photos import BROKEN, NOT_A_PHOTO, TOO_MANY_PIXELS, TOO_SMALL, PhotoRefused
from tests.people.browsing import csrf, error_at, send, sign_in

MOST = 8 * 1024 * 1024


def picture(format_: str = "JPEG", size=(900, 600), mode="RGB", color="teal", **options) -> bytes:
    out = BytesIO()
    Image.new(mode, size, color).save(out, format_, **options)
    return out.getvalue()


def with_gps() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SecretPhoneMaker"
    exif[0x0112] = 6  # turned by 90 degrees
    exif.get_ifd(0x8825)[2] = (47.0, 29.0, 52.0)  # where it was taken
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif.tobytes(), comment=b"SecretComment")


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that promise many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\x00" * 1000))
        + chunk(b"IEND", b"")
    )


def opened(webp: bytes) -> Image.Image:
    return Image.open(BytesIO(webp), formats=["WEBP"])


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_photo_becomes_a_square_webp(format_):
    image = opened(photos.square_webp(picture(format_), MOST))
    assert (image.format, image.size, image.mode) == ("WEBP", (512, 512), "RGB")


def test_small_photo_is_not_blown_up():
    assert opened(photos.square_webp(picture(size=(100, 70)), MOST)).size == (70, 70)


@pytest.mark.parametrize(
    ("mode", "color"), [("L", 200), ("P", 3), ("LA", (9, 9)), ("RGBA", (9, 9, 9, 0)), ("1", 1), ("I;16", 9)]
)
def test_every_mode_of_png_is_read(mode, color):
    assert opened(photos.square_webp(picture("PNG", mode=mode, color=color), MOST)).mode == "RGB"


def test_cmyk_jpeg_is_read():
    assert opened(photos.square_webp(picture("JPEG", mode="CMYK", color=(0, 0, 0, 0)), MOST)).mode == "RGB"


def test_what_was_transparent_becomes_paper():
    image = opened(photos.square_webp(picture("PNG", mode="RGBA", color=(255, 0, 0, 0)), MOST))
    assert all(value > 240 for value in image.getpixel((10, 10)))


def test_place_time_and_maker_are_gone():
    raw = with_gps()
    assert b"SecretPhoneMaker" in raw
    webp = photos.square_webp(raw, MOST)
    image = opened(webp)
    assert dict(image.getexif()) == {}
    assert {"exif", "icc_profile", "xmp"} & set(image.info) == set()
    assert b"Secret" not in webp
    assert b"EXIF" not in webp


def test_profile_and_text_chunks_are_gone():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", "SecretAuthor")
    webp = photos.square_webp(picture("PNG", pnginfo=info, icc_profile=b"SecretProfile" * 20), MOST)
    assert b"Secret" not in webp


def test_photo_is_turned_upright():
    image = Image.new("RGB", (600, 600), "black")
    image.paste("white", (0, 0, 600, 300))  # white above
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    out = BytesIO()
    image.save(out, "JPEG", exif=exif.tobytes())
    upright = opened(photos.square_webp(out.getvalue(), MOST))
    assert upright.getpixel((256, 20))[0] < 50
    assert upright.getpixel((256, 490))[0] > 200


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "Choose a photo first."),
        (SVG, NOT_A_PHOTO),
        (b"<html><script>alert(1)</script>", NOT_A_PHOTO),
        (b"%PDF-1.7\n", NOT_A_PHOTO),
        (b"just a text with another ending", NOT_A_PHOTO),
        (picture("GIF"), NOT_A_PHOTO),
        (picture("GIF") + b"/*" + SVG, NOT_A_PHOTO),  # a GIF that is also something else
        (b"GIF89a/*" + b"\x00" * 50 + b"*/=1;alert(1)", NOT_A_PHOTO),
        (picture("BMP"), NOT_A_PHOTO),
        (picture("TIFF"), NOT_A_PHOTO),
        (picture("ICO", size=(64, 64)), NOT_A_PHOTO),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 40, NOT_A_PHOTO),
        (b"\x89PNG\r\n\x1a\n", NOT_A_PHOTO),
        (picture("JPEG")[:700], BROKEN),
        (picture("PNG", size=(300, 300), color="teal")[:-40], BROKEN),
        (picture("WEBP")[:-60], NOT_A_PHOTO),
        (picture(size=(63, 900)), TOO_SMALL),
        (png_that_claims(20_000, 20_000), TOO_MANY_PIXELS),  # 400 megapixels
        (png_that_claims(100_000, 100_000), TOO_MANY_PIXELS),
        (png_that_claims(7_100, 7_100), TOO_MANY_PIXELS),
        (b"x" * (MOST + 1), "This photo is larger than 8 MB. Choose a smaller one."),
    ],
)
def test_refused_with_a_sentence(raw, sentence):
    with pytest.raises(PhotoRefused) as refusal:
        photos.square_webp(raw, MOST)
    assert refusal.value.sentence in {sentence, *({BROKEN} if sentence == NOT_A_PHOTO else ())}


def test_picture_with_a_script_behind_it_loses_the_script():
    webp = photos.square_webp(picture("PNG") + SVG, MOST)
    assert b"script" not in webp


# ---- over the web ----


@pytest.fixture
def dana(client, account):
    person = account("dana")
    sign_in(client, "dana@pika.example")
    return person


def upload(client, raw: bytes, name: str = "me.jpg"):
    return client.post("/account/photo", data={"csrf_token": csrf(client, "/account"), "photo": (BytesIO(raw), name)})


def test_photo_is_shown_and_may_be_kept_for_ever(client, app, dana, session):
    assert upload(client, with_gps()).status_code == 303
    session.refresh(dana)
    assert f'src="{dana.photo_url}"' in client.get("/account").text
    answer = app.test_client().get(dana.photo_url)
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    assert opened(answer.data).size == (512, 512)


def test_photo_of_a_signed_in_viewer_sets_no_cookie(client, dana, session):
    """A cache that keeps it for everybody must not keep somebody's session along."""
    upload(client, picture())
    session.refresh(dana)
    assert "Set-Cookie" not in client.get(dana.photo_url).headers


def test_another_photo_has_another_address_and_the_old_one_is_gone(client, dana, session):
    upload(client, picture())
    session.refresh(dana)
    first = dana.photo_url
    upload(client, picture(color="red"))
    session.refresh(dana)
    assert dana.photo_url != first
    assert client.get(first).status_code == 404
    assert session.query(Photo).count() == 1


def test_photo_is_removed(client, dana, session):
    upload(client, picture())
    assert send(client, "/account/photo/remove", page="/account").status_code == 303
    session.refresh(dana)
    assert dana.photo_url is None
    assert session.query(Photo).count() == 0


@pytest.mark.parametrize(("raw", "name"), [(SVG, "me.jpg"), (b"", ""), (png_that_claims(20_000, 20_000), "me.png")])
def test_refusal_stands_at_the_field_and_the_old_photo_stays(client, dana, session, raw, name):
    upload(client, picture())
    session.refresh(dana)
    before = dana.photo_url
    answer = upload(client, raw, name)
    assert answer.status_code == 422
    assert error_at(answer, "photo")
    assert 'value="Dana Kovács"' in answer.text
    session.refresh(dana)
    assert dana.photo_url == before


def test_file_over_the_limit_is_refused_at_the_field(client, dana):
    part = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="me.jpg"\r\n\r\n'
    body = part + b"x" * (MOST + 200 * 1024) + b"\r\n--x--\r\n"
    token = csrf(client, "/account")
    answer = client.post(
        "/account/photo", data=body, content_type="multipart/form-data; boundary=x", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 413
    assert error_at(answer, "photo") == "This photo is larger than 8 MB. Choose a smaller one."


def test_unknown_photo_is_not_found(client):
    assert client.get("/photos/abcdefghjkmnpqrs").status_code == 404
