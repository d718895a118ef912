"""Fan-out on this machine: one publish to many sockets, beside a floor in C and the naive way, in one run."""
