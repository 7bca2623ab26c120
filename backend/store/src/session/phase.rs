//! A start's phase as its column holds it.

use domain::{Phase, PhaseStep};
use serde::{Deserialize, Serialize};

use crate::row;

/// Longer words of LXD's are cut, so that the column's bound is never what fails.
const MESSAGE_MAX: usize = 500;

#[derive(Serialize, Deserialize)]
struct Column {
    step: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<u8>,
}

pub(super) fn write(phase: &Phase) -> String {
    let column = Column {
        step: phase.step.to_string(),
        message: phase.message.chars().take(MESSAGE_MAX).collect(),
        percent: phase.percent,
    };
    serde_json::json!(column).to_string()
}

pub(super) fn read(column: &str) -> Result<Phase, sqlx::Error> {
    let column: Column =
        serde_json::from_str(column).map_err(|error| row::wrong("phase", error))?;
    let step: PhaseStep = column.step.parse().map_err(|error| row::wrong("phase", error))?;
    Ok(Phase { step, message: column.message, percent: column.percent })
}
