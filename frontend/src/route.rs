//! Which page an address shows.
//!
//! The page needs no router: each address is a document of its own that the service serves, and moving between
//! them loads from the cache. (leptos_router would add a third to the size of the program.)

/// What to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// A tutorial: the default one, or the one that is named.
    Tutorial {
        /// Its slug.
        slug: Option<String>,
        /// Shown inside another site's page.
        framed: bool,
    },
    /// The snippet for embedding a tutorial.
    Embed,
    /// Nothing is at this address.
    Unknown,
}

impl Route {
    /// Reads the path of an address.
    pub fn parse(path: &str) -> Self {
        let path = path.trim_matches('/');
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let framed = first == "e";
        match first {
            "" => Route::Tutorial { slug: None, framed: false },
            "t" | "e" if !rest.is_empty() => {
                Route::Tutorial { slug: Some(rest.to_owned()), framed }
            }
            "e" => Route::Tutorial { slug: None, framed },
            "embed" if rest.is_empty() => Route::Embed,
            _ => Route::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_their_pages() {
        let tutorial = |slug: &str, framed| Route::Tutorial { slug: Some(slug.into()), framed };
        assert_eq!(Route::parse("/"), Route::Tutorial { slug: None, framed: false });
        assert_eq!(Route::parse("/t/lxd/first-steps"), tutorial("lxd/first-steps", false));
        assert_eq!(Route::parse("/t/tour/"), tutorial("tour", false));
        assert_eq!(Route::parse("/e/tour"), tutorial("tour", true));
        assert_eq!(Route::parse("/e"), Route::Tutorial { slug: None, framed: true });
        assert_eq!(Route::parse("/embed"), Route::Embed);
        assert_eq!(Route::parse("/t"), Route::Unknown);
        assert_eq!(Route::parse("/wp-login.php"), Route::Unknown);
    }
}
