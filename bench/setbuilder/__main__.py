"""`python -m bench.setbuilder [FOLDER]`: real playlists ordered by five methods, on the builder's stated objective.

FOLDER holds playlists as CSV with the columns Song, Artist, BPM, Time, Energy, Popularity, Parent Genres (by default
the samples beside the checkout). Lower is better; each figure is a ratio to the mean of 200 shuffles of the same songs.
"""

from __future__ import annotations

import csv
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from random import Random

from app.music.setbuilder import build, search
from app.music.setbuilder.objective import Plan, Song, cost
from app.music.setbuilder.search import EXACT_MAX, Costs

ROOT = Path(__file__).resolve().parent.parent.parent
SHUFFLES = 200
LONGEST = 60  # songs: a list of eleven hours is no set


def read(path: Path) -> list[Song]:
    """The songs of one file. Tempo halved above 138 (double time), energy and popularity 0-100 as 0-5."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [_song(number, row) for number, row in enumerate(csv.DictReader(lines))][:LONGEST]


def _song(number: int, row: dict[str, str]) -> Song:
    minutes, _, seconds = row["Time"].partition(":")
    bpm = float(row["BPM"] or 0)
    while bpm > 138:
        bpm /= 2
    return Song(
        id=str(number),
        work=str(number),
        artist=row["Artist"].partition(",")[0],
        bpm=bpm or None,
        seconds=int(minutes) * 60 + int(seconds),
        energy=int(row["Energy"] or 0) / 20,
        familiarity=min(5, 1 + int(row["Popularity"] or 0) // 20),
        genre=row["Parent Genres"].partition(",")[0],
    )


def plan_for(songs: Sequence[Song]) -> Plan:
    """As long as the songs are, in a band from their 5 % to their 95 % tempo."""
    tempos = sorted(song.bpm for song in songs if song.bpm)
    low, high = tempos[len(tempos) // 20], tempos[-1 - len(tempos) // 20]
    return Plan(minutes=sum(song.length for song in songs) / 60, low_bpm=low, high_bpm=max(high, low + 1))


def by_tempo(songs: Sequence[Song]) -> list[Song]:
    return sorted(songs, key=lambda song: song.bpm or 0)


def compare(name: str, songs: list[Song]) -> None:
    """Print one line of the table."""
    plan, places = plan_for(songs), list(range(len(songs)))
    costs = Costs(songs, plan, len(songs))
    chance, shuffled = Random(1), []
    steps = []
    for _ in range(SHUFFLES):
        trial = chance.sample(songs, len(songs))
        shuffled.append(cost(trial, plan))
        steps.append(step(trial))
    base, base_step = statistics.mean(shuffled), statistics.mean(steps)

    greedy = search.greedily(costs, places, places)
    rivals = {
        "own": songs,
        "tempo": by_tempo(songs),
        "greedy": [songs[n] for n in greedy],
        "2-opt": [songs[n] for n in search.two_opt(costs, greedy, places)],
    }
    begun = time.perf_counter()
    rivals["Pika!"] = list(build.order(songs, plan))
    took = time.perf_counter() - begun
    ratios = "".join(f"{cost(one, plan) / base:8.2f}" for one in rivals.values())
    smooth = f"{step(songs) / base_step:10.2f}{step(rivals['Pika!']) / base_step:8.2f}"
    print(f"{name[:32]:32}{len(songs):6}{ratios}{smooth}{took:8.2f}")


def step(songs: Sequence[Song]) -> float:
    """Mean change of tempo between neighbors, in beats a minute."""
    return statistics.mean(abs((one.bpm or 0) - (other.bpm or 0)) for one, other in pairwise(songs))


def exactness(lists: dict[str, list[Song]]) -> None:
    """For every list cut into eights: how often each method finds the best order there is."""
    found, two, groups = 0, 0, 0
    for songs in lists.values():
        for start in range(0, len(songs) - EXACT_MAX + 1, EXACT_MAX):
            eight = songs[start : start + EXACT_MAX]
            plan, places = plan_for(eight), list(range(EXACT_MAX))
            costs = Costs(eight, plan, EXACT_MAX)
            best = costs.of(search.exactly(costs, places, places))
            ours = costs.of([eight.index(song) for song in build.order(eight, plan)])
            rival = costs.of(search.two_opt(costs, search.greedily(costs, places, places), places))
            groups += 1
            found += ours <= best + 1e-9
            two += rival <= best + 1e-9
    print(
        f"\nGroups of {EXACT_MAX}: best order found by Pika! {found} of {groups}, by greedy + 2-opt {two} of {groups}"
    )


def main() -> int:
    here = (
        [Path(sys.argv[1])]
        if len(sys.argv) > 1
        else [up / "shared/samples/wcs_playlists" for up in (ROOT.parent, ROOT.parent.parent)]
    )
    folder = next((path for path in here if path.is_dir()), None)
    if folder is None:
        print("No playlists to compare: python -m bench.setbuilder FOLDER")
        return 0
    lists = {path.stem: read(path) for path in sorted(folder.glob("*.csv"))}
    print("cost as a ratio to the mean of 200 shuffles (lower is better); |dBPM| likewise; seconds for Pika!")
    heads = "".join(f"{head:>8}" for head in ("own", "tempo", "greedy", "2-opt", "Pika!"))
    print(f"{'playlist':32}{'songs':>6}{heads}{'own dBPM':>10}{'Pika!':>8}{'s':>8}")
    for name, songs in lists.items():
        compare(name, songs)
    exactness(lists)
    return 0


if __name__ == "__main__":
    sys.exit(main())
