"""The program of the demo as plain data: one weekend that runs, and a few slots for two that are to come.

Called by load. Days count from 1, times are wall times of that dance day ("00:00" is after midnight). No time lies in
the hour that a clock change skips or repeats. The people are invented, all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

SLUG = "budapest-swing-weekend"
ZONE = "Europe/Budapest"
DAYS = 3

DANUBE, MARGIT, LANCHID = "Danube Hall", "Margit Room", "Lánchíd Room"
GELLERT, LOUNGE = "Gellért Studio", "Lánchíd Lounge"

Row = dict[str, object]
Parts = tuple[tuple[str, str], ...]


def room(name: str, note: str, capacity: int, walk: int) -> Row:
    """A room as the event's form gives it."""
    return {"id": "", "name": name, "note": note, "capacity": capacity, "walk": walk}


EVENT: Row = {
    "name": "Budapest Swing Weekend",
    "slug": SLUG,
    "city": "Budapest",
    "venue": "Dunapart Ballrooms",
    "address": "Rakpart 12, Budapest",
    "zone": ZONE,
    "day_change_hour": 6,
    "about": (
        "Three days of west coast swing on the river: workshops by day, Jack & Jill in the afternoon, and a hall that "
        "dances until half past three.\n\nBring water, a second shirt and somebody you have never danced with. "
        "Wristbands at the door of the Danube Hall; lost things, lost people and plasters are at the same desk."
    ),
    "rooms": [
        room(DANUBE, "sprung floor", 400, 0),
        room(MARGIT, "ground floor", 120, 1),
        room(LANCHID, "2nd floor", 60, 3),
        room(GELLERT, "across the yard", 40, 4),
        room(LOUNGE, "opens late", 80, 2),
    ],
}


@dataclass(frozen=True, slots=True)
class Coming:
    """A weekend that is not on yet: its form, how far away it is, and its program so far."""

    values: Row
    in_days: int
    days: int
    program: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """One slot of the program. `parts` is (role, name or @handle)."""

    day: int
    room: str
    start: str
    end: str
    kind: str
    title: str
    description: str = ""
    level: str = ""
    parts: Parts = ()
    flexibility: str = "flexible"
    capacity: int | None = None


def workshop(
    day: int, room: str, start: str, end: str, title: str, level: str, teachers: tuple[str, ...], description: str,
    *, capacity: int | None = None,
) -> Planned:  # fmt: skip
    parts = tuple(("teacher", name) for name in teachers)
    return Planned(day, room, start, end, "workshop", title, description, level, parts, capacity=capacity)


def competition(
    day: int, start: str, end: str, title: str, level: str, judges: tuple[str, ...], description: str
) -> Planned:
    """A competition: in the main hall, and nobody moves it without need."""
    parts = tuple(("judge", name) for name in judges)
    return Planned(day, DANUBE, start, end, "competition", title, description, level, parts, "fixed")


def social(day: int, room: str, start: str, end: str, title: str, djs: tuple[str, ...], description: str) -> Planned:
    return Planned(day, room, start, end, "social", title, description, "", tuple(("dj", name) for name in djs))


def pause(day: int, start: str, end: str, title: str, description: str) -> Planned:
    """A meal: the main hall is empty meanwhile."""
    return Planned(day, DANUBE, start, end, "break", title, description)


def buffer(day: int, start: str, end: str, title: str) -> Planned:
    """Time that a late afternoon may eat."""
    return Planned(day, DANUBE, start, end, "other", title, flexibility="buffer")


def other(
    day: int, room: str, start: str, end: str, title: str, description: str, *,
    teachers: tuple[str, ...] = (), djs: tuple[str, ...] = (), fixed: bool = False, capacity: int | None = None,
) -> Planned:  # fmt: skip
    parts = (*(("teacher", name) for name in teachers), *(("dj", name) for name in djs))
    mobility = "fixed" if fixed else "flexible"
    return Planned(day, room, start, end, "other", title, description, "", parts, mobility, capacity)


TESS, RAFAEL, CALLUM = "@tess", "Rafael Quintero-Lund", "Callum Reeve"
HEDDA, PRIYA, HOREC = "Hedda Nyqvist", "Priya Venkatesh-Moore", "Stanislav Horec"
TESS_RAFAEL = (TESS, RAFAEL)
INGRID_TOMASZ = ("Ingrid Solvang", "Tomasz Wieliczko")
NOA_BASTIAN = ("Noa Feldmar", "Bastian Krollmann")
YUKI_CALLUM = ("Yuki Tanahara", CALLUM)
ZSOFIA_MARTON = ("@zsofia", "Márton Szélvári")
AMARA_LUCA = ("Amara Osei-Lindt", "Luca Bellandri")
JO, OTTO, LUCIA, MIRELA, KENJI = ("@jo",), ("Otto Vance",), ("Lucía Farrell",), ("Mirela Popovan",), ("Kenji Moriwaki",)
BIG_SOCIAL = "The big social"
PANEL = ("Gwendolyn Pryce", "Anders Hallbeck", "Ruth Adeyemi-Clark")
FULL_PANEL = (*PANEL, "Bea Castellan", HOREC)
ALL, NOVICE, INTERMEDIATE, ADVANCED = "All levels", "Novice", "Intermediate", "Advanced"

FIRST_DAY = [
    other(
        1, DANUBE, "15:00", "16:00", "Doors, wristbands and water",
        "Get your wristband, find your room, say hello to the desk. It is the same desk all weekend.",
    ),
    workshop(
        1, MARGIT, "15:30", "16:30", "First steps, second wind", NOVICE, INGRID_TOMASZ,
        "Everything you need to survive tonight’s social, and one thing to show off with.",
    ),
    workshop(
        1, LANCHID, "16:00", "17:00", "Frame, not furniture", NOVICE, ZSOFIA_MARTON,
        "What your arms are for, and what they are not for. Bring a jumper; we take it off by the end.",
    ),
    workshop(
        1, DANUBE, "16:15", "17:30", "Meet the floor", ALL, TESS_RAFAEL,
        "Forty partners in seventy-five minutes. You will know half the hall before dinner.",
    ),
    workshop(
        1, MARGIT, "16:45", "17:45", "Connection before decoration", INTERMEDIATE, NOA_BASTIAN,
        "A whole hour without one new pattern. Your old ones will feel new.",
    ),
    other(
        1, GELLERT, "17:00", "18:00", "What judges look at", "Ten videos, one score sheet, no secrets. Ask anything.",
        teachers=(HOREC,),
    ),
    workshop(
        1, LANCHID, "17:15", "18:15", "Whips, and what comes before", ADVANCED, AMARA_LUCA,
        "The whip begins two counts earlier than you think. We take it apart there.",
    ),
    competition(
        1, "17:45", "18:30", "Novice Jack & Jill, prelims", NOVICE, PANEL,
        "Draw a partner, draw a song, smile. Numbers at the desk until half an hour before.",
    ),
    workshop(
        1, MARGIT, "18:00", "19:00", "Timing that breathes", INTERMEDIATE, YUKI_CALLUM,
        "Late is a choice, rushed is not. How to stretch a beat without losing your partner.",
    ),
    buffer(1, "18:30", "19:00", "Buffer: floor and numbers"),
    competition(
        1, "19:00", "19:45", "Strictly Swing, prelims", "", FULL_PANEL,
        "Bring the partner you trust most. The music is still a surprise.",
    ),
    pause(1, "19:45", "21:00", "Dinner", "Soup and langos on the terrace; vegan pots are the green ones."),
    other(
        1, DANUBE, "21:00", "21:30", "Opening night: the teachers draw a partner",
        "Your teachers, a hat with their names, and no rehearsal.", fixed=True,
    ),
    buffer(1, "21:30", "22:00", "Buffer: chairs out, lights down"),
    social(
        1, DANUBE, "22:00", "00:00", "First social", OTTO,
        "Easy tempos to land on. New here? Stand near the columns.",
    ),
    social(1, LOUNGE, "22:30", "01:00", "Blues in the Lounge", MIRELA, "Low light, low tempo, low ceiling."),
    social(
        1, DANUBE, "00:00", "03:30", "First social, the late half", LUCIA,
        "From funk to a last slow song at twenty past three.",
    ),
    social(1, LOUNGE, "01:00", "05:00", "Blues, slower", KENJI, "For those who said they would go to bed early."),
]  # fmt: skip

SECOND_DAY = [
    workshop(
        2, DANUBE, "09:30", "10:30", "Wake-up basics", ALL, (PRIYA,),
        "Coffee allowed on the floor until ten. Walks, sways, and the first smile of the day.",
    ),
    workshop(
        2, MARGIT, "10:00", "11:00", "Musicality for two", INTERMEDIATE, NOA_BASTIAN,
        "One of you hears the drums, the other the voice. How both can be right.",
    ),
    workshop(
        2, LANCHID, "10:00", "11:00", "The first eight counts", NOVICE, AMARA_LUCA,
        "Sugar push, left side, right side, whip. Slowly, then properly.",
    ),
    workshop(
        2, GELLERT, "10:30", "11:30", "Video review, one couple at a time", ADVANCED, (HOREC,),
        "Ninety seconds of your dancing and five minutes of kind truth. Sign up at the desk.", capacity=12,
    ),
    workshop(
        2, DANUBE, "10:45", "11:30", "Anchor your own way", INTERMEDIATE, TESS_RAFAEL,
        "Six ways to end a pattern, and how to know which one the song wants.",
    ),
    workshop(
        2, MARGIT, "11:15", "12:15", "Slow songs, long lines", ADVANCED, INGRID_TOMASZ,
        "When there is nothing to hide behind. Reach, wait, arrive.",
    ),
    workshop(
        2, LANCHID, "11:15", "12:15", "Syncopation, spoken aloud", INTERMEDIATE, (PRIYA,),
        "If you can say it, you can step it. We will be loud.",
    ),
    buffer(2, "11:30", "12:00", "Buffer: floor and names"),
    competition(
        2, "12:00", "13:00", "Novice Jack & Jill, finals", NOVICE, PANEL,
        "Twelve couples who met a minute ago. Cheer for all of them.",
    ),
    pause(2, "13:00", "14:00", "Lunch", "The kitchen is fast, the queue is social. Back by two."),
    competition(
        2, "14:00", "15:00", "Intermediate Jack & Jill, prelims", INTERMEDIATE, FULL_PANEL,
        "Three heats, two songs each. Line up by number at the left door.",
    ),
    workshop(
        2, MARGIT, "14:00", "15:00", "Swivels without tears", ALL, YUKI_CALLUM,
        "Hips follow feet, feet follow floor. Wear shoes that turn.",
    ),
    workshop(
        2, LANCHID, "14:00", "15:00", "Compression and release", INTERMEDIATE, INGRID_TOMASZ,
        "The spring in every pattern, and who winds it up.",
    ),
    workshop(
        2, GELLERT, "14:30", "15:30", "Spins for small rooms", INTERMEDIATE, (HEDDA,),
        "Three turns on one floorboard. Bring a hair tie.", capacity=24,
    ),
    buffer(2, "15:00", "15:30", "Buffer: scores and water"),
    workshop(
        2, MARGIT, "15:15", "16:15", "Footwork you can keep", NOVICE, ZSOFIA_MARTON,
        "Two variations that survive Monday. No more than two, we promise.",
    ),
    workshop(
        2, LANCHID, "15:15", "16:15", "Saying yes to the mistake", ALL, TESS_RAFAEL,
        "Things will go wrong at a hundred beats a minute. Make it look like the plan.",
    ),
    competition(
        2, "15:30", "16:30", "Advanced Jack & Jill, prelims", ADVANCED, FULL_PANEL,
        "One slow, one fast, one that nobody saw coming.",
    ),
    workshop(
        2, GELLERT, "16:20", "17:20", "Close hold, clear head", ADVANCED, (TESS, CALLUM),
        "Blues ideas for swing songs. Rotates every three minutes.", capacity=30,
    ),
    workshop(
        2, LANCHID, "16:30", "17:30", "Turns that know where they end", INTERMEDIATE, NOA_BASTIAN,
        "Spotting is half of it. The other half is wanting to stop.",
    ),
    competition(
        2, "16:45", "17:45", "Strictly Swing, finals", "", FULL_PANEL,
        "The best couples of last night, on their own, for one whole song.",
    ),
    social(2, DANUBE, "18:00", "19:00", "Tea dance", OTTO, "Cake on the left, dancing on the right."),
    pause(2, "19:00", "20:30", "Dinner", "Long enough to sit down. The hall opens again at half past eight."),
    competition(
        2, "20:30", "21:30", "Intermediate Jack & Jill, finals", INTERMEDIATE, FULL_PANEL,
        "Front row is for those who danced today. Everybody else: louder.",
    ),
    buffer(2, "21:30", "22:00", "Buffer: the floor gets its breath"),
    social(
        2, DANUBE, "22:00", "00:00", BIG_SOCIAL, (),
        "Four hundred people, one floor, every tempo there is. Ask somebody new first.",
    ),
    social(
        2, LOUNGE, "22:30", "01:00", "Blues in the Lounge", MIRELA,
        "The door stays open for as long as you can hear the rain.",
    ),
    social(
        2, DANUBE, "00:00", "03:30", "The big social, past three", LUCIA,
        "Requests until one. After that she knows better.",
    ),
    social(
        2, LOUNGE, "01:00", "05:30", "Blues until the bridge turns gold", KENJI,
        "Tea, blankets, and a very slow piano.",
    ),
    other(
        2, LOUNGE, "05:30", "06:00", "Sunrise walk over the bridge",
        "Shoes in hand. We leave from the Lounge and end where the bakery opens.",
    ),
]  # fmt: skip

# Added when the first version was public already, so the second one has something to tell.
ADDED_LATER = workshop(
    2, MARGIT, "20:45", "21:45", "Taster: Balboa for the curious", ALL, (HEDDA,),
    "Small steps, fast songs, very close. You will either stay or never come back.",
)  # fmt: skip

THIRD_DAY = [
    workshop(
        3, DANUBE, "10:30", "11:15", "Gentle start, sore feet welcome", ALL, (PRIYA,),
        "Stretch, breathe, roll the soles of your feet. Dancing is optional.",
    ),
    workshop(
        3, MARGIT, "11:00", "12:00", "Ask us anything", ALL, TESS_RAFAEL,
        "The question you carried around all weekend, answered with bodies.",
    ),
    workshop(
        3, LANCHID, "11:00", "12:00", "From novice to what comes next", NOVICE, INGRID_TOMASZ,
        "What changes, what stays, and which habits to leave at the door.",
    ),
    other(
        3, GELLERT, "11:30", "12:30", "How a night is built",
        "A DJ talks about tempo, tiredness and the song that empties a floor.", djs=JO,
    ),
    competition(
        3, "11:30", "12:30", "Advanced Jack & Jill, finals", ADVANCED, FULL_PANEL,
        "The last final of the weekend. Be in your seat by twenty past.",
    ),
    workshop(
        3, MARGIT, "12:15", "13:15", "Phrases, breaks and brave pauses", ADVANCED, YUKI_CALLUM,
        "Hear the end of the sentence before it comes, then do nothing. On purpose.",
    ),
    buffer(3, "12:30", "13:00", "Buffer: scores and tears"),
    pause(3, "13:00", "14:15", "Lunch", "What is left of the kitchen is yours."),
    workshop(
        3, MARGIT, "14:15", "15:15", "From steps to sentences", INTERMEDIATE, ZSOFIA_MARTON,
        "Put this weekend’s words in an order that means something.",
    ),
    other(
        3, DANUBE, "15:30", "16:15", "Awards, and thank you",
        "Short speeches, long hugs, and the raffle for next year’s pass.", fixed=True,
    ),
    social(
        3, DANUBE, "16:30", "19:00", "Sunset tea dance", OTTO,
        "For trains that leave at eight. Bags may stand along the wall.",
    ),
    pause(3, "19:00", "20:30", "Dinner", "Everybody who is still here, at one long table."),
    social(3, DANUBE, "20:30", "00:00", "Farewell social", (), "No plan, no competition, no hurry."),
    social(
        3, LOUNGE, "22:30", "01:00", "Blues, one last time", KENJI,
        "Bring the person you did not get to dance with.",
    ),
    social(3, DANUBE, "00:00", "01:30", "One more song", MIRELA, "It is never one."),
]  # fmt: skip

PROGRAM = [*FIRST_DAY, *SECOND_DAY, *THIRD_DAY]

# ---- what happens while it runs ----

CANCELLED = "Spins for small rooms"
CHANGES_ROOM = ("Turns that know where they end", MARGIT)
LATE_MINUTES = 15

# What Dana wants to see. Tonight's final and the taster are at the same time, and so are two things tomorrow: whenever
# one looks, something that clashes is still to come.
DANA_STARS = (
    "Meet the floor", "First social", "Swivels without tears", "Saying yes to the mistake",
    "Intermediate Jack & Jill, finals", "Taster: Balboa for the curious", "The big social",
    "Ask us anything", "Advanced Jack & Jill, finals", "Farewell social",
)  # fmt: skip
GUESTS = 12  # phones without an account that starred something too
STARS_PER_GUEST = 4

# ---- the weekends to come ----

BLUES = Coming(
    in_days=40,
    days=2,
    values={
        "name": "Danube Winter Blues",
        "slug": "danube-winter-blues",
        "city": "Budapest",
        "venue": "Dunapart Ballrooms",
        "address": "Rakpart 12, Budapest",
        "zone": ZONE,
        "day_change_hour": 6,
        "about": "Two slow days in the darkest month. Nothing here is final yet.",
        "rooms": [room(MARGIT, "ground floor", 120, 0), room(LOUNGE, "opens late", 80, 1)],
    },
    program=(
        workshop(1, MARGIT, "15:00", "16:30", "Slow is a speed", ALL, (HEDDA,), "Where blues begins: with waiting."),
        workshop(
            1, MARGIT, "17:00", "18:30", "Close hold from zero", NOVICE, TESS_RAFAEL,
            "Distance, weight, consent.",
        ),
        social(1, LOUNGE, "21:00", "01:00", "Fireside social", KENJI, "One lamp, two speakers."),
        workshop(
            2, MARGIT, "13:00", "14:30", "Blues for swing dancers", INTERMEDIATE, TESS_RAFAEL,
            "Keep the stretch, lose the hurry.",
        ),
        social(2, LOUNGE, "20:00", "23:30", "Last embers", MIRELA, "Ends when the tea does."),
    ),
)  # fmt: skip

PORTO = Coming(
    in_days=60,
    days=3,
    values={
        "name": "Harbor Swing Porto",
        "slug": "harbor-swing-porto",
        "city": "Porto",
        "venue": "Armazém do Cais",
        "address": "Cais das Pedras 9, Porto",
        "zone": "Europe/Lisbon",
        "day_change_hour": 6,
        "about": "A warehouse on the quay, a wood floor, and three evenings with the doors open to the river.",
        "rooms": [room("Warehouse", "wood floor", 250, 0), room("Sail Loft", "upstairs", 60, 2)],
    },
    program=(
        workshop(
            1, "Sail Loft", "17:00", "18:00", "Land legs", ALL, AMARA_LUCA,
            "The basics again, on a floor that moves a little.",
        ),
        social(1, "Warehouse", "21:30", "02:00", "Quay social", LUCIA, "Doors open, jackets on."),
        workshop(
            2, "Warehouse", "11:00", "12:15", "Stretch like rope", INTERMEDIATE, NOA_BASTIAN,
            "Tension you can trust.",
        ),
        workshop(2, "Sail Loft", "11:00", "12:15", "First knots", NOVICE, INGRID_TOMASZ, "Three patterns that hold."),
        Planned(2, "Warehouse", "13:00", "15:00", "break", "Lunch on the quay", "Sardines, bread, shade."),
        social(2, "Warehouse", "22:00", "03:00", "Harbor social", JO, "Until the first boat."),
        social(3, "Warehouse", "16:00", "20:00", "Tide goes out", OTTO, "A long goodbye in daylight."),
    ),
)  # fmt: skip
