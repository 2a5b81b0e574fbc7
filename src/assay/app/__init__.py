"""Use cases, one function per thing a user does, and the ports that they need."""
