"""Chaos: phones on bad lines while servers die and a schedule is edited; at the end every phone shows the truth."""
