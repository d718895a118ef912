"""What those who ask and those who are asked do, one function per intention; one module per side.

Every change of state is one conditional UPDATE (moving.py), so of two that race exactly one wins. Whoever changes what
the public sees takes the event's lock first, then the gig's.
"""
