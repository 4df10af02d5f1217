//! Directory facts from stand-ins for Gitea and GitHub, and from a directory of bare repositories: what arrives, what leaves, what
//! stops, and what is refused meanwhile.

mod changes;
mod disk;
mod forge;
mod github;
mod hook;
mod lies;
mod many;
mod stale;

use crate::harness::World;
use bailiwick_authority::upstream::synchronise::state::{Stand, Synchronisation};
use bailiwick_model::{AccountId, RepositoryId, UpstreamId};
use bailiwick_store::audit::{Query, search};
use bailiwick_store::{RepositoryRow, repository, upstream};
use forge::{Forge, Repository, State, TOKEN, Team};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A world with acme at a forge, where it is known by the id 10. bob is 2 there and carol is 3; alice is not linked.
struct Town<S = Forge> {
    world: World,
    alice: String,
    forge: S,
    id: UpstreamId,
}

fn repository_there(id: i64, owner: i64, name: &str) -> Repository {
    Repository {
        id,
        owner,
        name: name.to_owned(),
        private: true,
        archived: false,
        collaborators: BTreeMap::new(),
    }
}

fn directory() -> State {
    let mut app = repository_there(100, 10, "app");
    app.collaborators.insert(3, "write");
    app.collaborators.insert(9, "read");
    State {
        organizations: BTreeMap::from([
            (10, ("acme".to_owned(), "public")),
            (11, ("labs".to_owned(), "public")),
            (12, ("others".to_owned(), "public")),
        ]),
        users: BTreeMap::from([
            (2, ("bobby".to_owned(), true)),
            (3, ("carol".to_owned(), true)),
            (9, ("stranger".to_owned(), true)),
        ]),
        repositories: vec![
            app,
            repository_there(101, 10, "lib"),
            repository_there(102, 10, "docs"),
            // acme has one of this name here.
            repository_there(103, 10, "site"),
            repository_there(120, 12, "not-ours"),
        ],
        members: vec![(10, 2), (10, 9)],
        teams: vec![
            Team {
                id: 50,
                organization: 10,
                name: "Owners".into(),
                permission: "owner",
                everything: true,
                members: vec![9],
                ..Team::default()
            },
            Team {
                id: 51,
                organization: 10,
                name: "Makers".into(),
                permission: "write",
                code: "write",
                members: vec![2, 9],
                repositories: vec![100, 101],
                ..Team::default()
            },
        ],
        ..State::default()
    }
}

impl Town {
    async fn new() -> Town {
        Town::with(directory()).await
    }

    async fn with(state: State) -> Town {
        let world = World::new();
        let forge = Forge::start(state).await;
        let body = json!({"name": "forge", "kind": "gitea", "address": forge.address,
            "settings": {"facts_seconds_max": 3600}});
        let secrets = json!({"token": TOKEN, "webhook_secret": "h00k"});
        Town::before(forge, world, body, secrets).await
    }

    #[track_caller]
    fn well(state: Synchronisation) -> Synchronisation {
        assert_eq!(state.state, Stand::Done, "{state:?}");
        state
    }
}

impl<S> Town<S> {
    /// Sets the upstream up as an administrator does.
    async fn before(forge: S, world: World, upstream: Value, secrets: Value) -> Town<S> {
        let alice = world.session("alice");
        let made = world
            .call("POST", "/admin/upstreams", &alice, upstream)
            .await
            .expect(201);
        let id = UpstreamId(made.json["id"].as_i64().unwrap());
        for (path, body, status) in [
            ("credential", json!({"secrets": secrets}), 200),
            ("owners/acme", json!({"id": "10"}), 200),
            ("owners/acme-labs", json!({"name": "labs"}), 200),
            ("links/bob", json!({"login": "bobby", "id": "2"}), 201),
            ("links/carol", json!({"login": "carol"}), 201),
        ] {
            let path = format!("/admin/upstreams/forge/{path}");
            world.call("PUT", &path, &alice, body).await.expect(status);
        }
        Town {
            world,
            alice,
            forge,
            id,
        }
    }

    /// Synchronises once.
    async fn synchronise(&self) -> Synchronisation {
        let done = bailiwick_gateway::directory::synchronise(&self.world.authority, self.id).await;
        done.unwrap().expect("nobody else is at it")
    }

    /// Synchronises, which fails so, and leaves the facts as old as they were.
    async fn fails(&self, lie: &impl std::fmt::Debug, code: &str) {
        let good_at = self.synchronised_at();
        let state = self.synchronise().await;
        assert_eq!(state.state, Stand::Failed, "{lie:?} {state:?}");
        let error = state.error.unwrap();
        assert_eq!(error.code, code, "{lie:?}: {}", error.message);
        assert_eq!(self.synchronised_at(), good_at, "{lie:?}");
    }

    async fn stands(&self) -> Value {
        let path = "/admin/upstreams/forge/synchronisation";
        self.world.get(path, &self.alice).await.expect(200).json
    }

    fn acme(&self) -> AccountId {
        self.world.accounts["acme"]
    }

    fn named(&self, owner: &str, name: &str) -> Option<RepositoryRow> {
        let owner = self.world.accounts[owner];
        self.world
            .store
            .read(|tx| repository::by_name(tx, owner, name))
            .unwrap()
    }

    fn row(&self, id: RepositoryId) -> RepositoryRow {
        self.world
            .store
            .read(|tx| repository::by_id(tx, id))
            .unwrap()
            .unwrap()
    }

    fn synchronised_at(&self) -> Option<bailiwick_model::Timestamp> {
        self.world
            .store
            .read(|tx| upstream::by_id(tx, self.id))
            .unwrap()
            .unwrap()
            .synchronised_at
    }

    /// The events of an action, newest first.
    fn events(&self, action: &str) -> Vec<bailiwick_store::EventRow> {
        let read = self
            .world
            .store
            .read(|tx| search(tx, &Query::new(Vec::new(), 1000)));
        read.unwrap()
            .into_iter()
            .filter(|event| event.action == action)
            .collect()
    }

    /// What git is told when it asks for a repository, as bob with a token.
    async fn fetch(&self, path: &str, token: &str) -> crate::harness::Answered {
        use base64::Engine as _;
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("x:{token}"));
        let request = http::Request::get(format!("/{path}.git/info/refs?service=git-upload-pack"))
            .header("authorization", format!("Basic {pair}"))
            .body(bailiwick_gate::whole(Vec::new()))
            .unwrap();
        self.world.send(request).await
    }
}
