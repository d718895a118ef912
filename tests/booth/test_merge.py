"""The review's alignment: by song, order and time; the uncertain becomes a question, nothing is lost or doubled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.booth.after.merge import Heard, Line, line_up, times_for
from app.music.names import song_key, work_key

START = datetime(2026, 6, 13, 20, 0, tzinfo=UTC)


def heard(name, minute=None, artist="Artist", seconds=None, *, is_public=True):
    at = None if minute is None else START + timedelta(minutes=minute)
    keys = {"song_key": song_key(artist, name), "work_key": work_key(artist, name)}
    return Heard(f"{name}{minute}", artist, name, at=at, seconds=seconds, is_public=is_public, **keys)


def shape(lines: list[Line]) -> list[tuple[str, str, str]]:
    return [(line.kind, line.ours.title if line.ours else "", line.file.title if line.file else "") for line in lines]


def test_equal_lists_are_all_the_same():
    names = ["Bonafide", "Best Part", "Cold", "Best Part"]
    ours = [heard(name, 4 * n) for n, name in enumerate(names)]
    file = [heard(name, 4 * n + 0.5) for n, name in enumerate(names)]
    assert shape(line_up(ours, file)) == [("same", name, name) for name in names]


def test_a_remix_and_a_slip_of_the_pen_are_the_same_song():
    ours = [heard("Cold", 0), heard("Bonafied", 4)]
    file = [heard("Cold (Radio Remix)", 0), heard("Bonafide", 4)]
    assert [line.kind for line in line_up(ours, file)] == ["same", "same"]


def test_another_song_in_the_same_minute_is_a_question():
    ours = [heard("Cold", 0), heard("That slow one", 4, artist=""), heard("Best Part", 8)]
    file = [heard("Cold", 0), heard("Bonafide", 4.3), heard("Best Part", 8)]
    assert shape(line_up(ours, file))[1] == ("named", "That slow one", "Bonafide")


def test_what_one_list_lacks_stands_alone_in_its_place():
    ours = [heard("Cold", 0), heard("Extra", 5), heard("Best Part", 12)]
    file = [heard("Cold", 0), heard("Missing", 8), heard("Best Part", 12)]
    assert shape(line_up(ours, file)) == [
        ("same", "Cold", "Cold"),
        ("extra", "Extra", ""),
        ("missing", "", "Missing"),
        ("same", "Best Part", "Best Part"),
    ]


def test_a_file_without_times_is_matched_by_order():
    ours = [heard("Cold", 0), heard("Bonafide", 4), heard("Cold", 8)]
    file = [heard("Cold"), heard("New"), heard("Bonafide"), heard("Cold")]
    assert [line.kind for line in line_up(ours, file)] == ["same", "missing", "same", "same"]


def test_the_same_song_hours_apart_is_two_plays():
    lines = line_up([heard("Cold", 0)], [heard("Cold", 120)])
    assert [line.kind for line in lines] == ["extra", "missing"]


def test_what_was_only_listened_to_or_broken_off_is_doubted_and_renames_nothing():
    ours = [heard("Cold", 0), heard("Quiet one", 4)]
    file = [heard("Cold", 0, seconds=200), heard("Cue", 4, is_public=False), heard("Try", 4.5, seconds=20)]
    lines = line_up(ours, file)
    assert [(line.kind, line.doubt) for line in lines if line.file and line.kind != "same"] == [
        ("missing", "unheard"), ("missing", "short"),
    ]  # fmt: skip
    assert [line.kind for line in lines if line.ours] == ["same", "extra"]


def test_two_songs_of_one_artist_are_not_taken_for_each_other():
    ours = [heard("Cold", 0, "Emotional Oranges"), heard("Part 1", 4, "Emotional Oranges")]
    file = [heard("Bold move", 0, "Emotional Oranges"), heard("Part 2", 20, "Emotional Oranges")]
    assert "same" not in [line.kind for line in line_up(ours, file)]


def test_an_empty_list_makes_all_of_the_other_stand_alone():
    assert [line.kind for line in line_up([], [heard("Cold"), heard("New")])] == ["missing", "missing"]
    assert [line.kind for line in line_up([heard("Cold", 0)], [])] == ["extra"]
    assert line_up([], []) == []


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_every_play_of_both_lists_appears_exactly_once_and_in_order(seed):
    chance = Random(seed)
    names = [f"Song number {n} of {chance.randrange(99)}" for n in range(chance.randrange(1, 20))]
    timed = chance.random() < 0.5
    ours = [heard(name, 4 * n) for n, name in enumerate(names) if chance.random() < 0.8]
    late = [4 * n + chance.random() if timed else None for n in range(len(names))]
    file = [heard(name, minute) for name, minute in zip(names, late, strict=True) if chance.random() < 0.8]
    lines = line_up(ours, file)
    assert [line.ours.id for line in lines if line.ours] == [one.id for one in ours]
    assert [line.file.id for line in lines if line.file] == [one.id for one in file]
    assert len({line.key for line in lines}) == len(lines)


def test_missing_lines_without_a_time_are_spread_between_their_neighbors():
    lines = line_up(
        [heard("Cold", 0), heard("Best Part", 12)], [heard("Cold"), heard("One"), heard("Two"), heard("Best Part")]
    )
    times = times_for(lines, START, START + timedelta(hours=1))
    assert [(at - START).total_seconds() / 60 for at in times.values()] == [4, 8]


def test_missing_lines_keep_their_own_time_and_the_last_ones_end_with_the_set():
    lines = line_up([heard("Cold", 0)], [heard("Cold", 0), heard("One", 7)])
    assert list(times_for(lines, START, START + timedelta(hours=1)).values()) == [START + timedelta(minutes=7)]
    lines = line_up([heard("Cold", 0)], [heard("Cold"), heard("One")])
    assert list(times_for(lines, START, START + timedelta(minutes=10)).values()) == [START + timedelta(minutes=5)]


def test_a_night_that_the_file_does_not_know_stands_alone():
    for count in range(1, 40):
        ours = [heard(f"Song {n}", 4 * n) for n in range(count)]
        assert [line.kind for line in line_up(ours, [])] == ["extra"] * count
        assert [line.kind for line in line_up([], ours)] == ["missing"] * count
