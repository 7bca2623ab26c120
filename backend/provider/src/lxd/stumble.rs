//! A server that is asked about one thing can stumble over another one that goes meanwhile: it is asked again.

use reqwest::{Method, Url};
use serde::{Serialize, de::DeserializeOwned};

use super::{api::Api, fault};
use crate::{Error, Result};

/// How often it may stumble: over an interface of a container (Incus does), over a network or an access list while it
/// finds out where one is in use (LXD does).
const TRIES: usize = 5;

impl Api {
    /// `GET` of an object that may be absent. An access list that is there is answered by the same words as one that is
    /// not when the server stumbles over another, so that its collection decides.
    pub async fn find<T: DeserializeOwned>(&self, url: Url) -> Result<Option<T>> {
        let ask = || async {
            match self.get(url.clone()).await {
                Err(Error::NotFound(why)) if self.lists(&url).await? => {
                    Err(Error::Refused(format!("{STUMBLED}: {why}")))
                }
                answer => fault::unless_absent(answer),
            }
        };
        patiently(ask).await
    }

    /// A change that may take its time, of an object that others lean on.
    pub async fn change(
        &self,
        method: Method,
        url: Url,
        body: &(impl Serialize + Sync),
    ) -> Result<()> {
        patiently(|| self.tell_slowly(method.clone(), url.clone(), body)).await
    }

    /// Whether an object is in its collection.
    async fn lists(&self, object: &Url) -> Result<bool> {
        let Some((collection, name)) = object.path().rsplit_once('/') else { return Ok(false) };
        let mut url = object.clone();
        url.set_path(collection);
        let all: Vec<String> = fault::unless_absent(self.get(url).await)?.unwrap_or_default();
        let named = |one: &String| {
            let path = one.split_once('?').map_or(one.as_str(), |(path, _)| path);
            path.rsplit_once('/').is_some_and(|(_, last)| last == name)
        };
        Ok(all.iter().any(named))
    }
}

/// What an answer about another object is told as.
const STUMBLED: &str = "the server says that another object is not there";

fn stumbled(error: &Error) -> bool {
    const OVER_ANOTHER: [&str; 3] = [STUMBLED, "ACL network usage", "link show"];
    match error {
        Error::Refused(why) | Error::NotFound(why) => {
            OVER_ANOTHER.iter().any(|words| why.contains(words))
        }
        _ => false,
    }
}

/// Asks again while the server stumbles; the last answer, whatever it is.
async fn patiently<T, F: Future<Output = Result<T>>>(ask: impl Fn() -> F) -> Result<T> {
    for _ in 1..TRIES {
        match ask().await {
            Err(error) if stumbled(&error) => {}
            answer => return answer,
        }
    }
    ask().await
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::ready};

    use super::*;

    #[tokio::test]
    async fn a_server_that_always_stumbles_is_no_answer() {
        let asked = Cell::new(0);
        let another = "Failed getting ACL network usage: Network ACL not found";
        let stumbles_until = async |last: usize| {
            asked.set(0);
            patiently(|| {
                asked.set(asked.get() + 1);
                ready(match asked.get() < last {
                    true => Err(Error::NotFound(another.to_owned())),
                    false => Ok(asked.get()),
                })
            })
            .await
        };
        assert!(matches!(stumbles_until(1).await, Ok(1)));
        assert!(matches!(stumbles_until(TRIES).await, Ok(TRIES)));
        assert!(!stumbled(&Error::NotFound("Network ACL not found".to_owned())), "it is absent");
        let error = stumbles_until(usize::MAX).await.unwrap_err();
        assert!(stumbled(&error), "{error}");
        assert_eq!(asked.get(), TRIES);
    }
}
