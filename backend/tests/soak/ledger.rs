//! What was promised to whom: each session that was answered, and how it ended.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

/// All that visitors were told.
#[derive(Default)]
pub struct Ledger {
    /// Sessions that are not known to have ended, by id: token and address.
    live: HashMap<String, (String, String)>,
    /// Containers by the session that was shown them.
    containers: HashMap<String, String>,
    /// Containers that somebody took away or stopped from outside.
    sabotaged: HashSet<String>,
    /// Containers that a reset has given up, until they are gone.
    leaving: HashSet<String>,
    counts: BTreeMap<String, u32>,
}

impl Ledger {
    /// A session was answered. The other live ones of its address.
    pub fn started(&mut self, id: &str, token: &str, address: &str) -> Vec<(String, String)> {
        self.count("started");
        let others = self.live.iter().filter(|(other, (_, at))| *other != id && at == address);
        let others = others.map(|(id, (token, _))| (id.clone(), token.clone())).collect();
        self.live.insert(id.to_owned(), (token.to_owned(), address.to_owned()));
        others
    }

    /// A session was seen to have ended, its visitor's doing or not.
    pub fn ended(&mut self, id: &str, view: &Value) {
        if self.live.remove(id).is_some() {
            let reason = view["ended_reason"].as_str().unwrap_or("without a reason");
            self.count(&format!("ended {reason}"));
        }
    }

    /// A session shows this container. Another one that was shown it and is not known to have ended: its id and token.
    /// Names are given out again once their container is gone.
    pub fn container(&mut self, name: &str, session: &str) -> Option<(String, String)> {
        let before = self.containers.insert(name.to_owned(), session.to_owned())?;
        let (token, _) = self.live.get(&before).filter(|_| before != session)?;
        Some((before.clone(), token.clone()))
    }

    /// Somebody is about to take a container away.
    pub fn sabotage(&mut self, name: &str) {
        self.count("containers taken away");
        self.sabotaged.insert(name.to_owned());
    }

    /// Whether somebody took one of a session's containers away.
    pub fn was_sabotaged(&self, session: &str) -> bool {
        let own = self.containers.iter().filter(|(_, of)| *of == session);
        own.into_iter().any(|(name, _)| self.sabotaged.contains(name))
    }

    /// A reset is about to give a container up.
    pub fn leaves(&mut self, name: &str) {
        self.leaving.insert(name.to_owned());
    }

    /// The reset was refused.
    pub fn stays(&mut self, name: &str) {
        self.leaving.remove(name);
    }

    /// How many containers a reset has given up, which count beyond the limit until they are gone.
    pub fn leaving(&self) -> usize {
        self.leaving.len()
    }

    /// Forgets those of `before` that are not among `present` any more.
    pub fn gone(&mut self, before: &HashSet<String>, present: &HashSet<String>) {
        self.leaving.retain(|name| present.contains(name) || !before.contains(name));
    }

    /// The containers that a reset has given up.
    pub fn leaving_names(&self) -> HashSet<String> {
        self.leaving.clone()
    }

    /// Counts something for the summary.
    pub fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    /// All counts.
    pub fn summary(&self) -> String {
        let counts = self.counts.iter().map(|(what, count)| format!("{what}: {count}"));
        counts.collect::<Vec<_>>().join(", ")
    }
}
