//! What visitors say, and how operators read it.

use domain::{Rating, SessionId, UnixMs};
use shared::{
    ErrorCode,
    feedback::{Feedback, FeedbackItem, Page},
};
use store::{FeedbackEntry, FeedbackFilter, PutFeedback};

use super::{
    Error, Result, Services, Visitor,
    paging::{PageQuery, page},
    text,
};

/// Which feedback an operator asks for, as the query says it.
#[derive(Clone, Debug, Default)]
pub struct FeedbackQuery {
    /// Last changed at or after this time.
    pub from: Option<String>,
    /// Last changed before this time.
    pub to: Option<String>,
    /// With this rating.
    pub rating: Option<u8>,
    /// Of this tutorial.
    pub tutorial: Option<String>,
    /// With this text.
    pub text: Option<String>,
    /// Which page of it.
    pub page: PageQuery,
}

impl Services {
    /// Keeps what a visitor says, in place of what was said before.
    pub async fn put_feedback(&self, visitor: &Visitor, feedback: Feedback) -> Result<Feedback> {
        let settings = self.settings().feedback;
        let closed = || Error::new(ErrorCode::FeedbackClosed, "The time for feedback has passed.");
        if !settings.enabled {
            return Err(closed());
        }
        let parsed = parse(feedback)?;
        match self
            .0
            .store
            .put_feedback(visitor.id(), &parsed, settings.window, UnixMs::now())
            .await?
        {
            PutFeedback::Saved => self.feedback(visitor).await,
            PutFeedback::Closed => Err(closed()),
            PutFeedback::NoSession => Err(Error::unauthorized()),
        }
    }

    /// What the visitor said.
    pub async fn feedback(&self, visitor: &Visitor) -> Result<Feedback> {
        let feedback = self.0.store.feedback(visitor.id()).await?;
        feedback.map(shown).ok_or_else(|| Error::not_found("No feedback was left yet."))
    }

    /// A page of all feedback, the newest first.
    pub async fn feedback_list(&self, query: FeedbackQuery) -> Result<Page<FeedbackItem>> {
        let filter = FeedbackFilter {
            from: moment(query.from, "from")?,
            to: moment(query.to, "to")?,
            rating: query.rating.map(rating).transpose()?,
            tutorial: text::optional(query.tutorial, "tutorial", 200)?,
            q: text::optional(query.text, "q", 200)?,
        };
        let (cursor, limit) = query.page.parse()?;
        Ok(page(self.0.store.list_feedback(&filter, cursor, limit).await?, item))
    }
}

fn parse(feedback: Feedback) -> Result<store::Feedback> {
    let given = feedback.email.as_deref().unwrap_or_default();
    let hides = given.trim().chars().any(text::is_hidden);
    let email = text::optional(feedback.email, "email", 254)?;
    if let Some(email) = &email {
        // An address is taken as it was given, or not at all.
        let plausible = !hides
            && email.len() >= 3
            && email
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            && !email.chars().any(|c| c.is_whitespace() || c.is_control());
        if !plausible {
            return Err(Error::invalid("email", "This is no e-mail address."));
        }
        if !feedback.email_consent {
            return Err(Error::invalid(
                "email_consent",
                "An address is kept only with your consent. Give it, or leave the address out.",
            ));
        }
    }
    Ok(store::Feedback {
        rating: rating(feedback.rating)?,
        message: text::optional(feedback.message, "message", 4000)?,
        email_consent: email.is_some() && feedback.email_consent,
        email,
    })
}

fn rating(number: u8) -> Result<Rating> {
    Rating::try_from(number).map_err(|_| Error::invalid("rating", "Rate from 1 to 5."))
}

pub(super) fn moment(text: Option<String>, field: &'static str) -> Result<Option<UnixMs>> {
    text.map(|text| {
        text.parse().map_err(|_| Error::invalid(field, "Send a time like 2026-05-04T12:30:00Z."))
    })
    .transpose()
}

fn shown(feedback: store::Feedback) -> Feedback {
    Feedback {
        rating: feedback.rating.get(),
        message: feedback.message,
        email: feedback.email,
        email_consent: feedback.email_consent,
    }
}

fn item(entry: FeedbackEntry) -> FeedbackItem {
    let session: SessionId = entry.session;
    FeedbackItem {
        session: session.to_string(),
        updated_at: entry.updated_at.to_string(),
        tutorial: entry.tutorial,
        feedback: shown(entry.feedback),
    }
}
