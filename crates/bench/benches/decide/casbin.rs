//! Casbin: one rule for each permission of a token's grant, and the selected repositories grouped under the grant.

use crate::world::{Asking, PERMISSIONS, World};
use bailiwick_bench::Sample;
use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};
use std::error::Error;

/// The cheapest comparisons come first.
const MODEL: &str = "
[request_definition]
r = sub, obj, act

[policy_definition]
p = sub, obj, act

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.act == p.act && r.sub == p.sub && g(r.obj, p.obj)
";

/// Loads the same grants and measures the same questions.
pub fn ask(world: &World, questions: &[Asking]) -> Result<Sample, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let enforcer = runtime.block_on(load(world))?;
    let requests: Vec<[String; 3]> = questions
        .iter()
        .map(|asking| {
            [
                token(asking.token),
                repository(asking.repository),
                action(asking.permission),
            ]
        })
        .collect();
    crate::asked(questions, |place, _| {
        requests.get(place).is_some_and(|[token, repository, action]| {
            enforcer
                .enforce((token.as_str(), repository.as_str(), action.as_str()))
                .unwrap_or(false)
        })
    })
}

async fn load(world: &World) -> Result<Enforcer, Box<dyn Error>> {
    let model = DefaultModel::from_str(MODEL).await?;
    let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
    let rules = (0..world.tokens)
        .flat_map(|id| (0..PERMISSIONS).map(move |permission| vec![token(id), grant(id), action(permission)]))
        .collect();
    enforcer.add_policies(rules).await?;
    let groups = (0..world.tokens)
        .flat_map(|id| {
            world
                .selected(id)
                .map(move |selected| vec![repository(selected), grant(id)])
        })
        .collect();
    enforcer.add_grouping_policies(groups).await?;
    Ok(enforcer)
}

fn token(id: usize) -> String {
    format!("token-{id}")
}

fn grant(id: usize) -> String {
    format!("grant-{id}")
}

fn repository(id: usize) -> String {
    format!("repository-{id}")
}

fn action(permission: u8) -> String {
    format!("permission-{permission}:read")
}
