//! The page: files embedded at build time, compressed then, cached for ever where their name has their hash.

use std::borrow::Cow;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        Method,
        header::{self, HeaderValue},
    },
    web,
};
use rust_embed::{Embed, EmbeddedFile};

use super::{
    accept::prefers,
    error::{ApiError, ApiResult, not_found},
    pressed::accepts_brotli,
};
use crate::services::Error;

/// What `frontend/bundle` wrote. A debug build reads it from disk, so that the page can be rebuilt beside it.
#[derive(Embed)]
#[folder = "../frontend/dist"]
#[allow_missing = true]
struct Dist;

/// The page's routes.
pub fn configure(config: &mut web::ServiceConfig) {
    for page in ["/", "/t/{slug:.+}", "/e/{slug:.+}", "/embed", "/operator"] {
        config.route(page, web::get().to(index)).route(page, web::head().to(index));
    }
    config
        .route("/embed.js", web::get().to(embed_js))
        .route("/favicon.ico", web::get().to(HttpResponse::NotFound))
        .route("/assets/{file:.+}", web::get().to(asset));
}

async fn index(request: HttpRequest) -> ApiResult<HttpResponse> {
    serve(&request, "index.html", "no-cache")
}

/// Loaded by other sites, so it has a name without a hash and a short life.
async fn embed_js(request: HttpRequest) -> ApiResult<HttpResponse> {
    let mut response = serve(&request, "embed.js", "public, max-age=3600")?;
    let anyone = HeaderValue::from_static("cross-origin");
    response
        .headers_mut()
        .insert(header::HeaderName::from_static("cross-origin-resource-policy"), anyone);
    Ok(response)
}

/// What no route matches: the page, which says so, to whoever looks at pages; JSON to programs.
pub async fn missing_page(request: HttpRequest) -> ApiResult<HttpResponse> {
    let looks = matches!(*request.method(), Method::GET | Method::HEAD)
        && !request.path().starts_with("/api/")
        && prefers(&request, &mime::TEXT_HTML, &mime::APPLICATION_JSON);
    if !looks {
        return not_found().await;
    }
    let file = Dist::get("index.html").ok_or_else(|| missing("index.html"))?;
    let mut response = HttpResponse::NotFound();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(respond(&request, response, "index.html", file))
}

async fn asset(request: HttpRequest, file: web::Path<String>) -> ApiResult<HttpResponse> {
    let name = format!("assets/{file}");
    if Dist::get(&name).is_none() {
        return missing_page(request).await;
    }
    serve(&request, &name, "public, max-age=31536000, immutable")
}

fn serve(request: &HttpRequest, name: &str, caching: &'static str) -> ApiResult<HttpResponse> {
    let file = Dist::get(name).ok_or_else(|| missing(name))?;
    let etag = format!("\"{}\"", &hex(&file)[..32]);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::ETAG, etag.clone()))
        .insert_header((header::VARY, "accept-encoding"));
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    if known
        .is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag))
    {
        response.status(actix_web::http::StatusCode::NOT_MODIFIED);
        return Ok(response.finish());
    }
    Ok(respond(request, response, name, file))
}

/// The file as the browser takes it.
fn respond(
    request: &HttpRequest,
    mut response: HttpResponseBuilder,
    name: &str,
    file: EmbeddedFile,
) -> HttpResponse {
    response.insert_header((header::VARY, "accept-encoding"));
    response.content_type(mime_guess::from_path(name).first_or_octet_stream().to_string());
    let compressed = accepts_brotli(request).then(|| Dist::get(&format!("{name}.br"))).flatten();
    if compressed.is_some() {
        response.insert_header((header::CONTENT_ENCODING, "br"));
    }
    match compressed.unwrap_or(file).data {
        Cow::Borrowed(data) => response.body(data),
        Cow::Owned(data) => response.body(data),
    }
}

fn missing(name: &str) -> ApiError {
    if name == "index.html" {
        return ApiError(Error::internal(
            &"this build has no page in it: run `make page`, then build again",
        ));
    }
    ApiError(Error::not_found("There is no such file."))
}

fn hex(file: &EmbeddedFile) -> String {
    file.metadata.sha256_hash().iter().map(|byte| format!("{byte:02x}")).collect()
}
