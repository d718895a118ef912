"""Money: integer minor units beside a currency, read from what people type and said as they say it. Pure."""

from __future__ import annotations

import re

CURRENCIES = ("EUR", "HUF", "GBP", "USD", "CHF", "PLN", "CZK", "SEK", "NOK", "DKK", "CAD", "AUD", "JPY", "KRW")
SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
WITHOUT_MINOR = frozenset({"JPY", "KRW"})
MOST_MINOR = 100_000_000  # more is a slip of the finger


def minor(text: str, currency: str) -> int | None:
    """What "180", "180.50" or "180,50" is in minor units; None for anything else, and for more than anybody pays."""
    found = re.fullmatch(r"(\d{1,9})(?:[.,](\d{1,2}))?", text.replace(" ", "").replace("\u202f", ""))
    if found is None:
        return None
    whole, part = int(found[1]), (found[2] or "").ljust(2, "0")
    if currency in WITHOUT_MINOR:
        amount = whole if not found[2] or not int(part) else None
    else:
        amount = whole * 100 + int(part)
    return amount if amount is not None and amount <= MOST_MINOR else None


def plain(amount: int | None, currency: str) -> str:
    """As a form field shows it: "180", "180.50"."""
    if amount is None:
        return ""
    if currency in WITHOUT_MINOR:
        return str(amount)
    whole, part = divmod(amount, 100)
    return f"{whole}.{part:02d}" if part else str(whole)


def words(amount: int | None, currency: str) -> str:
    """As a sentence says it: "€180", "1,200 HUF"; nothing for no amount."""
    if amount is None:
        return ""
    divisor = 1 if currency in WITHOUT_MINOR else 100
    whole, part = divmod(amount, divisor)
    figure = f"{whole:,}" + (f".{part:02d}" if part else "")
    return SIGNS[currency] + figure if currency in SIGNS else f"{figure} {currency}"
