"""The demo: "Budapest Swing Weekend", always under way today, and the people who play in it.

`cast` names the people, `weekend` is the program as plain data, `load` brings both in by the same actions that users
call, `routes` are the pages under /dev. Development and tests only: the demo's password is public.
"""
