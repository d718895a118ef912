"""Tests of jobs begin with an empty mail folder, like those of people."""

from tests.people.conftest import app

__all__ = ["app"]
