//! Feedback: stars first, the rest opens after a star.

mod form;
mod stars;

pub use form::FeedbackForm;
