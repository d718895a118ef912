"""The platform owner's floor: is the machine well, who is here, which events there are.

Health reads every feature; moderation suspends an account or lifts it and gives or takes the roles that hold everywhere
(dj, owner). `doctor` and `invariants` are the same eyes for the command line. No live topics.
"""
