"""What people do: the door (sign up, in, out), their account, and roles. Each module says who calls it."""
