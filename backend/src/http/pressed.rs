//! Long texts that are the same for everybody: compressed once, and as well as can be, since phones wait for them.

use std::{
    collections::HashMap,
    io::Write,
    sync::{Mutex, MutexGuard, PoisonError},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentType},
    web::{self, Bytes},
};
use serde::Serialize;

use super::error::ApiResult;
use crate::services::Error;

/// How many texts are kept. There are few: the terms and each tutorial, by language; those of earlier versions go.
const MOST: usize = 64;

/// As well as can be: tens of milliseconds for a whole tutorial.
const QUALITY: u32 = 11;
/// The format's largest window but the special ones.
const WINDOW: u32 = 22;
const BUFFER: usize = 4096;

/// Compressed texts, by what they were.
#[derive(Default)]
pub struct Pressed(Mutex<HashMap<Bytes, Bytes>>);

impl Pressed {
    /// A value as JSON, compressed where the client takes that.
    pub async fn json(
        &self,
        request: &HttpRequest,
        value: &impl Serialize,
    ) -> ApiResult<HttpResponse> {
        let internal = |error: &dyn std::fmt::Display| Error::internal(error);
        let text = Bytes::from(serde_json::to_vec(value).map_err(|error| internal(&error))?);
        let mut response = HttpResponse::Ok();
        response.content_type(ContentType::json()).insert_header((header::VARY, "accept-encoding"));
        if !accepts_brotli(request) {
            return Ok(response.body(text));
        }
        let known = self.known().get(&text).cloned();
        let pressed = match known {
            Some(pressed) => pressed,
            None => {
                let plain = text.clone();
                let pressed = web::block(move || press(&plain)).await;
                let pressed = pressed.map_err(|error| internal(&error))?;
                let pressed = pressed.map_err(|error| internal(&error))?;
                self.keep(text, pressed.clone());
                pressed
            }
        };
        Ok(response.insert_header((header::CONTENT_ENCODING, "br")).body(pressed))
    }

    fn keep(&self, text: Bytes, pressed: Bytes) {
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(text, pressed);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Bytes, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn press(text: &[u8]) -> std::io::Result<Bytes> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), BUFFER, QUALITY, WINDOW);
    writer.write_all(text)?;
    writer.flush()?;
    Ok(writer.into_inner().into())
}

/// Whether a client takes brotli.
pub fn accepts_brotli(request: &HttpRequest) -> bool {
    let accepted =
        request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|list| {
        list.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            parts.next() == Some("br") && parts.next().is_none_or(|q| q != "q=0")
        })
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use actix_web::{body::to_bytes, test::TestRequest};

    use super::*;

    #[actix_web::test]
    async fn what_was_compressed_comes_out_as_it_was_and_is_kept() {
        let pressed = Pressed::default();
        let value = vec!["the same"; 500];
        let plain = serde_json::to_vec(&value).unwrap();
        for (accepts, is_pressed) in
            [("gzip, br", true), ("br;q=0, gzip", false), ("br", true), ("gzip", false)]
        {
            let request = TestRequest::default().insert_header(("accept-encoding", accepts));
            let response = pressed.json(&request.to_http_request(), &value).await.unwrap();
            let encoding = response.headers().get("content-encoding").cloned();
            assert_eq!(encoding.is_some(), is_pressed, "{accepts}");
            assert_eq!(response.headers().get("vary").unwrap(), "accept-encoding");
            let body = to_bytes(response.into_body()).await.unwrap();
            if !is_pressed {
                assert_eq!(body, plain);
                continue;
            }
            assert!(body.len() < plain.len() / 50, "{}", body.len());
            let mut read = Vec::new();
            brotli::Decompressor::new(&body[..], BUFFER).read_to_end(&mut read).unwrap();
            assert_eq!(read, plain);
            assert_eq!(pressed.known().len(), 1);
        }
        for number in 0..2 * MOST {
            pressed.keep(number.to_string().into(), Bytes::new());
        }
        assert!(pressed.known().len() <= MOST);
    }
}
