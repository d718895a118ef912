"""Dance studios: profile, team, public page `/s/<slug>`. Classes, bookings and credits will build on them."""
