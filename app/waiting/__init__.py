"""Taps that waited: what a phone does offline arrives later, perhaps twice, and is acted on once.

A phone gives each tap a client id (static/js/waiting.js) and keeps it until the server has answered. `once` marks a
view that may be tapped so, `first_time` notes the id in the transaction of the fact. A tap was done, or it was refused.
docs/offline.md tells the whole story.
"""
