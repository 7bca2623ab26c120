//! A visitor's update stream: the session views, one after the other.

use reqwest::{Method, Response};
use serde_json::Value;

use super::{PATIENCE, Visitor};

/// An update stream; the connection ends with this value.
pub struct Updates {
    response: Response,
    text: String,
    /// Views that have come.
    pub count: usize,
}

impl Visitor<'_> {
    /// Follows the session.
    pub async fn updates(&self) -> Updates {
        let response = self.request(Method::GET, "/updates").send().await.expect("a stream");
        Updates::new(response)
    }
}

impl Updates {
    /// Reads a stream that was asked for.
    pub fn new(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        Self { response, text: String::new(), count: 0 }
    }

    /// The next view, within [`PATIENCE`]; none when the stream has ended.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((message, rest)) = self.text.split_once("\n\n") {
                let view = message.strip_prefix("data: ").map(serde_json::from_str);
                self.text = rest.to_owned();
                match view {
                    Some(view) => {
                        self.count += 1;
                        return Some(view.expect("JSON"));
                    }
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("something in time").expect("a stream")?;
            self.text += std::str::from_utf8(&chunk).expect("text");
        }
    }

    /// The first view of which `holds` is true.
    pub async fn until(&mut self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        while let Some(view) = self.next().await {
            if holds(&view) {
                return view;
            }
            last = view;
        }
        panic!("the stream ended before {what}: {last}");
    }

    /// The first view in this state.
    pub async fn state(&mut self, state: &str) -> Value {
        self.until(state, |view| view["state"] == state).await
    }

    /// The first view at this place in the queue.
    pub async fn position(&mut self, position: u64) -> Value {
        self.until(&format!("position {position}"), |view| view["position"] == position).await
    }
}
