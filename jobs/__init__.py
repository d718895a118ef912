"""Work outside requests: the worker, the clock, what is owed (outbox), and one module per feature.

The app names these functions by dotted path and never imports them.
"""
