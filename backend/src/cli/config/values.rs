//! Values that are written as text in the configuration and parsed where they are read.

use std::{fmt, marker::PhantomData, net::SocketAddr, time::Duration};

use domain::{TokenHash, UnixMs, address::Network};
use serde::{
    Deserialize, Deserializer,
    de::{self, Unexpected, Visitor},
};

use crate::services::settings::Scope;

/// Something the configuration writes as a text.
pub(super) trait Written: Sized {
    /// What is expected, with an example.
    const EXPECTED: &'static str;

    /// Whether a wrong text may be shown in a message. Not where somebody may have pasted a secret.
    const SHOWN: bool = true;

    /// The value that the text stands for.
    fn read(text: &str) -> Option<Self>;
}

/// A value that was read from its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parsed<T>(pub T);

impl<'de, T: Written> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(PhantomData))
    }
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: Written> Visitor<'_> for TextVisitor<T> {
    type Value = Parsed<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Parsed<T>, E> {
        T::read(text).map(Parsed).ok_or_else(|| match T::SHOWN {
            true => E::invalid_value(Unexpected::Str(text), &self),
            false => E::custom(format_args!("expected {}", T::EXPECTED)),
        })
    }
}

impl Written for Duration {
    const EXPECTED: &'static str = "a duration like \"90s\", \"30m\" or \"24h\"";

    fn read(text: &str) -> Option<Self> {
        text.parse::<jiff::SignedDuration>().ok()?.try_into().ok()
    }
}

/// A count of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size(pub u64);

impl Written for Size {
    const EXPECTED: &'static str = "a size like \"256KiB\" or \"1MiB\"";

    fn read(text: &str) -> Option<Self> {
        text.parse::<bytesize::ByteSize>().ok().map(|size| Self(size.as_u64()))
    }
}

impl Written for SocketAddr {
    const EXPECTED: &'static str = "an address and a port like \"127.0.0.1:8080\" or \"[::]:8080\"";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Written for Network {
    const EXPECTED: &'static str = "a network like \"10.0.0.0/8\" or \"fd00::/8\", or an address";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Written for Scope {
    const EXPECTED: &'static str = "a scope: feedback:read, statistics:read, sessions:read, sessions:write, \
                                    sessions:watch, bans:write, maintenance:write or metrics:read";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Written for TokenHash {
    const EXPECTED: &'static str =
        "the SHA-256 of the token as `tryit token create` prints it, \"sha256:\" and 64 hex digits";
    const SHOWN: bool = false;

    fn read(text: &str) -> Option<Self> {
        text.strip_prefix("sha256:")?.parse().ok()
    }
}

/// A moment: RFC 3339, or a day, which begins at midnight UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub UnixMs);

impl Written for Moment {
    const EXPECTED: &'static str = "a day like 2027-01-31 or a time like 2027-01-31T12:00:00Z";

    fn read(text: &str) -> Option<Self> {
        let time = text.parse().ok().or_else(|| {
            let day: jiff::civil::Date = text.parse().ok()?;
            Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        });
        time.map(|time: jiff::Timestamp| Self(UnixMs(time.as_millisecond())))
    }
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::read(text).ok_or_else(|| format!("expected {}", Self::EXPECTED))
    }
}

/// TOML has dates of its own, so that the quotes may be left out.
impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => text,
            toml::Value::Datetime(time) => time.to_string(),
            other => other.to_string(),
        };
        Self::read(&text).ok_or_else(|| {
            de::Error::custom(format_args!("expected {}, found {text}", Self::EXPECTED))
        })
    }
}

/// A text that may also be written as a bare whole number, like `cpu = 2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text in quotes or a whole number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_with_a_unit() {
        assert_eq!(Duration::read("30m"), Some(Duration::from_secs(1800)));
        assert_eq!(Duration::read("1h 30m"), Some(Duration::from_secs(5400)));
        for wrong in ["30", "-5m", "soon", ""] {
            assert_eq!(Duration::read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_utc() {
        assert_eq!(Moment::read("2027-01-31"), Moment::read("2027-01-31T00:00:00Z"));
        assert_eq!(Moment::read("2027-02-30"), None);
    }

    #[test]
    fn sizes_count_in_powers_of_two_where_they_say_so() {
        assert_eq!(Size::read("256KiB"), Some(Size(262_144)));
        assert_eq!(Size::read("1MB"), Some(Size(1_000_000)));
        assert_eq!(Size::read("much"), None);
    }
}
