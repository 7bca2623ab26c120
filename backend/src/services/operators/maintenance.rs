//! Closes and opens the service at run time.

use domain::UnixMs;
use shared::operator::{Maintenance, MaintenanceRequest};
use store::Closed;

use super::Operator;
use crate::services::{Result, Services, text};

/// The longest message, in characters.
const MAX_MESSAGE: usize = 1000;

impl Services {
    /// Whether starts are refused, and with which words.
    pub async fn maintenance(&self) -> Result<Maintenance> {
        Ok(shown(self.0.store.maintenance().await?))
    }

    /// Closes the service to starts, or opens it as far as the configuration does. Sessions go on. Answers what is
    /// the case then.
    pub async fn put_maintenance(
        &self,
        by: &Operator,
        request: MaintenanceRequest,
    ) -> Result<Maintenance> {
        let MaintenanceRequest { on, message } = request;
        let message = text::optional(message, "message", MAX_MESSAGE)?.filter(|_| on);
        let detail = match (on, &message) {
            (false, _) => "off".to_owned(),
            (true, None) => "on".to_owned(),
            (true, Some(message)) => format!("on: {message}"),
        };
        let entry = by.act("maintenance.put", None, Some(detail));
        let after =
            self.0.store.put_maintenance(&Closed { on, message }, &entry, UnixMs::now()).await?;
        tracing::info!(operator = by.0, on, "maintenance was switched");
        Ok(shown(after))
    }
}

fn shown(maintenance: store::Maintenance) -> Maintenance {
    let store::Maintenance { on, message, configured } = maintenance;
    Maintenance { on, message, configured }
}
