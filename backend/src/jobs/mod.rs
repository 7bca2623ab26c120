//! Loops of their own, beside the reconciler's.

pub mod outward;
