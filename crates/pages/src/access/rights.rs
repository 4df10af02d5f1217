//! What a grant holds, or what is asked of it, as pages tell it: titles and names instead of slugs and ids.

use crate::look::permission::level_text;
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

    /// What of a request was approved, by the names it was asked with.
    pub fn approved(view: &RequestView) -> Option<Rights> {
        let row = &view.row;
        let ids = row.approved_repositories.as_deref().unwrap_or_default();
        let name = |id: &bailiwick_model::RepositoryId| {
            let known = view.repositories.iter().find(|one| one.row.id == *id);
            known.map_or_else(|| format!("repository {id}"), RepositoryName::full_name)
        };
        Some(Rights {
            permissions: row.approved_permissions.clone()?,
            reach: match row.approved_selection?.selection(ids.to_vec()) {
                Selection::None => Reach::None,
                Selection::All => Reach::All,
                Selection::Subset(ids) => Reach::Only(ids.iter().map(name).collect()),
            },
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
