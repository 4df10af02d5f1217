//! A stand-in for Gitea: its directory as its API shows it to an administrator, two items a page, and the lies that it
//! can be told to tell.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What an administrator of the stand-in holds.
pub const TOKEN: &str = "forge0administrator0token";
/// Items of a page, whatever was asked for.
const PAGE: usize = 2;

/// How the stand-in misbehaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Lie {
    #[default]
    None,
    /// Every page of every list is full, for ever.
    Endless,
    /// Every page is the first one.
    SamePage,
    /// An id beyond 2^53.
    HugeId,
    /// An object that has the same field twice.
    TwiceTheField,
    /// One id stands for two repositories.
    TwoUnderOneId,
    /// The list is said to be longer than it is.
    LongerThanItIs,
    /// The list of repositories fails.
    Fails,
    /// The list of repositories is cut off.
    CutOff,
    /// The first look at the repositories of an organization finds none; later ones do.
    BlinksOnce,
}

/// A team.
#[derive(Clone, Debug, Default)]
pub struct Team {
    pub id: i64,
    pub organization: i64,
    pub name: String,
    pub permission: &'static str,
    pub code: &'static str,
    pub everything: bool,
    pub members: Vec<i64>,
    pub repositories: Vec<i64>,
}

/// A repository.
#[derive(Clone, Debug)]
pub struct Repository {
    pub id: i64,
    pub owner: i64,
    pub name: String,
    pub private: bool,
    pub archived: bool,
    pub collaborators: BTreeMap<i64, &'static str>,
}

/// What is there.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub organizations: BTreeMap<i64, (String, &'static str)>,
    /// Login, and whether active.
    pub users: BTreeMap<i64, (String, bool)>,
    pub repositories: Vec<Repository>,
    pub members: Vec<(i64, i64)>,
    pub teams: Vec<Team>,
    pub lie: Lie,
    /// What was asked for.
    pub asked: Vec<String>,
    pub blinked: bool,
}

impl State {
    pub fn repository(&mut self, id: i64) -> &mut Repository {
        self.repositories.iter_mut().find(|one| one.id == id).unwrap()
    }

    /// A person is deleted.
    pub fn forget(&mut self, user: i64) {
        self.users.remove(&user);
        self.members.retain(|(_, other)| *other != user);
        for team in &mut self.teams {
            team.members.retain(|other| *other != user);
        }
        for one in &mut self.repositories {
            one.collaborators.remove(&user);
        }
    }

    fn login(&self, id: i64) -> &str {
        match self.organizations.get(&id) {
            Some((login, _)) => login,
            None => &self.users[&id].0,
        }
    }

    fn user(&self, id: i64) -> Value {
        let (login, active) = &self.users[&id];
        json!({"id": id, "login": login, "active": active, "prohibit_login": false, "visibility": "public",
            "is_admin": false, "email": format!("{login}@example.com")})
    }

    fn shown(&self, one: &Repository) -> Value {
        json!({"id": one.id, "name": one.name, "full_name": format!("{}/{}", self.login(one.owner), one.name),
            "owner": {"id": one.owner, "login": self.login(one.owner)}, "private": one.private, "internal": false,
            "archived": one.archived, "default_branch": "trunk", "empty": false})
    }

    fn organization(&self, login: &str) -> Option<i64> {
        let mut all = self.organizations.iter();
        all.find(|(_, (other, _))| other == login).map(|(id, _)| *id)
    }

    /// The whole list at a path; `None` is not found.
    fn list(&mut self, path: &str) -> Option<Vec<Value>> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        Some(match parts.as_slice() {
            ["admin", "users"] => self.users.keys().map(|id| self.user(*id)).collect(),
            ["admin", "orgs"] => {
                let all = self.organizations.iter();
                all.map(|(id, (name, visibility))| {
                    json!({"id": id, "name": name, "username": name, "visibility": visibility})
                })
                .collect()
            }
            ["orgs", login, "repos"] => {
                if self.lie == Lie::BlinksOnce && !self.blinked {
                    self.blinked = true;
                    return Some(Vec::new());
                }
                let id = self.organization(login)?;
                let own = self.repositories.iter().filter(|one| one.owner == id);
                own.map(|one| self.shown(one)).collect()
            }
            ["users", login, "repos"] => {
                let id = *self.users.iter().find(|(_, (other, _))| other == login)?.0;
                let own = self.repositories.iter().filter(|one| one.owner == id);
                own.map(|one| self.shown(one)).collect()
            }
            ["orgs", login, "members"] => {
                let id = self.organization(login)?;
                let own = self
                    .members
                    .iter()
                    .filter(|(organization, _)| *organization == id);
                own.map(|(_, user)| self.user(*user)).collect()
            }
            ["orgs", login, "teams"] => {
                let id = self.organization(login)?;
                let own = self.teams.iter().filter(|team| team.organization == id);
                own.map(|team| {
                    json!({"id": team.id, "name": team.name, "permission": team.permission,
                        "includes_all_repositories": team.everything, "units": ["repo.code"],
                        "units_map": {"repo.code": team.code}})
                })
                .collect()
            }
            ["teams", id, "members"] => {
                let team = self.teams.iter().find(|team| team.id.to_string() == *id)?;
                team.members.iter().map(|user| self.user(*user)).collect()
            }
            ["teams", id, "repos"] => {
                let team = self.teams.iter().find(|team| team.id.to_string() == *id)?;
                let own = self
                    .repositories
                    .iter()
                    .filter(|one| team.repositories.contains(&one.id));
                own.map(|one| self.shown(one)).collect()
            }
            ["repos", _, name, "collaborators"] => {
                let one = self.repositories.iter().find(|one| one.name == *name)?;
                one.collaborators.keys().map(|user| self.user(*user)).collect()
            }
            _ => return None,
        })
    }

    /// One thing at a path.
    fn one(&self, path: &str) -> Option<Value> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match parts.as_slice() {
            ["repos", _, name, "collaborators", login, "permission"] => {
                let one = self.repositories.iter().find(|one| one.name == *name)?;
                let user = self.users.iter().find(|(_, (other, _))| other == login)?.0;
                let word = one.collaborators.get(user)?;
                Some(json!({"permission": word, "role_name": word, "user": self.user(*user)}))
            }
            ["repositories", id] => {
                let one = self.repositories.iter().find(|one| one.id.to_string() == *id)?;
                Some(self.shown(one))
            }
            _ => None,
        }
    }
}

/// The stand-in.
pub struct Forge {
    pub address: String,
    state: Arc<Mutex<State>>,
}

impl Forge {
    pub async fn start(state: State) -> Forge {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Forge { address, state }
    }

    /// What is there, to look at or to change.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut head = Vec::new();
    let mut byte = [0_u8; 1];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let bytes = answer(&head, &mut state.lock().unwrap());
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}

fn answer(head: &str, state: &mut State) -> Vec<u8> {
    let target = head.split(' ').nth(1).unwrap().to_owned();
    state.asked.push(target.clone());
    let Some(target) = target.strip_prefix("/api/v1") else {
        return reply(404, &[], b"only the api");
    };
    if !head
        .to_ascii_lowercase()
        .contains(&format!("authorization: token {TOKEN}\r\n"))
    {
        return reply(401, &[], b"{}");
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parameter = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(key, _)| *key == name)
            .find_map(|(_, value)| value.parse::<usize>().ok())
    };
    if let Some(one) = state.one(path) {
        return reply(200, &[], one.to_string().as_bytes());
    }
    let Some(all) = state.list(path) else {
        return reply(404, &[], b"{}");
    };
    let page = parameter("page").unwrap_or(1);
    listed(
        &all,
        page,
        path.ends_with("/repos") && path.starts_with("/orgs"),
        state.lie,
    )
}

fn listed(all: &[Value], page: usize, repositories: bool, lie: Lie) -> Vec<u8> {
    let mut total = all.len();
    let start = match lie {
        Lie::SamePage => 0,
        _ => (page - 1) * PAGE,
    };
    let mut items: Vec<Value> = all.iter().skip(start).take(PAGE).cloned().collect();
    if lie == Lie::Endless || lie == Lie::SamePage {
        total = 1_000_000;
    }
    if !repositories {
        let text = Value::Array(items).to_string();
        return reply(200, &[("x-total-count", all.len().to_string())], text.as_bytes());
    }
    match lie {
        Lie::Endless => {
            items = vec![all[0].clone()];
            items[0]["id"] = json!(100_000 + page);
            items[0]["name"] = json!(format!("more-{page}"));
        }
        Lie::HugeId if !items.is_empty() => items[0]["id"] = json!(1_i64 << 53),
        Lie::TwoUnderOneId if items.len() == 2 => {
            let mut other = items[0].clone();
            other["id"] = items[1]["id"].clone();
            items[0] = other;
        }
        Lie::LongerThanItIs => total += 5,
        Lie::Fails => return reply(500, &[], b"{}"),
        _ => {}
    }
    let mut text = Value::Array(items).to_string();
    if lie == Lie::TwiceTheField {
        text = text.replacen("\"archived\":false", "\"archived\":false,\"archived\":true", 1);
    }
    let whole = reply(200, &[("x-total-count", total.to_string())], text.as_bytes());
    if lie == Lie::CutOff {
        return whole[..whole.len() - 10].to_vec();
    }
    whole
}

fn reply(status: u16, headers: &[(&str, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
