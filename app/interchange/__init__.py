"""Schedules in and out: conference JSON (pretalx, frab, Giggity), a printed weekend as JSON, CSV.

A file is read into a `Source` (items.py) by one reader per shape, compared with what is there (plan.py) and applied
as one batch in one transaction (actions.py): one tap of the maker's undo takes a whole import back. Nothing is ever
imported by halves: a problem that has no answer refuses the whole file and names its path.
"""
