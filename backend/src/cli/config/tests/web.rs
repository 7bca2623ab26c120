//! The web server's keys.

use super::*;

#[test]
fn a_public_listener_needs_its_url() {
    let said_of_url = said("listen = '0.0.0.0:80'");
    assert!(
        said_of_url.contains("`public_url`: expected where visitors reach the service"),
        "{said_of_url}"
    );
    for wrong in [
        "try.example.com",
        "https://try.example.com/app",
        "ftp://try.example.com",
        "https://a:b@try.example.com",
    ] {
        let said = said(&format!("public_url = '{wrong}'"));
        assert!(
            said.contains("line 1: `public_url`: expected a URL of scheme, host and perhaps port"),
            "{said}"
        );
    }
    assert_eq!(
        config("public_url = 'https://Try.Example.com:443/'").http().public_url,
        "https://try.example.com"
    );
}

#[test]
fn hosts_and_frames_are_checked() {
    assert!(said("[server]\nhosts = ['https://a']").contains("`server.hosts[0]`: expected a host"));
    assert_eq!(
        config("[server]\nhosts = ['Demo.example.com:8443']").http().hosts,
        ["demo.example.com:8443"]
    );
    for right in ["https://www.example.com", "https://*.example.com:8443", "'self'", "*"] {
        assert_eq!(
            config(&format!("frame_ancestors = [\"{right}\"]")).http().frame_ancestors,
            [right]
        );
    }
    assert_eq!(config("frame_ancestors = []").http().frame_ancestors, ["'none'"]);
    for wrong in
        ["www.example.com", "https://a.example; script-src *", "https://*", "https://a.example/b"]
    {
        let said = said(&format!("frame_ancestors = [\"{wrong}\"]"));
        assert!(said.contains("`frame_ancestors[0]`: expected an origin"), "{wrong}: {said}");
    }
    assert!(said("frame_ancestors = [\"'self'\", \"'none'\"]").contains("`frame_ancestors[1]`"));
}

#[test]
fn the_preview_is_for_this_machine_only() {
    let preview = |listen: &str| {
        Config::for_preview(listen.parse().unwrap(), "/t".into(), "/tmp/p.db".into())
    };
    let config = preview("[::1]:8080").unwrap();
    assert_eq!(config.http().public_url, "http://[::1]:8080");
    assert_eq!(config.services().tutorials.directory, Path::new("/t"));
    assert_eq!(config.services().sources.len(), 1);
    for open in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:8080"] {
        let said = preview(open).unwrap_err().to_string();
        assert!(said.contains("`listen`: expected a loopback address"), "{said}");
    }
}
