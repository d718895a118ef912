"""Half and double time, bands, repairs."""

from __future__ import annotations

import pytest

import app.events.models
import app.studios.models  # noqa: F401  (the mappers of Person look for it, and for events)
from app.music import tempo
from app.music.models import Track


@pytest.mark.parametrize(
    ("bpm", "folded"), [(167, 83.5), (100, 100), (138, 138), (139, 69.5), (55, 110), (280, 70), (None, None), (0, None)]
)
def test_folded_for_west_coast_swing(bpm, folded):
    assert tempo.folded(bpm, tempo.WCS) == folded


def test_folded_knows_each_dance():
    assert tempo.folded(180, tempo.DANCES["lindy"]) == 180
    assert tempo.folded(180, tempo.DANCES["other"]) == 180


def test_working_bpm_prefers_what_the_dj_fixed():
    assert Track(bpm=167).working_bpm == 83.5
    assert Track(bpm=167, bpm_fixed=167).working_bpm == 167
    assert Track().working_bpm is None


def test_default_bands_leave_no_gap():
    for slug, bands in tempo.DEFAULT_BANDS.items():
        assert slug in tempo.DANCES
        assert [band.high for band in bands[:-1]] == [band.low for band in bands[1:]]
    assert tempo.band_of(95, tempo.DEFAULT_BANDS["wcs"]).name == "Medium"
    assert tempo.band_of(None, tempo.DEFAULT_BANDS["wcs"]) is None


def test_repaired():
    assert tempo.repaired(84, "double") == 168
    assert tempo.repaired(150, "two_thirds") == 100
    assert tempo.repaired(68, "three_halves") == 102
    assert tempo.repaired(30, "half") is None
