//! Directory facts from a stand-in for GitHub.

mod changes;
mod hub;
mod lies;
mod limits;
mod listed;
mod unread;

use super::Town;
use crate::github::KEY;
use crate::github::hub::{APP, CLIENT};
use crate::harness::World;
use bailiwick_authority::upstream::synchronise::state::{Stand, Synchronisation};
use hub::{Hub, Installation, Repository, State, Team};
use serde_json::json;
use std::collections::BTreeMap;

fn repository(id: i64, owner: i64, name: &str) -> Repository {
    Repository {
        id,
        owner,
        name: name.to_owned(),
        visibility: "private",
        archived: false,
        collaborators: BTreeMap::new(),
    }
}

fn installation(account: i64) -> Installation {
    Installation {
        account,
        suspended: false,
        permissions: json!({"metadata": "read", "members": "read", "organization_administration": "read",
            "contents": "write", "administration": "write"}),
    }
}

/// acme is 10 there and acme-labs is labs, 11; bob is 2 and an owner of labs, carol is 3 and a collaborator.
fn directory() -> State {
    let mut app = repository(100, 10, "app");
    app.collaborators.insert(3, "write");
    app.collaborators.insert(9, "read");
    State {
        installations: BTreeMap::from([
            (31, installation(10)),
            (32, installation(11)),
            (33, installation(12)),
        ]),
        organizations: BTreeMap::from([
            (10, ("acme".to_owned(), Some("none"))),
            (11, ("labs".to_owned(), Some("read"))),
            (12, ("others".to_owned(), Some("read"))),
        ]),
        users: BTreeMap::from([
            (2, ("bobby".to_owned(), false)),
            (3, ("carol".to_owned(), false)),
            (9, ("stranger".to_owned(), false)),
        ]),
        repositories: vec![
            app,
            repository(101, 10, "lib"),
            repository(102, 10, "docs"),
            // acme has one of this name here.
            repository(103, 10, "site"),
            repository(110, 11, "tool"),
            repository(120, 12, "not-ours"),
        ],
        members: vec![(10, 2, false), (10, 9, true), (11, 2, true)],
        teams: vec![
            Team {
                id: 50,
                organization: 10,
                name: "Makers".into(),
                slug: "makers".into(),
                members: vec![2, 9],
                repositories: BTreeMap::from([(100, "write"), (101, "maintain"), (120, "admin")]),
                ..Team::default()
            },
            Team {
                id: 51,
                organization: 10,
                name: "Young makers".into(),
                slug: "young-makers".into(),
                parent: Some(50),
                members: vec![9],
                ..Team::default()
            },
        ],
        ..State::default()
    }
}

type Land = Town<Hub>;

impl Land {
    async fn settled() -> Land {
        Land::of(directory()).await
    }

    async fn of(state: State) -> Land {
        let world = World::new();
        let forge = Hub::start(world.clock.clone(), state).await;
        let body = json!({"name": "forge", "kind": "github", "address": forge.address,
            "settings": {"facts_seconds_max": 3600, "app_id": APP, "client_id": CLIENT}});
        let secrets = json!({"private_key": KEY, "webhook_secret": "h00k"});
        Town::before(forge, world, body, secrets).await
    }

    /// Synchronises once, which works.
    async fn well(&self) -> Synchronisation {
        let state = self.synchronise().await;
        assert_eq!(state.state, Stand::Done, "{state:?}");
        state
    }

    async fn doctor(&self) -> String {
        let answer = self.world.get("/admin/doctor", &self.alice).await.expect(200);
        answer.text().to_owned()
    }
}
