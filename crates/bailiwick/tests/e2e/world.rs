//! The demo as the tests' world: alice owns acme, bob is a member, carol an outside collaborator on acme/site, mallory
//! a stranger. Most tests share one running demo; who stops it or counts in it starts one of their own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bailiwick_testkit::program::git_run;
use bailiwick_testkit::{Answer, Request, Server};
use serde_json::{Value, json};

/// Limits out of the way: tests ask more in a minute than a person in an hour.
pub const SETTINGS: &[(&str, &str)] = &[
    ("BAILIWICK_RATE_TOKEN_PER_HOUR", "1000000"),
    ("BAILIWICK_RATE_ANONYMOUS_PER_HOUR", "1000000"),
];

/// A running demo with what a person would read off its greeting.
pub struct World {
    pub server: Server,
    passwords: HashMap<String, String>,
    sessions: Mutex<HashMap<String, String>>,
    /// Every secret that was ever handed out here.
    secrets: Mutex<Vec<String>>,
    pub scratch: tempfile::TempDir,
}

/// A token as its maker saw it.
#[derive(Clone, Debug)]
pub struct Minted {
    pub id: i64,
    pub text: String,
    pub json: Value,
}

static SHARED: Mutex<Weak<World>> = Mutex::new(Weak::new());
static SHARED_SECURE: Mutex<Weak<World>> = Mutex::new(Weak::new());

impl World {
    /// The world that tests share while any of them holds it.
    pub fn shared() -> Arc<World> {
        World::share(&SHARED, &["demo"])
    }

    /// The same with TLS, by the server's own authority.
    pub fn shared_secure() -> Arc<World> {
        World::share(&SHARED_SECURE, &["demo", "--tls-self-signed"])
    }

    fn share(place: &Mutex<Weak<World>>, arguments: &[&str]) -> Arc<World> {
        let mut shared = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(world) = shared.upgrade() {
            return world;
        }
        let world = Arc::new(World::start(arguments));
        *shared = Arc::downgrade(&world);
        world
    }

    /// A world of one's own.
    pub fn start(arguments: &[&str]) -> World {
        World::with(arguments, SETTINGS)
    }

    /// A world of one's own under these settings alone.
    pub fn with(arguments: &[&str], settings: &[(&str, &str)]) -> World {
        World::around(Server::start(
            env!("CARGO_BIN_EXE_bailiwick"),
            arguments,
            settings,
        ))
    }

    /// A world of one's own under `http://localhost`, for browsers.
    pub fn at_localhost(arguments: &[&str]) -> World {
        World::around(Server::start_at_localhost(
            env!("CARGO_BIN_EXE_bailiwick"),
            arguments,
            SETTINGS,
        ))
    }

    fn around(server: Server) -> World {
        let text = std::fs::read(server.data.join("demo.json")).expect("the demo remembers its passwords");
        let state: Value = serde_json::from_slice(&text).unwrap();
        let passwords = state["passwords"].as_object().unwrap();
        let passwords: HashMap<String, String> = passwords
            .iter()
            .map(|(login, word)| (login.clone(), word.as_str().unwrap().to_owned()))
            .collect();
        let greeted: Vec<String> = server
            .greeting
            .split_whitespace()
            .filter_map(|word| word.strip_prefix("ALICE=").or_else(|| word.strip_prefix("BOB=")))
            .map(str::to_owned)
            .collect();
        World {
            server,
            secrets: Mutex::new(passwords.values().cloned().chain(greeted).collect()),
            passwords,
            sessions: Mutex::default(),
            scratch: tempfile::tempdir().unwrap(),
        }
    }

    /// The same data under a new process, as `serve` unless told otherwise. Secrets handed out so far stay known.
    #[must_use]
    pub fn restart(self, arguments: &[&str]) -> World {
        let before = self.secrets.into_inner().unwrap();
        let world = World::around(self.server.restart(arguments));
        world.secrets.lock().unwrap().extend(before);
        world
    }

    /// A directory for one test to work in.
    pub fn room(&self, name: &str) -> PathBuf {
        let path = self.scratch.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    pub fn url(&self) -> String {
        self.server.address.url()
    }

    pub fn password(&self, login: &str) -> &str {
        &self.passwords[login]
    }

    /// Every secret so far; tests look for them where they must not be.
    pub fn secrets(&self) -> Vec<String> {
        self.secrets.lock().unwrap().clone()
    }

    /// The session of a person, signed in once.
    pub fn session(&self, login: &str) -> String {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = sessions.get(login) {
            return text.clone();
        }
        let body = json!({"login": login, "password": self.password(login)});
        let answer = self
            .server
            .address
            .send(&Request::new("POST", "/api/v3/sessions").json(&body))
            .expect(201);
        let text = answer.json()["token"]
            .as_str()
            .expect("a session has a text")
            .to_owned();
        self.secrets.lock().unwrap().push(text.clone());
        sessions.insert(login.to_owned(), text.clone());
        text
    }

    pub fn send(&self, request: &Request) -> Answer {
        self.server.address.send(request)
    }

    /// Asks the API; an empty token is a visitor.
    pub fn api(&self, method: &str, path: &str, token: &str, body: Value) -> Answer {
        let request = Request::new(method, &format!("/api/v3{path}")).bearer(token);
        self.send(&if body.is_null() {
            request
        } else {
            request.json(&body)
        })
    }

    pub fn get(&self, path: &str, token: &str) -> Answer {
        self.api("GET", path, token, Value::Null)
    }

    /// Mints a token of a person with grants as they ask for them, pending where approval is needed.
    pub fn mint(&self, login: &str, name: &str, grants: Value) -> Minted {
        let body = json!({"name": name, "expires_in": 7, "grants": grants});
        let made = self
            .api("POST", "/user/personal-access-tokens", &self.session(login), body)
            .expect(201)
            .json();
        let text = made["token"].as_str().expect("the text is shown once").to_owned();
        self.secrets.lock().unwrap().push(text.clone());
        Minted {
            id: made["id"].as_i64().unwrap(),
            text,
            json: made,
        }
    }

    /// Approves everything a token waits for at acme.
    pub fn approve(&self, token: &Minted) {
        for grant in token.json["grants"].as_array().unwrap() {
            // An owner's own request is approved as it is made.
            let Some(id) = grant["request"]["id"]
                .as_i64()
                .filter(|_| grant["state"] == "pending")
            else {
                continue;
            };
            if grant["request"]["state"] != "pending" {
                continue;
            }
            let path = format!("/orgs/acme/personal-access-token-requests/{id}");
            let _ = self
                .api(
                    "POST",
                    &path,
                    &self.session("alice"),
                    json!({"action": "approve"}),
                )
                .expect(204);
        }
    }

    /// An approved token of a person for repositories of acme.
    pub fn token(&self, login: &str, name: &str, repositories: &[&str], permissions: Value) -> Minted {
        let grant = json!({
            "owner": "acme", "repository_selection": "subset", "repositories": repositories,
            "permissions": permissions, "reason": "a test",
        });
        let token = self.mint(login, name, json!([grant]));
        self.approve(&token);
        token
    }

    /// The id of the grant a token holds at acme.
    pub fn grant_of(&self, token: &Minted) -> i64 {
        let grants = self
            .get(
                "/orgs/acme/personal-access-tokens?per_page=100",
                &self.session("alice"),
            )
            .expect(200)
            .json();
        let grants = grants.as_array().unwrap();
        let found = grants.iter().find(|grant| grant["token_id"] == token.id);
        found.unwrap_or_else(|| panic!("no grant of token {} in {grants:?}", token.id))["id"]
            .as_i64()
            .unwrap()
    }

    /// Revokes the grant a token holds at acme.
    pub fn revoke(&self, token: &Minted) {
        let path = format!("/orgs/acme/personal-access-tokens/{}", self.grant_of(token));
        let _ = self
            .api("POST", &path, &self.session("alice"), json!({"action": "revoke"}))
            .expect(204);
    }

    /// Where git finds a repository, with the token as password of any user name.
    pub fn git_url(&self, token: &str, repository: &str) -> String {
        match token {
            "" => format!("{}/{repository}.git", self.url()),
            token => {
                let url = self.url().replacen("://", &format!("://bob:{token}@"), 1);
                format!("{url}/{repository}.git")
            }
        }
    }

    /// A clone of a repository in a directory of its own.
    pub fn checkout(&self, token: &str, repository: &str, into: &str) -> PathBuf {
        let room = self.room(into);
        let _ = git_run(
            &room,
            ["clone", "--quiet", &self.git_url(token, repository), "clone"],
        )
        .works();
        room.join("clone")
    }

    /// The commit that a branch of a repository is at, by the API; nothing when there is no such branch.
    pub fn branch(&self, repository: &str, branch: &str) -> Option<String> {
        let answer = self.get(
            &format!("/repos/{repository}/git/ref/heads/{branch}"),
            &self.session("alice"),
        );
        match answer.status {
            200 => Some(answer.json()["object"]["sha"].as_str().unwrap().to_owned()),
            404 => None,
            status => panic!("{status}: {}", answer.text()),
        }
    }
}

/// Writes a file and commits it.
pub fn commit(clone: &Path, file: &str, text: &[u8], message: &str) {
    let path = clone.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    let _ = git_run(clone, ["add", "--all"]).works();
    let _ = git_run(clone, ["commit", "--quiet", "--message", message]).works();
}

/// The commit a clone is at.
pub fn head(clone: &Path) -> String {
    git_run(clone, ["rev-parse", "HEAD"])
        .works()
        .stdout
        .trim()
        .to_owned()
}

/// An answer without what differs between any two requests: moments, ids and what is left of the rate limit.
pub fn comparable(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    const VARY: &[&str] = &[
        "date",
        "x-github-request-id",
        "x-ratelimit-remaining",
        "x-ratelimit-used",
        "x-ratelimit-reset",
    ];
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.to_lowercase(), value.clone()))
        .filter(|(name, _)| !VARY.contains(&name.as_str()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.text())
}
