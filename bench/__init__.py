"""Benchmarks: run by `make bench`, print figures as ratios to a baseline of the same run. Never part of the tests."""
