"""Pages of bookings, one module per side: bookings (organizers), gigs (who is booked), enquiries (the public)."""
