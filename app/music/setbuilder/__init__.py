"""The set builder: suggests which songs, and in what order, for a set of so many minutes. It suggests; the DJ decides.

`objective` says what a good order is, in parts that a DJ can read; `search` looks for one; `build` picks the songs.
Pure: no database, no clock, and the only chance is a seeded one, so the same input gives the same set.
"""
