"""The event's form: what is refused, with the sentence at its field, and what was typed kept. No database."""

from __future__ import annotations

import pytest

from app.events.forms import EventForm, MemberForm, room_rows

TYPED = {
    "name": "Budapest Swing Weekend", "slug": "", "city": "Budapest", "venue": "Dunaparti Ház",
    "address": "Soroksári út 12", "about": "Three days.\r\n\r\nFive floors.", "zone": "Europe/Budapest",
    "day_change_hour": "6", "starts_on": "2026-06-12", "ends_on": "2026-06-14",
    "room-0-name": "Danube Hall", "room-0-capacity": "400",
}  # fmt: skip


def form(**more):
    return EventForm(TYPED | more)


def rooms(**more):
    return [
        room["name"] for room in form(**{key.replace("_", "-"): value for key, value in more.items()}).clean["rooms"]
    ]


def test_what_is_complete_is_valid():
    filled = form()
    assert filled.is_valid
    assert filled.clean["slug"] == "budapest-swing-weekend"
    assert filled.clean["about"] == "Three days.\n\nFive floors."
    assert filled.clean["rooms"] == [{"id": "", "name": "Danube Hall", "note": "", "capacity": 400, "walk": 0}]


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"name": ""}, {"name": "The name is missing."}),
        ({"name": "¡¿"}, {"slug": "The address needs at least three letters or digits."}),
        ({"name": "x" * 5000, "slug": "swing"}, {"name": "The name has 5,000 characters; 120 are the most."}),
        ({"slug": "!?"}, {"slug": "The address needs at least three letters or digits."}),
        ({"about": "x" * 4001}, {"about": "The text has 4,001 characters; 4,000 are the most."}),
        ({"zone": "Mars/Base"}, {"zone": "“Mars/Base” is no time zone we know. Choose one, like Europe/Budapest."}),
        (
            {"zone": "../../etc/passwd"},
            {"zone": "“../../etc/passwd” is no time zone we know. Choose one, like Europe/Budapest."},
        ),
        ({"zone": ""}, {"zone": "Choose the venue's time zone, like Europe/Budapest."}),
        ({"day_change_hour": "25"}, {"day_change_hour": "The day-change hour is a whole number from 0 to 12."}),
        ({"starts_on": "soon"}, {"starts_on": "First day: choose a date, like 2026-06-13."}),
        ({"ends_on": "2026-02-30"}, {"ends_on": "Last day: choose a date, like 2026-06-13."}),
        ({"ends_on": "2026-06-11"}, {"ends_on": "It starts 12 June, so it cannot end 11 June."}),
        (
            {"room-0-name": " "},
            {"room-0-name": "This room has no name yet.", "rooms": "Name at least one room or floor."},
        ),
        ({"room-3-name": "danube  hall"}, {"rooms": "Two rooms have the same name."}),
        ({"room-1-name": "x" * 61}, {"room-1-name": "A room's name has 60 characters at the most."}),
        ({"room-0-capacity": "many"}, {"room-0-capacity": "Capacity is a whole number from 1 to 100000."}),
        ({"room-0-walk": "-1"}, {"room-0-walk": "Minutes to walk is a whole number from 0 to 120."}),
        ({"room-1-capacity": "40"}, {"room-1-name": "This room has no name yet."}),
    ],
)
def test_each_slip_gets_a_sentence_at_its_field(typed, errors):
    filled = form(**typed)
    assert filled.errors == errors
    assert not filled.is_valid
    assert {name: filled.values[name] for name in typed if name != "slug" or typed[name]} == typed


def test_all_slips_are_said_at_once():
    assert set(EventForm({}).errors) == {"name", "zone", "day_change_hour", "starts_on", "ends_on", "rooms"}


def test_markup_is_kept_as_the_text_that_it_is():
    filled = form(name="<script>alert(1)</script>")
    assert filled.clean["name"] == "<script>alert(1)</script>"
    assert filled.clean["slug"] == "script-alert-1-script"


def test_direction_overrides_and_control_characters_are_taken_out():
    assert form(name="Swing\u202e\x00 Weekend\n").clean["name"] == "Swing Weekend"


def test_rooms_keep_the_order_of_their_rows():
    assert rooms(room_2_name="Lounge", room_1_name="Margit") == ["Danube Hall", "Margit", "Lounge"]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({}, ["Danube Hall", "Margit", "Studio", "Lounge"]),
        ({"room-3-place": "1"}, ["Lounge", "Danube Hall", "Margit", "Studio"]),
        ({"room-3-place": "2"}, ["Danube Hall", "Lounge", "Margit", "Studio"]),
        ({"room-0-place": "4"}, ["Margit", "Studio", "Lounge", "Danube Hall"]),
        ({"room-0-place": "2", "room-1-place": "1"}, ["Margit", "Danube Hall", "Studio", "Lounge"]),
        ({"room-1-place": "", "room-3-place": ""}, ["Danube Hall", "Studio", "Margit", "Lounge"]),
    ],
)
def test_a_room_takes_the_place_it_is_given(places, expected):
    names = {"room-1-name": "Margit", "room-2-name": "Studio", "room-3-name": "Lounge"}
    numbers = {f"room-{n}-place": str(n + 1) for n in range(4)}
    filled = form(**names, **(numbers | places))
    assert [room["name"] for room in filled.clean["rooms"]] == expected


def test_a_known_room_without_a_name_is_left_out():
    filled = form(**{"room-1-id": "abc", "room-1-name": "", "room-1-capacity": "40"})
    assert (filled.errors, [room["name"] for room in filled.clean["rooms"]]) == ({}, ["Danube Hall"])


def test_two_empty_rows_are_always_there_for_more_rooms_up_to_a_hundred_and_fifty():
    assert room_rows({}) == [0, 1, 2]
    assert room_rows({"room-0-name": "Hall", "room-4-name": "Lounge"}) == list(range(7))
    assert room_rows({"room-3-capacity": "40"}) == list(range(6))
    assert room_rows({f"room-{n}-name": "x" for n in range(150)}) == list(range(150))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "An email address or @handle is missing."),
        ("x" * 300, "An email address or @handle has 300 characters; 254 are the most."),
    ],
)
def test_a_member_needs_an_address_or_handle(typed, sentence):
    filled = MemberForm({"who": typed})
    assert (filled.errors, filled.values["who"]) == ({"who": sentence}, typed)
