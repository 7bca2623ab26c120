//! The name of a scenario in URLs.

use std::fmt;

use crate::path::FilePath;

/// The path of a scenario's directory below the tutorials directory, fit for a URL: parts of ASCII letters, digits,
/// `.`, `_`, `~` and `-`, joined by `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

impl Slug {
    /// The slug of a directory: runs of what a URL doesn't take become `-`; the root's is `tutorial`.
    #[must_use]
    pub fn of(dir: &FilePath) -> Self {
        let parts: Vec<String> =
            dir.parts().map(url_part).filter(|part| !part.is_empty()).collect();
        Self(if parts.is_empty() { "tutorial".to_owned() } else { parts.join("/") })
    }

    /// The whole slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn url_part(part: &str) -> String {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._~-".contains(c);
    let pieces: Vec<&str> =
        part.split(|c| !is_allowed(c)).filter(|piece| !piece.is_empty()).collect();
    // A browser would resolve these away.
    pieces.join("-").trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug(dir: &str) -> String {
        Slug::of(&FilePath::root().join(dir).unwrap()).to_string()
    }

    #[test]
    fn is_the_path_where_a_url_takes_it() {
        assert_eq!(slug("kubernetes/first-steps_2"), "kubernetes/first-steps_2");
        assert_eq!(slug("01 - Über uns/#2"), "01---ber-uns/2");
        assert_eq!(slug("..."), "tutorial");
        assert_eq!(slug(""), "tutorial");
    }
}
