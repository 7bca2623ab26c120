//! The table: what was measured, its baseline, the bar, and whether it was met.

use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use crate::stats::Samples;

/// The median and the slow end of some samples; a rate or a size has no slow end.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Figures {
    /// The median, or the only value.
    pub p50: f64,
    /// The slow end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95: Option<f64>,
}

impl From<&Samples> for Figures {
    fn from(samples: &Samples) -> Self {
        Self { p50: samples.p50(), p95: Some(samples.p95()) }
    }
}

impl From<f64> for Figures {
    fn from(value: f64) -> Self {
        Self { p50: value, p95: None }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.p95 {
            Some(p95) => write!(f, "{} / {}", short(self.p50), short(p95)),
            None => f.write_str(&short(self.p50)),
        }
    }
}

/// One line.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    what: String,
    unit: &'static str,
    n: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    ours: Option<Figures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Figures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
}

impl Row {
    /// What was measured, in what unit, how often, and what came out.
    pub fn new(what: &str, unit: &'static str, n: usize, ours: impl Into<Figures>) -> Self {
        Self {
            what: what.to_owned(),
            unit,
            n,
            ours: Some(ours.into()),
            baseline: None,
            baseline_name: None,
            bar: None,
            met: None,
            failed: None,
        }
    }

    /// What stands beside it.
    pub fn beside(mut self, name: &'static str, figures: impl Into<Figures>) -> Self {
        (self.baseline, self.baseline_name) = (Some(figures.into()), Some(name));
        self
    }

    /// What it is to reach, and whether it did.
    pub fn bar(mut self, words: &str, met: bool) -> Self {
        (self.bar, self.met) = (Some(words.to_owned()), Some(met));
        self
    }

    fn ratio(&self) -> Option<f64> {
        Some(self.ours?.p50 / self.baseline?.p50)
    }

    fn cells(&self) -> [String; 8] {
        let figures = |figures: Option<Figures>| {
            figures.map(|figures| figures.to_string()).unwrap_or_default()
        };
        let verdict = match (&self.failed, self.met) {
            (Some(why), _) => format!("FAILED: {why}"),
            (None, Some(true)) => "met".to_owned(),
            (None, Some(false)) => "MISSED".to_owned(),
            (None, None) => String::new(),
        };
        [
            if self.unit.is_empty() {
                self.what.clone()
            } else {
                format!("{}, {}", self.what, self.unit)
            },
            if self.n == 0 { String::new() } else { self.n.to_string() },
            figures(self.ours),
            self.baseline_name.unwrap_or_default().to_owned(),
            figures(self.baseline),
            self.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
            self.bar.clone().unwrap_or_default(),
            verdict,
        ]
    }
}

/// All lines.
#[derive(Clone, Debug, Default)]
pub struct Table(Vec<Row>);

impl Table {
    /// Adds a line, and says it at once.
    pub fn add(&mut self, row: Row) {
        eprintln!("  {}", row.cells().join("  "));
        self.0.push(row);
    }

    /// Adds that something could not be measured.
    pub fn failed(&mut self, what: &str, why: &str) {
        self.0.push(Row {
            ours: None,
            failed: Some(why.to_owned()),
            ..Row::new(what, "", 0, f64::NAN)
        });
    }

    /// Whether nothing failed and no bar was missed.
    pub fn all_met(&self) -> bool {
        self.0.iter().all(|row| row.failed.is_none() && row.met != Some(false))
    }

    /// For programs.
    pub fn json(&self, machine: &impl Serialize) -> Value {
        let rows: Vec<Value> = self
            .0
            .iter()
            .map(|row| {
                let mut json = json!(row);
                if let Some(ratio) = row.ratio() {
                    json["ratio"] = ratio.into();
                }
                json
            })
            .collect();
        json!({"machine": machine, "rows": rows})
    }
}

/// As Markdown that can be read as it is.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["p50 / p95", "n", "tryit", "beside it", "p50 / p95", "ratio", "bar", ""]
            .map(str::to_owned);
        let rows: Vec<_> = std::iter::once(head).chain(self.0.iter().map(Row::cells)).collect();
        let width = |column: usize| {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let widths: [usize; 8] = std::array::from_fn(width);
        for (at, row) in rows.iter().enumerate() {
            for (cell, width) in row.iter().zip(widths) {
                write!(f, "| {cell:width$} ")?;
            }
            writeln!(f, "|")?;
            if at == 0 {
                let dashes: Vec<_> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
                writeln!(f, "|{}|", dashes.join("|"))?;
            }
        }
        Ok(())
    }
}

/// Three digits that count.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_was_met_missed_and_failed() {
        let mut table = Table::default();
        table.add(Row::new("a", "ms", 3, 1.5).beside("b", 3.0).bar("≤ 2", true));
        assert!(table.all_met());
        table.add(Row::new("c", "MB", 1, 30.25).bar("≤ 20", false));
        assert!(!table.all_met());
        table.failed("d", "no answer");
        let text = table.to_string();
        for part in ["| a, ms ", "0.50", "met", "MISSED", "30.2", "FAILED: no answer"] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        let json = table.json(&"here");
        assert_eq!(json["rows"][0]["ratio"], 0.5);
        assert_eq!(json["rows"][2]["failed"], "no answer");
    }
}
