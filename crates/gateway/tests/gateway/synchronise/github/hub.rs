//! A stand-in for GitHub's directory as an App reads it: two items a page with links that lead elsewhere, tokens of
//! installations that reach one account, rate limits, and the lies that it can be told to tell.

use super::listed::paged;
use crate::github::hub::{check_claim, json_with};
use crate::github::wire::{Said, Seen, serve};
use crate::harness::TestClock;
use bailiwick_authority::Clock;
use bailiwick_model::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

/// How the stand-in misbehaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Lie {
    #[default]
    None,
    /// The second page of acme's repositories is not there.
    NoPageTwo,
    /// The second page of acme's repositories is empty, and leads on.
    EmptyPageTwo,
    /// The first page of repositories does not lead on.
    NoLink,
    /// Every page of repositories is the first one.
    SamePage,
    /// Every page of repositories is full, for ever.
    Endless,
    /// The link to the next page cannot be followed.
    OddLink,
    /// An id beyond 2^53.
    HugeId,
    /// An object that has the same field twice.
    TwiceTheField,
    /// A repository without a name.
    NoName,
    /// A list that is none.
    NoList,
    /// The list of repositories is cut off.
    CutOff,
    /// The list of repositories fails.
    Fails,
    /// Tokens do more than was asked for.
    WideToken,
    /// Tokens do not work.
    DeadToken,
}

#[derive(Clone, Debug)]
pub struct Installation {
    pub account: i64,
    pub suspended: bool,
    pub permissions: Value,
}

#[derive(Clone, Debug)]
pub struct Repository {
    pub id: i64,
    pub owner: i64,
    pub name: String,
    pub visibility: &'static str,
    pub archived: bool,
    pub collaborators: BTreeMap<i64, &'static str>,
}

#[derive(Clone, Debug, Default)]
pub struct Team {
    pub id: i64,
    pub organization: i64,
    pub name: String,
    pub slug: String,
    pub parent: Option<i64>,
    pub secret: bool,
    pub members: Vec<i64>,
    pub repositories: BTreeMap<i64, &'static str>,
}

/// What is there.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub installations: BTreeMap<i64, Installation>,
    /// Login, and what every member may do, where the App may see it.
    pub organizations: BTreeMap<i64, (String, Option<&'static str>)>,
    /// Login, and whether suspended.
    pub users: BTreeMap<i64, (String, bool)>,
    pub repositories: Vec<Repository>,
    /// Organization, person, whether an owner.
    pub members: Vec<(i64, i64, bool)>,
    pub teams: Vec<Team>,
    pub lie: Lie,
    /// What was asked for.
    pub asked: Vec<String>,
    /// How much an installation may still ask.
    pub left: BTreeMap<i64, u64>,
    /// What the next request is answered with.
    pub next: Option<(u16, Vec<(&'static str, String)>)>,
    pub tokens: HashMap<String, i64>,
}

impl State {
    pub fn repository(&mut self, id: i64) -> &mut Repository {
        self.repositories.iter_mut().find(|one| one.id == id).unwrap()
    }

    pub fn team(&mut self, id: i64) -> &mut Team {
        self.teams.iter_mut().find(|one| one.id == id).unwrap()
    }

    pub fn login(&self, id: i64) -> &str {
        match self.organizations.get(&id) {
            Some((login, _)) => login,
            None => &self.users[&id].0,
        }
    }

    fn account(&self, id: i64) -> Value {
        let kind = if self.organizations.contains_key(&id) {
            "Organization"
        } else {
            "User"
        };
        json!({"id": id, "login": self.login(id), "type": kind, "site_admin": false})
    }

    pub fn shown(&self, one: &Repository) -> Value {
        json!({"id": one.id, "name": one.name, "full_name": format!("{}/{}", self.login(one.owner), one.name),
            "owner": self.account(one.owner), "private": one.visibility != "public", "visibility": one.visibility,
            "archived": one.archived, "default_branch": "trunk", "permissions": {"pull": true, "push": false}})
    }

    fn installations(&self) -> Vec<Value> {
        let all = self.installations.iter();
        all.map(|(id, one)| {
            json!({"id": id, "account": self.account(one.account), "permissions": one.permissions,
                "suspended_at": one.suspended.then_some("2026-01-01T00:00:00Z")})
        })
        .collect()
    }

    /// The whole list at a path, as the installation at an account sees it; `None` is not found.
    fn list(&self, path: &str, query: &BTreeMap<&str, &str>, account: i64) -> Option<Vec<Value>> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let own = |login: &str| (self.login(account) == login).then_some(account);
        let team = |slug: &str| {
            let mut all = self.teams.iter();
            all.find(|team| team.organization == account && team.slug == slug)
        };
        let role = |role: &str| {
            let order = ["read", "triage", "write", "maintain", "admin"];
            let words = ["pull", "triage", "push", "maintain", "admin"];
            let most = order.iter().position(|one| *one == role).unwrap();
            let allowed: BTreeMap<&str, bool> = words
                .iter()
                .enumerate()
                .map(|(at, word)| (*word, at <= most))
                .collect();
            (json!(role), json!(allowed))
        };
        let with = |mut shown: Value, word: &str| {
            (shown["role_name"], shown["permissions"]) = role(word);
            shown
        };
        Some(match parts.as_slice() {
            ["orgs", login, "members"] => {
                let id = own(login)?;
                let admin = query["role"] == "admin";
                let all = self.members.iter().filter(|one| one.0 == id && one.2 == admin);
                all.map(|one| self.account(one.1)).collect()
            }
            ["orgs", login, "teams"] => {
                let id = own(login)?;
                let all = self.teams.iter().filter(|team| team.organization == id);
                all.map(|team| {
                    let parent = team.parent.map(|id| json!({"id": id, "name": "above"}));
                    json!({"id": team.id, "name": team.name, "slug": team.slug, "parent": parent,
                        "privacy": if team.secret { "secret" } else { "closed" }, "permission": "pull"})
                })
                .collect()
            }
            ["orgs", login, "teams", slug, "members"] => {
                own(login)?;
                team(slug)?.members.iter().map(|id| self.account(*id)).collect()
            }
            ["orgs", login, "teams", slug, "repos"] => {
                own(login)?;
                let roles = &team(slug)?.repositories;
                let all = self.repositories.iter();
                all.filter_map(|one| Some(with(self.shown(one), roles.get(&one.id)?)))
                    .collect()
            }
            ["repos", login, name, "collaborators"] => {
                let id = own(login)?;
                assert_eq!(query["affiliation"], "direct");
                let mut all = self.repositories.iter();
                let one = all.find(|one| one.owner == id && one.name == *name)?;
                let inside = one.collaborators.iter();
                inside.map(|(id, word)| with(self.account(*id), word)).collect()
            }
            _ => return None,
        })
    }

    /// One thing at a path.
    fn one(&self, path: &str, account: i64) -> Option<Value> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match parts.as_slice() {
            ["orgs", login] if self.login(account) == *login => {
                let mut shown = self.account(account);
                if let Some((_, Some(word))) = self.organizations.get(&account) {
                    shown["default_repository_permission"] = json!(word);
                }
                Some(shown)
            }
            ["user", id] => self.person(id.parse().unwrap()),
            ["users", login] => {
                let mut all = self.users.iter();
                let id = *all.find(|(_, (other, _))| other == login)?.0;
                self.person(id)
            }
            ["repositories", id] => {
                let mut all = self.repositories.iter();
                let one = all.find(|one| one.id.to_string() == *id && one.owner == account)?;
                Some(self.shown(one))
            }
            _ => None,
        }
    }

    fn person(&self, id: i64) -> Option<Value> {
        let (_, suspended) = self.users.get(&id)?;
        let mut shown = self.account(id);
        shown["suspended_at"] = json!(suspended.then_some("2026-01-01T00:00:00Z"));
        Some(shown)
    }

    fn lend(&mut self, request: &Seen, id: i64) -> Said {
        let Some(one) = self.installations.get(&id) else {
            return json_with(404, &json!({"message": "Not Found"}));
        };
        if one.suspended {
            return json_with(403, &json!({"message": "This installation has been suspended"}));
        }
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let asked = body["permissions"].as_object().unwrap();
        assert!(!asked.is_empty(), "an empty set is everything");
        assert!(asked.values().all(|level| level == "read"), "{asked:?}");
        assert!(
            asked.keys().all(|name| one.permissions.get(name).is_some()),
            "{asked:?}"
        );
        let token = format!("ghs_{id}_{}", self.tokens.len());
        if self.lie != Lie::DeadToken {
            self.tokens.insert(token.clone(), id);
        }
        let given = if self.lie == Lie::WideToken {
            one.permissions.clone()
        } else {
            body["permissions"].clone()
        };
        json_with(
            201,
            &json!({"token": token, "expires_at": "2030-01-01T00:00:00Z", "permissions": given,
                "repository_selection": "all"}),
        )
    }

    fn answer(&mut self, request: &Seen, now: Timestamp) -> Said {
        let authorization = request.header("authorization");
        let (Some(target), false) = (request.target.strip_prefix("/api/v3"), authorization.is_empty()) else {
            // Git, and whoever looks what is here.
            return json_with(404, &json!({}));
        };
        self.asked.push(target.to_owned());
        assert_eq!(request.header("x-github-api-version"), "2022-11-28");
        assert!(!request.header("user-agent").is_empty());
        let bearer = authorization.strip_prefix("Bearer ").unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        if let Some((status, headers)) = self.next.take() {
            let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value));
            return Said::Whole(status, headers.collect(), "{}".into());
        }
        if path == "/app" {
            return match check_claim(bearer, now) {
                Ok(()) => json_with(200, &json!({"id": crate::github::hub::APP, "slug": "gate"})),
                Err(what) => json_with(401, &json!({"message": what})),
            };
        }
        if let Some(rest) = path.strip_prefix("/app/") {
            if let Err(what) = check_claim(bearer, now) {
                return json_with(401, &json!({"message": what}));
            }
            if let Some(id) = rest.strip_prefix("installations/") {
                assert_eq!(request.method, "POST");
                let id = id.strip_suffix("/access_tokens").unwrap().parse().unwrap();
                return self.lend(request, id);
            }
            assert_eq!((request.method.as_str(), rest), ("GET", "installations"));
            return paged(path, &self.installations(), &query, &mut Vec::new());
        }
        assert_eq!(request.method, "GET");
        let Some(id) = self.tokens.get(bearer).copied() else {
            return json_with(401, &json!({"message": "Bad credentials"}));
        };
        let account = self.installations[&id].account;
        let mut headers = match self.limit(id, now) {
            Ok(headers) => headers,
            Err(said) => return said,
        };
        if path == "/installation/repositories" {
            return self.reached(account, &query, &mut headers);
        }
        if let Some(one) = self.one(path, account) {
            return json_with(200, &one);
        }
        match self.list(path, &query, account) {
            Some(all) => paged(path, &all, &query, &mut headers),
            None => json_with(404, &json!({"message": "Not Found"})),
        }
    }

    /// One request less that an installation may ask; refuses as GitHub does.
    fn limit(&mut self, id: i64, now: Timestamp) -> Result<Vec<(String, String)>, Said> {
        let Some(left) = self.left.get_mut(&id) else {
            return Ok(Vec::new());
        };
        let headers = |left: u64| {
            let reset = now.plus_seconds(1800).seconds();
            vec![
                ("x-ratelimit-limit".to_owned(), "5000".to_owned()),
                ("x-ratelimit-remaining".to_owned(), left.to_string()),
                ("x-ratelimit-reset".to_owned(), reset.to_string()),
            ]
        };
        if *left == 0 {
            let said = json!({"message": "API rate limit exceeded for installation ID 1."}).to_string();
            return Err(Said::Whole(403, headers(0), said));
        }
        *left -= 1;
        Ok(headers(*left))
    }
}

/// The stand-in.
pub struct Hub {
    pub address: String,
    state: Arc<Mutex<State>>,
}

impl Hub {
    pub async fn start(clock: Arc<TestClock>, state: State) -> Hub {
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        let handler = Arc::new(move |request: Seen| {
            let said = shared.lock().unwrap().answer(&request, clock.now());
            Box::pin(async move { said }) as crate::github::wire::Future_
        });
        let port = serve(Arc::default(), handler).await;
        Hub {
            address: format!("http://127.0.0.1:{port}"),
            state,
        }
    }

    /// What is there, to look at or to change.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}
