//! What visitors say of their sessions.

use std::time::Duration;

use domain::{Rating, SessionId, UnixMs};
use sqlx::{FromRow, Row, sqlite::SqliteRow};

use crate::{
    Result, Store,
    page::{self, Cursor, Page},
    row,
};

/// What a visitor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// 1 to 5.
    pub rating: Rating,
    /// Free text: 1 to 4,000 characters.
    pub message: Option<String>,
    /// Where to answer: 3 to 254 characters. Kept only with consent.
    pub email: Option<String>,
    /// Whether the address may be kept and used for an answer.
    pub email_consent: bool,
}

/// Feedback as an operator reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedbackEntry {
    /// Its place in the list.
    seq: i64,
    /// The session it is about.
    pub session: SessionId,
    /// The session's tutorial.
    pub tutorial: Option<String>,
    /// When it was first given.
    pub created_at: UnixMs,
    /// When it was last changed.
    pub updated_at: UnixMs,
    /// What was said.
    pub feedback: Feedback,
}

/// Which feedback to list; what is none does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedbackFilter {
    /// Last changed at or after.
    pub from: Option<UnixMs>,
    /// Last changed before.
    pub to: Option<UnixMs>,
    /// With this rating.
    pub rating: Option<Rating>,
    /// Of this tutorial.
    pub tutorial: Option<String>,
    /// With this text in the message or the address; the case of ASCII letters does not matter.
    pub q: Option<String>,
}

/// What became of a visitor's feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutFeedback {
    /// It is kept.
    Saved,
    /// The session ended too long ago.
    Closed,
    /// There is no such session.
    NoSession,
}

impl Store {
    /// Keeps a session's feedback in place of what was said before, until `window` after the session's end.
    pub async fn put_feedback(
        &self,
        id: SessionId,
        feedback: &Feedback,
        window: Duration,
        now: UnixMs,
    ) -> Result<PutFeedback> {
        let mut write = self.write().await?;
        let session = sqlx::query("select ended_at from session where id = ?1")
            .bind(id.to_string())
            .fetch_optional(write.connection())
            .await?;
        let Some(session) = session else { return Ok(PutFeedback::NoSession) };
        if row::moment_or_none(&session, "ended_at")?
            .is_some_and(|ended_at| ended_at.plus(window) < now)
        {
            return Ok(PutFeedback::Closed);
        }
        sqlx::query(
            "insert into feedback (session_id, rating, message, email, email_consent, created_at, updated_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?6)
             on conflict (session_id) do update set
                 rating = excluded.rating, message = excluded.message, email = excluded.email,
                 email_consent = excluded.email_consent, updated_at = excluded.updated_at",
        )
        .bind(id.to_string())
        .bind(feedback.rating.get())
        .bind(&feedback.message)
        .bind(feedback.email.as_ref().filter(|_| feedback.email_consent))
        .bind(feedback.email_consent)
        .bind(now.0)
        .execute(write.connection())
        .await?;
        write.changed(id);
        write.commit().await?;
        Ok(PutFeedback::Saved)
    }

    /// What a session's visitor has said.
    pub async fn feedback(&self, id: SessionId) -> Result<Option<Feedback>> {
        Ok(sqlx::query_as("select * from feedback where session_id = ?1")
            .bind(id.to_string())
            .fetch_optional(self.readers())
            .await?)
    }

    /// A page of at most `limit` entries, the newest first by when they were first given.
    pub async fn list_feedback(
        &self,
        filter: &FeedbackFilter,
        cursor: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<FeedbackEntry>> {
        let items = sqlx::query_as(
            "select feedback.*, session.tutorial from feedback join session on session.id = feedback.session_id
              where feedback.seq < ?1
                and (?2 is null or updated_at >= ?2) and (?3 is null or updated_at < ?3)
                and (?4 is null or rating = ?4)
                and (?5 is null or session.tutorial = ?5)
                and (?6 is null or instr(lower(coalesce(message, '')), ?6) or instr(lower(coalesce(email, '')), ?6))
              order by feedback.seq desc limit ?7",
        )
        .bind(page::below(cursor))
        .bind(filter.from.map(|at| at.0))
        .bind(filter.to.map(|at| at.0))
        .bind(filter.rating.map(Rating::get))
        .bind(&filter.tutorial)
        // SQLite's lower() knows ASCII only; to lower more here would find less.
        .bind(filter.q.as_ref().map(|text| text.to_ascii_lowercase()))
        .bind(i64::from(limit) + 1)
        // What is rare is looked for in all of it.
        .fetch_all(&mut *self.reports().await?)
        .await?;
        Ok(Page::new(items, limit, |entry: &FeedbackEntry| entry.seq))
    }
}

impl FromRow<'_, SqliteRow> for Feedback {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let rating = Rating::try_from(row.try_get::<u8, _>("rating")?);
        Ok(Self {
            rating: rating.map_err(|error| row::wrong("rating", error))?,
            message: row.try_get("message")?,
            email: row.try_get("email")?,
            email_consent: row.try_get("email_consent")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for FeedbackEntry {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            seq: row.try_get("seq")?,
            session: row::parsed(row, "session_id")?,
            tutorial: row.try_get("tutorial")?,
            created_at: row::moment(row, "created_at")?,
            updated_at: row::moment(row, "updated_at")?,
            feedback: Feedback::from_row(row)?,
        })
    }
}
