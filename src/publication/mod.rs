//! Publishing: compute the roster, compare it with the newest generation, store what changed as a new one.
