"""The schedule's pages: timeline (everybody), maker and dashboard (organizers)."""
