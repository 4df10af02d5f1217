//! What a grant holds, or what is asked of it, as pages tell it: titles and names instead of slugs and ids.

use crate::look::list::facts;
use crate::look::name::repository;
use crate::look::permission::{level_text, short};
use crate::look::{Markup, html};
use bailiwick_authority::levels::Slugs;
use bailiwick_authority::token::{GrantView, RepositoryName, RequestView};
use bailiwick_model::{Level, Selection};

/// Which repositories.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Reach {
    /// None but the public ones, to read.
    #[default]
    None,
    /// All, future ones included.
    All,
    /// These, by full name.
    Only(Vec<String>),
}

impl Reach {
    /// Of a selection and the present names of its repositories.
    pub fn of(selection: &Selection, repositories: &[RepositoryName]) -> Reach {
        match selection {
            Selection::None => Reach::None,
            Selection::All => Reach::All,
            Selection::Subset(_) => Reach::Only(repositories.iter().map(RepositoryName::full_name).collect()),
        }
    }

    /// In short: "All repositories", "2 repositories".
    pub fn text(&self) -> String {
        match self {
            Reach::None => String::from("No repositories"),
            Reach::All => String::from("All repositories"),
            Reach::Only(names) if names.len() == 1 => String::from("1 repository"),
            Reach::Only(names) => format!("{} repositories", names.len()),
        }
    }
}

/// Permissions and repositories.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rights {
    /// Slugs with level words.
    pub permissions: Slugs,
    /// Which repositories.
    pub reach: Reach,
}

impl Rights {
    /// What a request asks for.
    pub fn asked(view: &RequestView) -> Rights {
        Rights {
            permissions: view.row.permissions.clone(),
            reach: Reach::of(&view.selection, &view.repositories),
        }
    }

    /// What of a request was approved; `names` are the approved repositories where they were listed.
    pub fn approved(view: &RequestView, names: &[RepositoryName]) -> Option<Rights> {
        let row = &view.row;
        Some(Rights {
            permissions: row.approved_permissions.clone()?,
            reach: Reach::of(&row.approved_selection?.selection(Vec::new()), names),
        })
    }

    /// What a grant holds; an ended one holds nothing.
    pub fn held(view: &GrantView) -> Rights {
        if !view.row.active {
            return Rights::default();
        }
        Rights {
            permissions: view.row.permissions.clone(),
            reach: Reach::of(&view.selection, &view.repositories),
        }
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.permissions.is_empty() && self.reach == Reach::None
    }

    /// Titles and levels in the order in which people look for them: the highest first, then by title.
    pub fn titled(&self) -> Vec<(&str, Level)> {
        let mut titled: Vec<(&str, Level)> = self
            .permissions
            .iter()
            .map(|(slug, word)| (title(slug), level(word)))
            .collect();
        titled.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        titled
    }
}

/// Rights as two facts: permissions, repositories.
pub fn told(rights: &Rights) -> Markup {
    facts(&[
        (
            "Permissions",
            html! {
                @if rights.permissions.is_empty() { span.soft { "None." } }
                @else { (short(&rights.titled())) }
            },
        ),
        (
            "Repositories",
            html! {
                @match &rights.reach {
                    Reach::None => span.soft { "None but what is public, to read." },
                    Reach::All => "All repositories, also future ones.",
                    Reach::Only(names) => ul.words { @for name in names { li { (linked(name)) } } },
                }
            },
        ),
    ])
}

/// A full name as a link.
fn linked(full_name: &str) -> Markup {
    match full_name.split_once('/') {
        Some((owner, name)) => repository(owner, name),
        None => html! { bdi { (full_name) } },
    }
}

/// The title of a permission; the slug where this build knows none.
pub fn title(slug: &str) -> &str {
    bailiwick_catalogue::permission(slug).map_or(slug, |known| known.title)
}

/// The level of a stored word; what is unknown gives nothing.
pub fn level(word: &str) -> Level {
    Level::parse(word).unwrap_or(Level::None)
}

/// The level of a stored word as menus say it.
pub fn level_word(word: &str) -> &'static str {
    level_text(level(word))
}
