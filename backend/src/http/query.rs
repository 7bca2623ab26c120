//! Query strings, and what is wrong with one in words that name the key.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::services::Error;

/// A query string. Routes that ask for a token take it as a `Result`, and look at it after the token: whoever may not
/// ask is told that first.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self).map_err(ApiError))
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(pairs)
        .map_err(|error| describe(&error.path().to_string(), &error.inner().to_string()))
}

/// serde's words are good of a key that is not known, is missing or comes twice, and of a value that is not one of a few; of
/// a number they say only how it came to nothing.
fn describe(path: &str, words: &str) -> Error {
    let named = words.split_once(" field `").and_then(|(_, rest)| rest.split('`').next());
    if let Some(key) = named {
        return Error::invalid(key.to_owned(), format!("The query is not as expected: {words}."));
    }
    let is_number = ["digit", "integer", "number"].iter().any(|word| words.contains(word));
    let message = match is_number {
        true => format!("`{path}` in the query is to be a whole number, and not too large a one."),
        false => format!("`{path}` in the query is not as expected: {words}."),
    };
    Error::invalid(path.to_owned(), message)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        q: Option<String>,
        rating: Option<u8>,
        all: Option<bool>,
        by: Option<By>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum By {
        Day,
        Week,
    }

    #[test]
    fn what_is_wrong_is_named() {
        let asked: Asked = parse("q=a+b%26c&rating=5").unwrap();
        assert_eq!((asked.q.as_deref(), asked.rating), (Some("a b&c"), Some(5)));
        let asked: Asked = parse("all=true&by=day").unwrap();
        assert!(matches!((asked.all, asked.by), (Some(true), Some(By::Day))));
        for (query, field, words) in [
            ("colour=red", "colour", "expected one of `q`, `rating`"),
            ("all=perhaps", "all", "`true` or `false`"),
            ("by=year", "by", "expected `day` or `week`"),
            ("rating=five", "rating", "whole number"),
            ("rating=", "rating", "whole number"),
            ("q=x&rating=-1", "rating", "whole number"),
            ("rating=4000", "rating", "not too large"),
            ("q=a&q=b", "q", "duplicate"),
        ] {
            let body = parse::<Asked>(query).unwrap_err().body();
            assert_eq!(body.field.as_deref(), Some(field), "{query}");
            assert!(body.message.contains(words), "{query}: {}", body.message);
        }
    }
}
