//! Which `Host` is answered and which `Origin` may change anything: no DNS rebinding against a laptop, no request
//! forged by another page.

use actix_web::http::header::{self, HeaderMap};
use shared::ErrorCode;

use super::settings::Settings;
use crate::services::{Error, Result};

/// Refuses a `Host` that is neither the public URL's nor in `hosts` nor, on a loopback listener, a name of loopback.
pub fn check_host(settings: &Settings, host: Option<&str>) -> Result<()> {
    let Some(host) = host else { return Err(unknown_host()) };
    let name = host_name(host);
    let is_public = host_name(settings.authority()).eq_ignore_ascii_case(name);
    let is_listed = settings
        .hosts
        .iter()
        .any(|own| own.eq_ignore_ascii_case(host) || own.eq_ignore_ascii_case(name));
    let is_local = settings.listen.ip().is_loopback()
        && ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| own.eq_ignore_ascii_case(name));
    if is_public || is_listed || is_local { Ok(()) } else { Err(unknown_host()) }
}

/// Refuses a request from a page of another origin. For what changes something, and for websockets.
pub fn check_origin(settings: &Settings, host: &str, headers: &HeaderMap) -> Result<()> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        let cross = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
        return if cross { Err(origin_refused()) } else { Ok(()) };
    };
    let origin = origin.to_str().map_err(|_| origin_refused())?;
    let allowed = if settings.authority().eq_ignore_ascii_case(host) {
        settings.public_url == origin
    } else {
        ["http://", "https://"].iter().any(|scheme| {
            origin.strip_prefix(scheme).is_some_and(|rest| rest.eq_ignore_ascii_case(host))
        })
    };
    if allowed { Ok(()) } else { Err(origin_refused()) }
}

/// A `Host` without its port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => {
            name
        }
        _ => host,
    }
}

fn unknown_host() -> Error {
    Error::new(
        ErrorCode::UnknownHost,
        "The service does not answer under this name. Its operator can add it to `hosts` in the configuration.",
    )
}

fn origin_refused() -> Error {
    Error::new(
        ErrorCode::OriginRefused,
        "This request came from a page of another site, which may not do this.",
    )
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;
    use crate::http::settings::ClientHeader;

    fn settings(listen: &str, public_url: &str) -> Settings {
        Settings {
            listen: listen.parse().unwrap(),
            workers: None,
            public_url: public_url.into(),
            hosts: vec!["try.example.org".into(), "other.example:8443".into()],
            trusted: Vec::new(),
            client_header: ClientHeader::XForwardedFor,
            frame_ancestors: Vec::new(),
        }
    }

    fn origin(settings: &Settings, host: &str, headers: &[(&str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        check_origin(settings, host, &map).is_ok()
    }

    #[test]
    fn only_known_hosts_are_answered() {
        let public = settings("0.0.0.0:80", "https://try.example.com");
        for (host, known) in [
            ("try.example.com", true),
            ("TRY.example.com:443", true),
            ("try.example.org:8080", true),
            ("other.example:8443", true),
            ("other.example:9", false),
            ("localhost", false),
            ("evil.example", false),
            ("", false),
        ] {
            assert_eq!(check_host(&public, Some(host)).is_ok(), known, "{host}");
        }
        assert!(check_host(&public, None).is_err());
        let local = settings("127.0.0.1:8080", "http://127.0.0.1:8080");
        for (host, known) in
            [("localhost:8080", true), ("[::1]:8080", true), ("rebound.example:8080", false)]
        {
            assert_eq!(check_host(&local, Some(host)).is_ok(), known, "{host}");
        }
    }

    #[test]
    fn only_our_own_pages_change_anything() {
        let public = settings("0.0.0.0:80", "https://try.example.com");
        let ask = |host, headers: &[(&str, &str)]| origin(&public, host, headers);
        assert!(ask("try.example.com", &[("origin", "https://try.example.com")]));
        assert!(!ask("try.example.com", &[("origin", "http://try.example.com")]));
        assert!(!ask("try.example.com", &[("origin", "https://evil.example")]));
        assert!(!ask("try.example.com", &[("origin", "null")]));
        assert!(ask("try.example.org", &[("origin", "http://try.example.org")]));
        assert!(!ask("try.example.org", &[("origin", "https://try.example.com")]));
        assert!(!ask("try.example.com:8443", &[("origin", "https://try.example.com")]));
        assert!(ask("try.example.com", &[]));
        assert!(ask("try.example.com", &[("sec-fetch-site", "same-origin")]));
        assert!(!ask("try.example.com", &[("sec-fetch-site", "cross-site")]));
    }
}
