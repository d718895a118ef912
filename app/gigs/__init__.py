"""Booking people: the handshake between who asks and who is asked, its calendar, availability, and "book me".

A gig is pending (the person asked has the word) → countered (the one who asks has it) → confirmed → ended; or it
closes as declined, expired, withdrawn (before it was agreed) or cancelled (after). A change of time after confirmation
makes it pending again, for that person only. No live topics of its own: a confirmed name reaches phones by the
schedule's, for app.schedule shows the parts that are booked here.
"""
