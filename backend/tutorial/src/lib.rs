//! tutorial.
