"""People: accounts, sessions, devices, roles, profile.

A person signs up (unverified), proves the address by a mailed link (verified), and then signs in. Roles are grants:
`owner` and `dj` hold everywhere, `organizer` in one event, `studio_admin` and `teacher` in one studio; everybody
dances. A guest is a device: a signed cookie that holds stars until somebody signs in on it.
"""
