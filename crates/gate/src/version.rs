//! The dated versions of the API.

/// A supported version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum ApiVersion {
    /// The one that requests without the header get.
    #[default]
    V2022_11_28,
    /// The current one.
    V2026_03_10,
}

impl ApiVersion {
    /// The date in headers.
    pub const fn word(self) -> &'static str {
        match self {
            ApiVersion::V2022_11_28 => "2022-11-28",
            ApiVersion::V2026_03_10 => "2026-03-10",
        }
    }

    /// The version of a header value; `None` for one that never was.
    pub fn parse(word: &str) -> Option<ApiVersion> {
        match word {
            "2022-11-28" => Some(ApiVersion::V2022_11_28),
            "2026-03-10" => Some(ApiVersion::V2026_03_10),
            _ => None,
        }
    }
}
