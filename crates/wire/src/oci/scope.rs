//! The scopes of docker's token flow (`repository:NAME:pull,push`) and the challenge that asks for one.

use super::name::Name;

/// Scopes of one request at the most; more are left out, as what is not granted is.
const SCOPES_MAX: usize = 32;

/// What a scope lets do: each is asked for by itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Actions {
    /// Read.
    pub pull: bool,
    /// Write.
    pub push: bool,
    /// Delete.
    pub delete: bool,
}

impl Actions {
    /// None.
    pub const NONE: Actions = Actions {
        pull: false,
        push: false,
        delete: false,
    };

    /// Reads `pull,push`. What is unknown is nothing.
    pub fn parse(text: &str) -> Actions {
        let mut actions = Actions::NONE;
        for word in text.split(',') {
            match word {
                "pull" => actions.pull = true,
                "push" => actions.push = true,
                "delete" => actions.delete = true,
                "*" => {
                    actions = Actions {
                        pull: true,
                        push: true,
                        delete: true,
                    };
                }
                _ => {}
            }
        }
        actions
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self == Actions::NONE
    }

    /// What both have.
    #[must_use]
    pub fn and(self, other: Actions) -> Actions {
        Actions {
            pull: self.pull && other.pull,
            push: self.push && other.push,
            delete: self.delete && other.delete,
        }
    }

    /// What either has.
    #[must_use]
    pub fn or(self, other: Actions) -> Actions {
        Actions {
            pull: self.pull || other.pull,
            push: self.push || other.push,
            delete: self.delete || other.delete,
        }
    }

    /// As it is written in a scope.
    pub fn words(self) -> String {
        let all = [(self.pull, "pull"), (self.push, "push"), (self.delete, "delete")];
        let words: Vec<&str> = all
            .into_iter()
            .filter(|(has, _)| *has)
            .map(|(_, word)| word)
            .collect();
        words.join(",")
    }
}

/// What is asked for one package.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Scope {
    /// The package.
    pub name: Name,
    /// What to do with it.
    pub actions: Actions,
}

impl Scope {
    /// Reads `repository:NAME:ACTIONS`. `None` for what nobody can be granted: other types of resources, names that no
    /// package has, and no action.
    pub fn parse(text: &str) -> Option<Scope> {
        let (resource, actions) = text.rsplit_once(':')?;
        let (kind, name) = resource.split_once(':')?;
        let scope = Scope {
            name: (kind == "repository").then(|| Name::parse(name)).flatten()?,
            actions: Actions::parse(actions),
        };
        (!scope.actions.is_empty()).then_some(scope)
    }
}

impl core::fmt::Display for Scope {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(out, "repository:{}:{}", self.name, self.actions.words())
    }
}

/// The scopes of all `scope` values of a request, each of which may hold several between blanks; one entry for a name.
/// What is not understood grants nothing, so it is left out.
pub fn parse_scopes<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in values.flat_map(|value| value.split(' ')).filter_map(Scope::parse) {
        if let Some(known) = scopes.iter_mut().find(|known| known.name == scope.name) {
            known.actions = known.actions.or(scope.actions);
        } else if scopes.len() < SCOPES_MAX {
            scopes.push(scope);
        }
    }
    scopes
}

/// A `WWW-Authenticate: Bearer` challenge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Challenge {
    /// Where tokens are asked for.
    pub realm: String,
    /// For whom.
    pub service: String,
    /// What the request needs, as far as that is one scope.
    pub scope: Option<String>,
    /// Why a token that was brought does not do.
    pub error: Option<&'static str>,
}

impl Challenge {
    /// The header's value. Quotes and control characters are left out: none of the parts has any.
    pub fn value(&self) -> String {
        let clean = |text: &str| -> String {
            text.chars()
                .filter(|letter| !letter.is_control() && !matches!(letter, '"' | '\\'))
                .collect()
        };
        let mut value = format!(
            "Bearer realm=\"{}\",service=\"{}\"",
            clean(&self.realm),
            clean(&self.service)
        );
        for (name, text) in [("scope", self.scope.as_deref()), ("error", self.error)] {
            if let Some(text) = text {
                value.push_str(&format!(",{name}=\"{}\"", clean(text)));
            }
        }
        value
    }
}
