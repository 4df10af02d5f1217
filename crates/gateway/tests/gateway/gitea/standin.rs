//! A stand-in for Gitea: its ways to take a credential, its `Sudo` (query and form before the header), and its own
//! permissions on a few users, repositories, issues, files, hooks and keys. Everything is kept in memory.

use crate::front::{BOBS_SECRET, UPSTREAM_TOKEN};
use crate::recorder::{Arrived, Recorder, json};
use serde_json::{Value, json as value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Who may do what in a repository.
struct Repository {
    private: bool,
    readers: Vec<&'static str>,
    writers: Vec<&'static str>,
    administrators: Vec<&'static str>,
}

#[derive(Default)]
struct State {
    repositories: BTreeMap<&'static str, Repository>,
    /// Repository, title, who opened it.
    issues: Vec<(String, String, String)>,
    /// Repository, path, who wrote it last.
    files: Vec<(String, String, String)>,
    hooks: Vec<(String, String)>,
    keys: Vec<String>,
    /// What has which number, by the path below the API.
    numbers: BTreeMap<&'static str, u64>,
    /// Who acted in each request; nobody as a visitor.
    acting: Vec<Option<String>>,
}

pub struct Gitea {
    pub recorder: Recorder,
    state: Arc<Mutex<State>>,
}

/// Login, whether it administers, whether it may sign in.
const USERS: [(&str, bool, bool); 5] = [
    ("root", true, true),
    ("alice-there", false, true),
    ("bobby", false, true),
    ("erin-there", false, true),
    ("suspended", false, false),
];

impl Gitea {
    pub async fn start() -> Gitea {
        let state = Arc::new(Mutex::new(State {
            repositories: BTreeMap::from([
                ("team/website", repository(true)),
                ("team/www", repository(false)),
                ("team/secret", repository(true)),
                ("labs/rocket", repository(true)),
            ]),
            ..State::default()
        }));
        let shared = state.clone();
        let recorder = Recorder::answering(move |request| shared.lock().unwrap().answer(request)).await;
        Gitea { recorder, state }
    }

    /// Who acted since this was asked last, one for each request.
    pub fn acting(&self) -> Vec<Option<String>> {
        std::mem::take(&mut self.state.lock().unwrap().acting)
    }

    pub fn issues(&self) -> Vec<(String, String, String)> {
        self.state.lock().unwrap().issues.clone()
    }

    pub fn files(&self) -> Vec<(String, String, String)> {
        self.state.lock().unwrap().files.clone()
    }

    /// What is told about a path from now on.
    pub fn number(&self, path: &'static str, number: u64) {
        self.state.lock().unwrap().numbers.insert(path, number);
    }

    pub fn hooks(&self) -> usize {
        self.state.lock().unwrap().hooks.len()
    }
}

fn repository(private: bool) -> Repository {
    Repository {
        private,
        readers: vec!["suspended"],
        writers: vec!["bobby", "erin-there"],
        administrators: vec!["alice-there"],
    }
}

fn refuse(status: u16, message: &str) -> Vec<u8> {
    json(
        status,
        &value!({"message": message, "url": "http://gitea.internal/api/swagger"}),
    )
}

impl Repository {
    fn writes(&self, who: Option<&str>) -> bool {
        who.is_some_and(|who| {
            who == "root" || self.writers.contains(&who) || self.administrators.contains(&who)
        })
    }

    fn reads(&self, who: Option<&str>) -> bool {
        !self.private || self.writes(who) || who.is_some_and(|who| self.readers.contains(&who))
    }

    fn administers(&self, who: Option<&str>) -> bool {
        who.is_some_and(|who| who == "root" || self.administrators.contains(&who))
    }
}

/// What a query or a form says of a name; the first, as Gitea's reader takes it.
fn field(text: &str, name: &str) -> Option<String> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// What `FormString` finds: the query, or a form's body.
fn form(request: &Arrived, name: &str) -> Option<String> {
    let is_form = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let body = String::from_utf8_lossy(&request.body).into_owned();
    field(request.query(), name)
        .or_else(|| field(&body, name).filter(|_| is_form))
        .filter(|text| !text.is_empty())
}

/// Who a credential is: nobody, somebody, or an error.
fn signed_in(request: &Arrived) -> Result<Option<&'static str>, Vec<u8>> {
    let told = form(request, "token").or_else(|| form(request, "access_token"));
    let carried = match (told, request.header("authorization")) {
        (Some(token), _) => token,
        (None, None) => return Ok(None),
        (None, Some(text)) => match text.split_once(' ') {
            Some(("token" | "Bearer" | "bearer", token)) => token.to_owned(),
            _ => String::new(),
        },
    };
    match carried.as_str() {
        UPSTREAM_TOKEN => Ok(Some("root")),
        BOBS_SECRET => Ok(Some("bobby")),
        _ => Err(refuse(401, "invalid username, password or token")),
    }
}

/// Gitea's `sudo()`: the request's field before its header, for administrators alone.
fn sudo(request: &Arrived, signed: Option<&'static str>) -> Result<Option<&'static str>, Vec<u8>> {
    let name = form(request, "sudo").or_else(|| request.header("sudo").map(str::to_owned));
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Ok(signed);
    };
    let user = |login: &str| USERS.iter().find(|(it, ..)| it.eq_ignore_ascii_case(login));
    if !signed
        .and_then(user)
        .is_some_and(|(_, administers, _)| *administers)
    {
        return Err(refuse(403, "Only administrators allowed to sudo."));
    }
    match user(&name) {
        None => {
            let text = format!("GetUserByName: user does not exist [uid: 0, name: {name}]");
            Err(refuse(404, &text))
        }
        Some((_, _, false)) => Err(refuse(
            403,
            "This account is prohibited from signing in, please contact your site administrator.",
        )),
        Some((login, ..)) => Ok(Some(login)),
    }
}

impl State {
    fn answer(&mut self, request: &Arrived) -> Vec<u8> {
        let who = match signed_in(request).and_then(|signed| sudo(request, signed)) {
            Ok(who) => who,
            Err(refusal) => {
                self.acting.push(None);
                return refusal;
            }
        };
        self.acting.push(who.map(str::to_owned));
        let path = request.path().to_owned();
        let Some(path) = path.strip_prefix("/api/v1/") else {
            return refuse(404, "Not Found");
        };
        // What the gateway itself asks about names.
        if request.method == "GET"
            && let Some(number) = self.numbers.get(path)
        {
            return json(200, &value!({"id": number}));
        }
        let parts: Vec<&str> = path.split('/').collect();
        let read = || serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
        match (request.method.as_str(), parts.as_slice()) {
            (_, ["repos", owner, name, rest @ ..]) => {
                self.in_repository(request, who, &format!("{owner}/{name}"), rest, &read())
            }
            ("GET", ["version"]) => json(200, &value!({"version": "1.24.0"})),
            ("GET", ["user"]) => match who {
                Some(login) => json(200, &value!({"login": login})),
                None => refuse(401, "token is required"),
            },
            ("GET", ["users", login]) => match USERS.iter().find(|(it, ..)| it == login) {
                Some(_) => json(200, &value!({"login": login})),
                None => refuse(404, &format!("user redirect does not exist [name: {login}]")),
            },
            ("POST", ["user", "keys"]) => {
                self.keys.push(who.unwrap_or_default().to_owned());
                json(201, &value!({"id": self.keys.len()}))
            }
            ("GET", ["user", "keys"]) => json(200, &value!([])),
            ("GET", ["users", login, "repos"]) | ("GET", ["orgs", login, "repos"]) => {
                let prefix = format!("{login}/");
                let all = self.repositories.iter();
                let seen = all.filter(|(name, it)| name.starts_with(&prefix) && it.reads(who));
                let names: Vec<Value> = seen.map(|(name, _)| value!({"full_name": name})).collect();
                json(200, &Value::Array(names))
            }
            _ => refuse(404, "Not Found"),
        }
    }

    fn in_repository(
        &mut self,
        request: &Arrived,
        who: Option<&'static str>,
        name: &str,
        rest: &[&str],
        body: &Value,
    ) -> Vec<u8> {
        let Some(repository) = self.repositories.get(name).filter(|it| it.reads(who)) else {
            return refuse(404, "The target couldn't be found.");
        };
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let login = who.unwrap_or_default().to_owned();
        match (request.method.as_str(), rest) {
            ("GET", []) => json(200, &value!({"full_name": name, "private": repository.private})),
            (_, _) if request.method != "GET" && who.is_none() => refuse(401, "token is required"),
            ("POST", ["issues"]) => {
                self.issues.push((name.to_owned(), text("title"), login.clone()));
                let number = self.issues.len();
                let made = value!({"number": number, "user": {"login": login}});
                let mut bytes = json(201, &made);
                // Gitea does not say where it is; a proxy of it might, in its own words.
                let at = bytes.windows(2).position(|window| window == b"\r\n").unwrap() + 2;
                let location = format!("location: /api/v1/repos/{name}/issues/{number}\r\n");
                bytes.splice(at..at, location.into_bytes());
                bytes
            }
            ("GET", ["issues", number]) => {
                let index = number.parse::<usize>().unwrap_or(0).wrapping_sub(1);
                match self.issues.get(index).filter(|issue| issue.0 == name) {
                    Some(issue) => json(200, &value!({"title": issue.1, "user": {"login": issue.2}})),
                    None => refuse(404, "issue does not exist"),
                }
            }
            ("POST" | "PUT" | "DELETE", ["contents", path @ ..]) => {
                if !repository.writes(who) {
                    return refuse(403, "user should have a permission to write to the target branch");
                }
                self.files.push((name.to_owned(), path.join("/"), login));
                json(201, &value!({"content": {"path": path.join("/")}}))
            }
            ("POST", ["hooks"]) => {
                if !repository.administers(who) {
                    return refuse(
                        403,
                        "user should be an owner or a collaborator with admin write of a repository",
                    );
                }
                self.hooks.push((name.to_owned(), login));
                json(201, &value!({"id": self.hooks.len()}))
            }
            _ => refuse(404, "Not Found"),
        }
    }
}
