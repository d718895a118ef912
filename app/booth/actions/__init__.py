"""What a DJ does with sets that are over, and what is asked of the set builder: one function per intention."""
