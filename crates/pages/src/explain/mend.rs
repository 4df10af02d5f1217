//! Links that open a token's form with what is missing filled in. They are templates: the form says where they came
//! from, and whoever follows one still decides.

use bailiwick_authority::explain::TermAnswer;
use bailiwick_gate::encode;
use std::collections::BTreeMap;

/// What a form would be filled in with at one owner.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Template {
    /// The resource owner's login or slug.
    pub owner: String,
    /// Permissions by slug with the word of the level.
    pub permissions: BTreeMap<&'static str, &'static str>,
    /// Names of repositories, without their owner.
    pub repositories: Vec<String>,
}

impl Template {
    /// As the query of a link.
    pub fn query(&self) -> String {
        let mut query = Vec::new();
        if !self.owner.is_empty() {
            query.push(format!("target_name={}", encode(&self.owner)));
        }
        for (slug, level) in &self.permissions {
            query.push(format!("{slug}={level}"));
        }
        if !self.repositories.is_empty() {
            let names: Vec<String> = self.repositories.iter().map(|name| encode(name)).collect();
            query.push(format!("repositories={}", names.join(",")));
        }
        query.join("&")
    }

    /// The form of a new token.
    pub fn new_token(&self) -> String {
        format!("/settings/personal-access-tokens/new?{}", self.query())
    }

    /// The form of a present one.
    pub fn edit(&self, token: i64) -> String {
        format!("/settings/personal-access-tokens/{token}/edit?{}", self.query())
    }
}

/// What editing a token can mend.
fn mendable(term: &TermAnswer) -> bool {
    matches!(
        term.reason,
        Some("grant.missing" | "grant.inactive" | "selection.not_selected" | "level.too_low")
    )
}

/// The alternative to show how to fulfil: of those that editing alone would fulfil, the one that lacks least.
pub fn nearest(alternatives: &[Vec<TermAnswer>]) -> Option<&Vec<TermAnswer>> {
    alternatives
        .iter()
        .filter(|terms| terms.iter().all(|term| term.holds || mendable(term)))
        .min_by_key(|terms| terms.iter().filter(|term| !term.holds).count())
}

/// The templates of terms, one per owner; `all` takes in those that hold.
pub fn templates(terms: &[TermAnswer], all: bool) -> Vec<Template> {
    let mut by_owner: BTreeMap<String, Template> = BTreeMap::new();
    for term in terms.iter().filter(|term| all || !term.holds) {
        let Some(target) = &term.target else { continue };
        let (owner, repository) = match target.split_once('/') {
            Some((owner, name)) => (owner, Some(name)),
            None => (target.as_str(), None),
        };
        let template = by_owner.entry(owner.to_owned()).or_insert_with(|| Template {
            owner: owner.to_owned(),
            ..Template::default()
        });
        template.permissions.insert(term.permission, term.level);
        // With the level alone too low, the repository is among those selected.
        if let (Some(name), true) = (repository, all || term.reason != Some("level.too_low"))
            && !template.repositories.iter().any(|known| known == name)
        {
            template.repositories.push(name.to_owned());
        }
    }
    by_owner.into_values().collect()
}
