"""Notify: how Pika! reaches people. So far by mail; who is told what, and when, is decided by jobs and their features."""
