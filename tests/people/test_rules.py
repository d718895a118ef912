"""Decisions about passwords and handles, and the words for browsers. No database."""

from __future__ import annotations

import pytest

from app.people import browsers, rules
from app.people.rules import BadHandle, WeakPassword

NAME, EMAIL = "Dana Kovács", "dana.k@pika.example"


def refused(password: str) -> str:
    with pytest.raises(WeakPassword) as refusal:
        rules.refuse_weak_password(password, name=NAME, email=EMAIL)
    return refusal.value.sentence


@pytest.mark.parametrize(
    "password",
    [
        "dance-all-night",
        "three odd words",
        "korrekt häst",
        "x9$kQ2!mLp",
        "парольдлятанцев",
        "踊り明かそう今夜もずっと",
        "a" * 10 + "bcdefgh" * 30,
        "danakovacsdances",
    ],
)
def test_good_password_passes(password):
    rules.refuse_weak_password(password, name=NAME, email=EMAIL)


@pytest.mark.parametrize(
    "password",
    [
        "password12",
        "PASSWORD12",
        "Password2026!",
        "pässwörd123",
        "password!!!!",
        "qwertyuiop",
        "iloveyou123",
        "aaaaaaaaaaaa",
        "abababababab",
        "abcdefghijklmn",
        "letmein2026",
        "westcoastswing",
        "dragonball",
        "1q2w3e4r5t",
    ],
)
def test_password_that_many_use_is_refused(password):
    assert refused(password).startswith("Many people use this password")


@pytest.mark.parametrize(
    "password",
    [
        "danakovacs",
        "Dana Kovács",
        "dana.kovacs.1987",
        "KovacsDana!!",
        "dana.k@pika.example",
        "danak12345678",
        "dana-k-pika-2026",
    ],
)
def test_ones_own_name_and_address_are_refused(password):
    assert refused(password).startswith("This password is your own name or address")


@pytest.mark.parametrize(
    "password", ["1234567890", "12345678901234", "9876543210", "24.12.1987", "+36 1 234 5678", "!!!???!!!???"]
)
def test_digits_and_signs_alone_are_refused(password):
    assert refused(password) == "Digits and signs alone are soon guessed. Add a word or two."


def test_length_is_counted_in_characters():
    assert refused("ninechars") == "This password has 9 characters; it needs 10. A short sentence is fine."
    assert refused("x1" * 129) == "This password has 258 characters; 256 are the most."
    rules.refuse_weak_password("é1üx" * 64, name=NAME, email=EMAIL)  # 256 characters, more bytes


def test_list_of_common_passwords_is_in_order():
    common = sorted(rules._common())
    assert 200 <= len(common) <= 400
    assert all(len(entry) >= rules.PASSWORD_LEAST and entry == entry.lower() for entry in common)


@pytest.mark.parametrize("handle", ["dana", "dana.k", "dana-k", "dj2", "a1", "x" * 30, "ann_a"])
def test_good_handle_passes(handle):
    rules.refuse_bad_handle(handle)


@pytest.mark.parametrize(
    "handle",
    [
        "",
        "d",
        "x" * 31,
        "Dana",
        "dana k",
        "dana..k",
        ".dana",
        "dana-",
        "1dana",
        "da@na",
        "дана",
        "dana\n",
        "admin",
        "pika",
        "../x",
        "d\u202eana",
    ],
)
def test_bad_handle_is_refused(handle):
    with pytest.raises(BadHandle):
        rules.refuse_bad_handle(handle)


@pytest.mark.parametrize(
    ("name", "number", "handle"),
    [
        ("Tess Aubert", 1, "tess-aubert"),
        ("Tess Aubert", 2, "tess-aubert-2"),
        ("李小龍", 1, "dancer"),
        ("李小龍", 3, "dancer-3"),
        ("X", 1, "dancer-x"),
        ("Admin", 1, "dancer-admin"),
        ("2 Fast", 1, "dancer-2-fast"),
        ("A very long name that goes on and on and on", 12, "a-very-long-name-that-12"),
    ],
)
def test_handle_from_a_name(name, number, handle):
    made = rules.handle_from(name, number)
    assert made == handle
    rules.refuse_bad_handle(made)


@pytest.mark.parametrize(
    ("line", "words", "handheld"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
            True,
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36",
            "Chrome on Android",
            True,
        ),
        ("Mozilla/5.0 (Android 15; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", "Firefox on Android", True),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows", False),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) Version/18.0 Safari/605.1", "Safari on Mac", False),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Linux", False),
        ("Werkzeug/3.1", "An unknown browser", False),
        ("", "An unknown browser", False),
    ],
)
def test_browser_in_words(line, words, handheld):
    assert browsers.name_of(line) == words
    assert browsers.is_handheld(line) is handheld
