//! The keys to this browser's sessions, as they are kept in its storage.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// As many sessions as are remembered; the oldest goes first.
const MAX_ENTRIES: usize = 12;

/// A map from session id to its token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens(BTreeMap<String, Entry>);

/// One session of this browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 43 characters base64url.
    pub token: String,
    /// The tutorial it belongs to.
    pub tutorial: String,
    /// Milliseconds since 1970 on this browser's clock: only to find the newest.
    pub at: u64,
}

impl Tokens {
    /// Reads what was stored; what can't be read counts as empty.
    pub fn parse(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// What is stored.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The token of a session.
    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.0.get(id)
    }

    /// The newest session of a tutorial.
    pub fn newest(&self, tutorial: &str) -> Option<(&str, &Entry)> {
        self.0
            .iter()
            .filter(|(_, entry)| entry.tutorial == tutorial)
            .max_by_key(|(_, entry)| entry.at)
            .map(|(id, entry)| (id.as_str(), entry))
    }

    /// All sessions but one, with their tokens.
    pub fn others(self, than: &str) -> impl Iterator<Item = (String, String)> {
        let tokens = self.0.into_iter().map(|(id, entry)| (id, entry.token));
        tokens.filter(move |(id, _)| id != than)
    }

    /// Remembers a session.
    pub fn insert(&mut self, id: &str, entry: Entry) {
        self.0.insert(id.to_owned(), entry);
        while self.0.len() > MAX_ENTRIES {
            let oldest = self.0.iter().min_by_key(|(_, entry)| entry.at).map(|(id, _)| id.clone());
            oldest.and_then(|id| self.0.remove(&id));
        }
    }

    /// Forgets a session.
    pub fn remove(&mut self, id: &str) {
        self.0.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(tutorial: &str, at: u64) -> Entry {
        Entry { token: format!("token-{at}"), tutorial: tutorial.into(), at }
    }

    #[test]
    fn a_tutorial_resumes_its_own_newest_session() {
        let mut tokens = Tokens::default();
        tokens.insert("a", entry("lxd", 1));
        tokens.insert("b", entry("lxd", 3));
        tokens.insert("c", entry("tour", 4));
        assert_eq!(tokens.newest("lxd").unwrap().0, "b");
        tokens.remove("b");
        assert_eq!(tokens.newest("lxd").unwrap().0, "a");
        assert_eq!(tokens.newest("none"), None);
        tokens.insert("b", entry("tour", 3));
        let others: Vec<_> = tokens.others("a").map(|(id, _)| id).collect();
        assert_eq!(others, ["b", "c"]);
    }

    #[test]
    fn what_was_stored_comes_back_and_rubbish_counts_as_nothing() {
        let mut tokens = Tokens::default();
        tokens.insert("a", entry("lxd", 1));
        assert_eq!(Tokens::parse(&tokens.to_json()), tokens);
        assert_eq!(Tokens::parse("[1,"), Tokens::default());
    }

    #[test]
    fn only_the_newest_are_kept() {
        let mut tokens = Tokens::default();
        for at in 0..40 {
            tokens.insert(&format!("{at}"), entry("lxd", at));
        }
        assert!(tokens.get("0").is_none());
        assert!(tokens.get("39").is_some());
        assert_eq!(tokens.0.len(), MAX_ENTRIES);
    }
}
