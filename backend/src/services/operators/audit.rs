//! Who did what.

use shared::{feedback::Page, operator::AuditItem};
use store::AuditEntry;

use crate::services::{PageQuery, Result, Services, paging};

impl Services {
    /// A page of what operators have done, the newest first.
    pub async fn audit(&self, query: PageQuery) -> Result<Page<AuditItem>> {
        let (cursor, limit) = query.parse()?;
        Ok(paging::page(self.0.store.list_audit(cursor, limit).await?, item))
    }
}

fn item(row: AuditEntry) -> AuditItem {
    let AuditEntry { at, entry, .. } = row;
    AuditItem {
        at: at.to_string(),
        actor: entry.actor,
        action: entry.action,
        subject: entry.subject,
        detail: entry.detail,
    }
}
