"""Notify: how Pika! reaches people. So far by mail; who is told what, and when, jobs and their features decide."""
