//! Where links and images of a text may lead.

use std::collections::BTreeMap;

use url::Url;

use crate::path::FilePath;
use crate::slug::Slug;

/// Image formats that a tutorial may show.
const IMAGES: [&str; 8] = ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico"];

/// Decides about the links and images of one Markdown file.
#[derive(Debug)]
pub(crate) struct Links<'a> {
    /// The scenario's name in URLs.
    pub slug: &'a Slug,
    /// The scenario's directory.
    pub dir: &'a FilePath,
    /// The directory that the Markdown file is in.
    pub base: FilePath,
    /// The files shown so far, by their name in URLs.
    pub files: &'a mut BTreeMap<String, FilePath>,
}

/// Where a link leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// To a web page or a mailbox.
    Out(String),
    /// To a place in the same page.
    Here(String),
    /// Nowhere that can be shown; why, in words.
    Refused(String),
}

/// What an image shows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Image {
    /// A file of the tutorial, by its URL.
    Local(String),
    /// Something elsewhere: a page that loads it would tell a third party.
    Remote(String),
    /// Nothing that can be shown; why, in words.
    Refused(String),
}

impl Links<'_> {
    pub(crate) fn link(href: &str) -> Link {
        let href = href.trim();
        if let Some(place) = href.strip_prefix('#') {
            return Link::Here(place.to_owned());
        }
        match Url::parse(href) {
            Ok(url) if matches!(url.scheme(), "http" | "https" | "mailto") => Link::Out(url.into()),
            // Markdown's renderer has encoded it: the author wrote braces.
            _ => Link::Refused(refusal(&percent_decoded(href))),
        }
    }

    pub(crate) fn image(&mut self, src: &str) -> Image {
        let src = src.trim();
        match Url::parse(src) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => {
                return Image::Remote(url.into());
            }
            Ok(_) => {
                return Image::Refused(format!("`{src}`: an image must be a file of the tutorial"));
            }
            Err(_) => {}
        }
        if let Some(rest) = src.strip_prefix("//") {
            return Image::Remote(format!("https://{rest}"));
        }
        let src = percent_decoded(src.split(['?', '#']).next().unwrap_or_default());
        let is_image = src.rsplit_once('.').is_some_and(|(_, extension)| {
            IMAGES.iter().any(|known| known.eq_ignore_ascii_case(extension))
        });
        if !is_image {
            return Image::Refused(format!(
                "`{src}`: not a kind of image that is shown ({})",
                IMAGES.join(", ")
            ));
        }
        match self.base.join(&src) {
            Ok(path) => Image::Local(self.url(path)),
            Err(error) => Image::Refused(format!("`{src}` {error}")),
        }
    }

    /// The URL of a file, which may be served from now on. One outside of the scenario's directory has its whole
    /// path behind a `~`, which no relative path begins with.
    fn url(&mut self, path: FilePath) -> String {
        let name = path.below(self.dir).map_or_else(|| format!("~/{path}"), ToOwned::to_owned);
        let mut url = format!("{}/tutorials/{}/files", shared::API, self.slug);
        for part in name.split('/') {
            url.push('/');
            percent_encode(part, &mut url);
        }
        self.files.insert(name, path);
        url
    }
}

fn refusal(href: &str) -> String {
    if href.contains("TRAFFIC_") || href.contains("[[HOST") {
        format!("`{href}`: links to a port of the container are not supported")
    } else {
        format!("`{href}`: a link must be http, https, mailto or begin with `#`")
    }
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn percent_encode(part: &str, out: &mut String) {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'~').remove(b'-');
    out.extend(percent_encoding::utf8_percent_encode(part, KEPT));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> FilePath {
        FilePath::root().join(text).unwrap()
    }

    fn image(src: &str) -> (Image, BTreeMap<String, FilePath>) {
        let (dir, mut files) = (path("course/one"), BTreeMap::new());
        let slug = Slug::of(&dir);
        let mut links =
            Links { slug: &slug, dir: &dir, base: path("course/one/text"), files: &mut files };
        (links.image(src), files)
    }

    #[test]
    fn a_tutorials_own_image_gets_a_url_and_may_be_served() {
        let (shown, files) = image("pics/my%20box.png?raw=true");
        assert_eq!(
            shown,
            Image::Local("/api/v1/tutorials/course/one/files/text/pics/my%20box.png".to_owned())
        );
        assert_eq!(
            files,
            [("text/pics/my box.png".to_owned(), path("course/one/text/pics/my box.png"))].into()
        );
        let (shown, files) = image("../../shared/a.svg");
        assert_eq!(
            shown,
            Image::Local("/api/v1/tutorials/course/one/files/~/course/shared/a.svg".to_owned())
        );
        assert_eq!(
            files,
            [("~/course/shared/a.svg".to_owned(), path("course/shared/a.svg"))].into()
        );
    }

    #[test]
    fn nothing_else_may_be_served() {
        for src in [
            "../../../../etc/a.png",
            "%2e%2e/../../../x.png",
            "verify.sh",
            "a.html",
            "data:image/png,x",
            "",
        ] {
            let (shown, files) = image(src);
            assert!(matches!(shown, Image::Refused(_)), "{src}");
            assert!(files.is_empty(), "{src}");
        }
    }

    #[test]
    fn remote_images_are_told_apart() {
        assert_eq!(image("https://x.org/a.png").0, Image::Remote("https://x.org/a.png".to_owned()));
        assert_eq!(image("//x.org/a.png").0, Image::Remote("https://x.org/a.png".to_owned()));
    }

    #[test]
    fn links_lead_to_the_web_a_mailbox_or_this_page() {
        assert_eq!(Links::link("https://x.org/a b"), Link::Out("https://x.org/a%20b".to_owned()));
        assert_eq!(Links::link("mailto:a@x.org"), Link::Out("mailto:a@x.org".to_owned()));
        assert_eq!(Links::link("#two"), Link::Here("two".to_owned()));
        for href in [
            "javascript:alert(1)",
            "/operator",
            "//x.org",
            "file:///etc",
            "{{TRAFFIC_HOST1_80}}",
            "x.md",
        ] {
            assert!(matches!(Links::link(href), Link::Refused(_)), "{href}");
        }
    }
}
