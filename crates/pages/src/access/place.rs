//! Where a page of requests, tokens or policies is: at an organization or at an enterprise.

use crate::visit::Area;
use bailiwick_gate::{Request, encode};

/// An organization or an enterprise, as the address names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Its login or slug.
    pub name: String,
    /// Whether it is an enterprise.
    pub enterprise: bool,
}

impl Place {
    /// From the path's `{org}` or `{enterprise}`.
    pub fn of(request: &Request) -> Place {
        match request.parameter("org") {
            "" => Place {
                name: request.parameter("enterprise").to_owned(),
                enterprise: true,
            },
            login => Place {
                name: login.to_owned(),
                enterprise: false,
            },
        }
    }

    /// "organization" or "enterprise".
    pub const fn noun(&self) -> &'static str {
        if self.enterprise {
            "enterprise"
        } else {
            "organization"
        }
    }

    /// The settings that its pages belong to.
    pub fn area(&self) -> Area<'_> {
        if self.enterprise {
            Area::Enterprise(&self.name)
        } else {
            Area::Organization(&self.name)
        }
    }

    /// A page of its settings; `leaf` begins with a slash.
    pub fn settings(&self, leaf: &str) -> String {
        let root = if self.enterprise {
            "enterprises"
        } else {
            "organizations"
        };
        format!("/{root}/{}/settings{leaf}", encode(&self.name))
    }

    /// Its pending requests.
    pub fn requests(&self) -> String {
        self.settings("/personal-access-token-requests")
    }

    /// One request.
    pub fn request(&self, id: impl std::fmt::Display) -> String {
        format!("{}/{id}", self.requests())
    }

    /// Its active fine-grained tokens.
    pub fn tokens(&self) -> String {
        self.settings(if self.enterprise {
            "/personal-access-tokens/inventory"
        } else {
            "/personal-access-tokens/active"
        })
    }

    /// One active token, by its grant here (`pat_id`).
    pub fn token(&self, id: impl std::fmt::Display) -> String {
        self.settings(&format!("/personal-access-tokens/{id}"))
    }

    /// Its policy.
    pub fn policy(&self) -> String {
        self.settings("/personal-access-tokens")
    }

    /// Its audit log, searched.
    pub fn audit(&self, phrase: &str) -> String {
        self.settings(&format!("/audit-log?phrase={}", encode(phrase)))
    }
}
