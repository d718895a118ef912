"""What DJs and dancers do while a set runs, one function per intention.

Each locks the set where plays or polls follow one another, decides by the rules, writes, commits, then tells phones.
Dancers' taps (hearts, votes) take no lock but their own unique row, so that three hundred at once do not queue for one.
"""

from app.floor.actions.feeds import make_token, revoke_token, token_used
from app.floor.actions.hands import forget, heart, here, leave, save_minute, vote_poll, vote_tempo
from app.floor.actions.lineup import line_up, lined_up_first, take_off
from app.floor.actions.plays import Song, answer_question, clear_now, correct, not_heard, play, undo
from app.floor.actions.polls import ask, close_poll, open_poll, prepare, remove_poll
from app.floor.actions.sets import SetPlan, describe, end, offer, start, take_over, withdraw_offer
from app.floor.actions.sweeping import sweep

__all__ = [
    "SetPlan",
    "Song",
    "answer_question",
    "ask",
    "clear_now",
    "close_poll",
    "correct",
    "describe",
    "end",
    "forget",
    "heart",
    "here",
    "leave",
    "line_up",
    "lined_up_first",
    "make_token",
    "not_heard",
    "offer",
    "open_poll",
    "play",
    "prepare",
    "remove_poll",
    "revoke_token",
    "save_minute",
    "start",
    "sweep",
    "take_off",
    "take_over",
    "token_used",
    "undo",
    "vote_poll",
    "vote_tempo",
    "withdraw_offer",
]
