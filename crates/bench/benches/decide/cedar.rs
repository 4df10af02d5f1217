//! Cedar: tokens, people, organizations and repositories as entities with sets, and one policy over all of them.
//! That is its fastest form here: a policy for each token would be looked at for every question. Requests are
//! built beforehand, and what only ours does (public and archived repositories, roles by team, reasons) is left out.

use crate::world::{Asking, PERMISSIONS, REPOSITORIES, World};
use bailiwick_bench::Sample;
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::str::FromStr;

/// Only whether the repository is selected and the permission held.
pub const CORE: &str = "
permit(principal is Token, action, resource is Repository) when {
    principal.selected.contains(resource) && principal.actions.contains(action)
};
";

/// With what makes the answer right at any time: expiry, owner, policy, lifetime, and the person's own role.
pub const ALL_STAGES: &str = "
permit(principal is Token, action, resource is Repository) when {
    !principal.revoked && context.now < principal.expires && principal.person.active &&
    principal.grant_active && principal.grant_owner == resource.owner &&
    resource.owner.allowed && principal.lifetime_days <= resource.owner.lifetime_days_max &&
    principal.selected.contains(resource) &&
    principal.actions.contains(action) &&
    principal.person in resource.owner
};
";

/// The same grants, resident.
pub struct Cedar {
    names: Names,
    entities: Entities,
}

impl Cedar {
    /// Loads the grants.
    pub fn new(world: &World) -> Result<Cedar, Box<dyn Error>> {
        let names = Names::new()?;
        let entities = names.entities(world)?;
        Ok(Cedar { names, entities })
    }

    /// Measures the same questions under a policy.
    pub fn ask(&self, policy: &str, questions: &[Asking]) -> Result<Sample, Box<dyn Error>> {
        let policies = PolicySet::from_str(policy)?;
        let authorizer = Authorizer::new();
        let requests: Vec<Request> = questions
            .iter()
            .map(|asking| self.names.request(asking))
            .collect::<Result<_, _>>()?;
        crate::asked(questions, |place, _| {
            requests.get(place).is_some_and(|request| {
                authorizer
                    .is_authorized(request, &policies, &self.entities)
                    .decision()
                    == Decision::Allow
            })
        })
    }
}

struct Names {
    token: EntityTypeName,
    person: EntityTypeName,
    organization: EntityTypeName,
    repository: EntityTypeName,
    action: EntityTypeName,
}

impl Names {
    fn new() -> Result<Names, Box<dyn Error>> {
        Ok(Names {
            token: "Token".parse()?,
            person: "Person".parse()?,
            organization: "Organization".parse()?,
            repository: "Repository".parse()?,
            action: "Action".parse()?,
        })
    }

    fn request(&self, asking: &Asking) -> Result<Request, Box<dyn Error>> {
        let now = (String::from("now"), RestrictedExpression::new_long(20_000));
        Ok(Request::new(
            self.uid(&self.token, asking.token),
            self.uid(&self.action, usize::from(asking.permission)),
            self.uid(&self.repository, asking.repository),
            Context::from_pairs([now])?,
            None,
        )?)
    }

    fn uid(&self, kind: &EntityTypeName, id: usize) -> EntityUid {
        EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id.to_string()))
    }

    fn reference(&self, kind: &EntityTypeName, id: usize) -> RestrictedExpression {
        RestrictedExpression::new_entity_uid(self.uid(kind, id))
    }

    fn entities(&self, world: &World) -> Result<Entities, Box<dyn Error>> {
        let mut all = vec![Entity::new(
            self.uid(&self.organization, 10),
            attributes([
                ("allowed", RestrictedExpression::new_bool(true)),
                ("lifetime_days_max", RestrictedExpression::new_long(366)),
            ]),
            HashSet::new(),
        )?];
        for id in 0..REPOSITORIES {
            let owner = attributes([("owner", self.reference(&self.organization, 10))]);
            all.push(Entity::new(
                self.uid(&self.repository, id),
                owner,
                HashSet::new(),
            )?);
        }
        for person in 0..world.people() {
            let parents = HashSet::from([self.uid(&self.organization, 10)]);
            let active = attributes([("active", RestrictedExpression::new_bool(true))]);
            all.push(Entity::new(self.uid(&self.person, person), active, parents)?);
        }
        let actions: Vec<RestrictedExpression> = (0..PERMISSIONS)
            .map(|id| self.reference(&self.action, usize::from(id)))
            .collect();
        for token in 0..world.tokens {
            let selected = world
                .selected(token)
                .map(|id| self.reference(&self.repository, id));
            all.push(Entity::new(
                self.uid(&self.token, token),
                attributes([
                    ("revoked", RestrictedExpression::new_bool(false)),
                    ("expires", RestrictedExpression::new_long(20_020)),
                    ("lifetime_days", RestrictedExpression::new_long(30)),
                    ("person", self.reference(&self.person, world.person_of(token))),
                    ("grant_active", RestrictedExpression::new_bool(true)),
                    ("grant_owner", self.reference(&self.organization, 10)),
                    ("selected", RestrictedExpression::new_set(selected)),
                    ("actions", RestrictedExpression::new_set(actions.iter().cloned())),
                ]),
                HashSet::new(),
            )?);
        }
        Ok(Entities::from_entities(all, None)?)
    }
}

fn attributes<const N: usize>(
    pairs: [(&str, RestrictedExpression); N],
) -> HashMap<String, RestrictedExpression> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
