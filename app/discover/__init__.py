"""Pages that read many features: the landing page, public events and who is there, and each person's own areas."""
