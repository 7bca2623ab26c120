//! Which of two kinds of answer a client would rather have (RFC 9110, section 12.5.1).

use actix_web::{
    HttpRequest,
    http::header::{Accept, Header, Quality, q},
};
use mime::Mime;

/// Whether `kind` is wanted more than `usual`, which is what a client gets that says nothing or makes no difference.
pub fn prefers(request: &HttpRequest, kind: &Mime, usual: &Mime) -> bool {
    Accept::parse(request).is_ok_and(|accept| quality(&accept, kind) > quality(&accept, usual))
}

/// How much a kind is wanted: the most specific range that holds it says so.
fn quality(accept: &Accept, kind: &Mime) -> Quality {
    let ranges = accept.iter().filter_map(|range| {
        let (wanted, any) = (&range.item, mime::STAR);
        let fits = |range, own| range == any || range == own;
        let holds = fits(wanted.type_(), kind.type_()) && fits(wanted.subtype(), kind.subtype());
        let precision = u8::from(wanted.type_() != any) + u8::from(wanted.subtype() != any);
        holds.then_some((precision, range.quality))
    });
    ranges.max_by_key(|(precision, _)| *precision).map_or(q(0.0), |(_, quality)| quality)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_client_gets_what_it_would_rather_have() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8";
        for (accept, html) in [
            (browser, true),
            ("text/html", true),
            ("TEXT/HTML;q=0.1", true),
            ("text/*, application/json;q=0.9", true),
            ("*/*", false),
            ("", false),
            ("application/json, text/html", false),
            ("application/json, text/html;q=0.9", false),
            ("text/html;q=0, */*", false),
            ("application/json;q=0.2, text/html;q=0.3", true),
            ("application/x-text/html", false),
            ("text/htmlx", false),
            ("\u{7f}", false),
        ] {
            let mut request = TestRequest::default();
            if let Ok(value) = actix_web::http::header::HeaderValue::from_bytes(accept.as_bytes()) {
                request = request.insert_header(("accept", value));
            }
            let request = request.to_http_request();
            assert_eq!(
                prefers(&request, &mime::TEXT_HTML, &mime::APPLICATION_JSON),
                html,
                "{accept}"
            );
        }
    }
}
