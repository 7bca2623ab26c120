//! What anybody may ask: status, terms, tutorials, health.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Deserialize;
use shared::{feedback::Page, status::Status};

use super::{
    Web,
    auth::client_of,
    error::{ApiError, ApiResult, resource},
    query::Query,
};

/// The routes, below the API's prefix. What is long, public and the same for everybody is compressed.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(resource("/status").route(web::get().to(status)))
        .service(resource("/terms").route(web::get().to(terms)))
        .service(resource("/tutorials").route(web::get().to(tutorials)))
        .service(resource("/tutorials/{slug:.+}/files/{path:.+}").route(web::get().to(file)))
        .service(resource("/tutorials/{slug:.+}").route(web::get().to(tutorial)));
}

/// The routes of whoever watches the service.
pub fn configure_health(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(healthz))
        .route("/readyz", web::get().to(readyz))
        // Monitors ask so.
        .route("/healthz", web::head().to(healthz))
        .route("/readyz", web::head().to(readyz));
}

#[derive(Deserialize)]
struct Language {
    lang: Option<String>,
}

impl Language {
    /// The language asked for, else the browser's first.
    fn or_browser(self, request: &HttpRequest) -> Option<String> {
        self.lang.or_else(|| {
            let value = request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
            Some(value.split([',', ';']).next()?.trim().to_owned())
        })
    }
}

async fn status(web: web::Data<Web>, request: HttpRequest) -> ApiResult<web::Json<Status>> {
    Ok(web::Json(web.services.status(client_of(&request)).await?))
}

async fn terms(
    web: web::Data<Web>,
    Query(language): Query<Language>,
    request: HttpRequest,
) -> ApiResult<HttpResponse> {
    let lang = language.or_browser(&request);
    web.pressed.json(&request, &web.services.terms(lang.as_deref())?).await
}

async fn tutorials(web: web::Data<Web>, request: HttpRequest) -> ApiResult<HttpResponse> {
    let all = Page { items: web.services.tutorials(), next_cursor: None };
    web.pressed.json(&request, &all).await
}

async fn tutorial(
    web: web::Data<Web>,
    slug: web::Path<String>,
    Query(language): Query<Language>,
    request: HttpRequest,
) -> ApiResult<HttpResponse> {
    let lang = language.or_browser(&request);
    web.pressed.json(&request, &web.services.tutorial(&slug, lang.as_deref())?).await
}

/// An author's file is shown, never run: it gets a policy of its own.
async fn file(web: web::Data<Web>, path: web::Path<(String, String)>) -> ApiResult<HttpResponse> {
    let (slug, path) = path.into_inner();
    let content = web.services.tutorial_file(&slug, &path).await?;
    Ok(HttpResponse::Ok()
        .content_type(mime_guess::from_path(&path).first_or_octet_stream().to_string())
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(content))
}

async fn healthz() -> &'static str {
    "ok\n"
}

async fn readyz(web: web::Data<Web>) -> Result<&'static str, ApiError> {
    web.services.ready().await?;
    Ok("ready\n")
}
