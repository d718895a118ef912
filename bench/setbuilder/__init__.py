"""How good the set builder's orders are, beside shuffle, sort by tempo, greedy, 2-opt and the exact best."""
