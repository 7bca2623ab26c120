//! `GET /operator/feedback`: what visitors said, as JSON or CSV.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Deserialize;
use shared::feedback::FeedbackItem;

use crate::http::{Web, accept::prefers, auth::OperatorToken, error::ApiResult, query::Query};
use crate::services::{FeedbackQuery, PageQuery, Scope};

/// Which feedback, and which page of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    from: Option<String>,
    to: Option<String>,
    rating: Option<u8>,
    tutorial: Option<String>,
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

/// The handler.
pub async fn feedback(
    web: web::Data<Web>,
    request: HttpRequest,
    operator: OperatorToken,
    query: ApiResult<Query<Asked>>,
) -> ApiResult<HttpResponse> {
    operator.allow(Scope::FeedbackRead)?;
    let Asked { from, to, rating, tutorial, q, cursor, limit } = query?.0;
    let page = web
        .services
        .feedback_list(FeedbackQuery {
            from,
            to,
            rating,
            tutorial,
            text: q,
            page: PageQuery { cursor, limit },
        })
        .await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if !prefers(&request, &mime::TEXT_CSV, &mime::APPLICATION_JSON) {
        return Ok(response.json(page));
    }
    if let Some(cursor) = &page.next_cursor {
        response.insert_header(("x-next-cursor", cursor.as_str()));
    }
    let table = csv(&page.items).map_err(|error| crate::services::Error::internal(&error))?;
    Ok(response
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"feedback.csv\""))
        .body(table))
}

fn csv(items: &[FeedbackItem]) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["session", "updated_at", "tutorial", "rating", "message", "email"])?;
    for item in items {
        table.write_record(
            [
                item.session.clone(),
                item.updated_at.clone(),
                item.tutorial.clone().unwrap_or_default(),
                item.feedback.rating.to_string(),
                item.feedback.message.clone().unwrap_or_default(),
                item.feedback.email.clone().unwrap_or_default(),
            ]
            .map(defused),
        )?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

/// A spreadsheet takes some cells for formulas; a leading quote makes them text.
fn defused(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use shared::feedback::Feedback;

    use super::*;

    #[test]
    fn a_formula_becomes_text() {
        let feedback =
            Feedback { rating: 5, message: Some("=1+1\n\"x\"".into()), ..Feedback::default() };
        let item =
            FeedbackItem { session: "s".into(), updated_at: "t".into(), tutorial: None, feedback };
        let table = String::from_utf8(csv(&[item]).unwrap()).unwrap();
        assert_eq!(table.lines().nth(1), Some("s,t,,5,\"'=1+1"));
        assert!(table.ends_with("\"\"x\"\"\",\n"));
    }
}
