//! Where the visitor is in the tutorial: read, changed and written in one transaction.

use std::collections::BTreeMap;

use domain::{PageName, Progress, SessionId};
use sqlx::Row;

use crate::{Result, Store, row};

impl Store {
    /// The visitor is on `page` and has run `ran` of its commands. False when the session is not live.
    pub async fn put_progress(&self, id: SessionId, page: PageName, ran: &[u32]) -> Result<bool> {
        let moved =
            self.edit_progress(id, Some(page), |progress| progress.mark_ran(page, ran)).await?;
        Ok(moved.is_some())
    }

    /// The page's check has passed. False when the session is not live.
    pub async fn mark_passed(&self, id: SessionId, page: PageName) -> Result<bool> {
        let passed = self.edit_progress(id, None, |progress| progress.mark_passed(page)).await?;
        Ok(passed.is_some())
    }

    /// The page's scripts are about to run. True for the one caller who is to run them; false for every other,
    /// and when the session is not live.
    pub async fn mark_entered(&self, id: SessionId, page: PageName) -> Result<bool> {
        let first = self.edit_progress(id, None, |progress| progress.mark_entered(page)).await?;
        Ok(first.unwrap_or(false))
    }

    /// The page's scripts could not be started: the next caller is to run them.
    pub async fn forget_entered(&self, id: SessionId, page: PageName) -> Result<()> {
        self.edit_progress(id, None, |progress| progress.forget_entered(page)).await.map(drop)
    }

    /// Sets the values that the tutorial shows. False when the session is not live.
    pub async fn put_facts(&self, id: SessionId, facts: &BTreeMap<String, String>) -> Result<bool> {
        let statement =
            sqlx::query("update session set facts = ?2 where id = ?1 and state <> 'ended'")
                .bind(id.to_string())
                .bind(serde_json::json!(facts).to_string());
        self.change_session(id, statement).await
    }

    /// Answers what `edit` does, or none when the session is not live.
    async fn edit_progress<T>(
        &self,
        id: SessionId,
        page: Option<PageName>,
        edit: impl FnOnce(&mut Progress) -> T,
    ) -> Result<Option<T>> {
        let mut write = self.write().await?;
        let live =
            sqlx::query("select page, progress from session where id = ?1 and state <> 'ended'")
                .bind(id.to_string())
                .fetch_optional(write.connection())
                .await?;
        let Some(live) = live else { return Ok(None) };
        let old: Progress = serde_json::from_str(live.try_get("progress")?)
            .map_err(|error| row::wrong("progress", error))?;
        let old_page: PageName = row::parsed(&live, "page")?;

        let mut new = old.clone();
        let answer = edit(&mut new);
        let page = page.unwrap_or(old_page);
        if new == old && page == old_page {
            return Ok(Some(answer));
        }
        sqlx::query("update session set page = ?2, progress = ?3 where id = ?1")
            .bind(id.to_string())
            .bind(page.to_string())
            .bind(serde_json::json!(new).to_string())
            .execute(write.connection())
            .await?;
        write.changed(id);
        write.commit().await?;
        Ok(Some(answer))
    }
}
