"""Refusals: a rule says no, with a reason a person can act on. Pure; routes turn them into sentences at the field."""

from __future__ import annotations


class Refusal(Exception):
    """Base of all named refusals. `field` is the form field the sentence belongs to; "" is the form as a whole."""

    field = ""
    status = 409

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if field is not None:
            self.field = field
