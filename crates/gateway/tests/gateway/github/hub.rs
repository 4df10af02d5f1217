//! A stand-in for GitHub's App flows: it checks what it is asked as GitHub does, and refuses what is wrong.

use super::wire::{Said, Seen, serve};
use crate::harness::TestClock;
use bailiwick_authority::Clock;
use bailiwick_model::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

pub const CLIENT: &str = "Iv1.0123456789abcdef";
pub const SECRET: &str = "client-secret";
pub const APP: i64 = 9001;
const INSTALLATION: u64 = 31;
/// What the App may do there.
const HELD: &[(&str, &str)] = &[
    ("metadata", "read"),
    ("contents", "write"),
    ("issues", "write"),
    ("pull_requests", "write"),
    ("actions", "read"),
    ("members", "read"),
];

/// A code that somebody was given, and what it is bound to.
struct Code {
    challenge: String,
    redirect: String,
    login: String,
    id: u64,
}

#[derive(Clone)]
struct Person {
    login: String,
    id: u64,
    until: Timestamp,
}

#[derive(Default)]
pub struct State {
    codes: HashMap<String, Code>,
    /// Refresh tokens that work, with the token that ends with them.
    refresh: HashMap<String, (String, String, u64)>,
    persons: HashMap<String, Person>,
    /// Installation tokens with what they reach.
    lent: HashMap<String, (Vec<i64>, Value, Timestamp)>,
    pub installed: bool,
    /// Gives a token for everything, as a server does that cannot narrow.
    pub wide: bool,
    /// Answers the next calls of the API so.
    pub next: VecDeque<Said>,
    /// What every call of the token endpoint waits for.
    pub gate: Option<Arc<tokio::sync::Semaphore>>,
    pub client_secret: String,
    /// What has which number, by the path that tells it.
    pub numbers: BTreeMap<&'static str, u64>,
    count: u64,
}

#[derive(Clone)]
pub struct Hub {
    pub port: u16,
    pub state: Arc<Mutex<State>>,
    pub seen: Arc<Mutex<Vec<Seen>>>,
}

impl Hub {
    pub async fn start(clock: Arc<TestClock>) -> Hub {
        let state = Arc::new(Mutex::new(State {
            installed: true,
            client_secret: SECRET.into(),
            numbers: BTreeMap::from([
                ("/repos/acme-inc/site-up", 4242),
                ("/repos/acme-inc/www", 4343),
                ("/users/acme-inc", 77),
                ("/users/acme", 77),
                ("/users/bobby", 7),
                ("/users/ally", 9),
            ]),
            ..State::default()
        }));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let shared = state.clone();
        let handler = Arc::new(move |request: Seen| {
            let (state, clock) = (shared.clone(), clock.clone());
            Box::pin(async move {
                let gate = state.lock().unwrap().gate.clone();
                if let (Some(gate), true) = (gate, is_lending(&request)) {
                    gate.acquire().await.unwrap().forget();
                }
                let now = clock.now();
                state.lock().unwrap().answer(&request, now)
            }) as super::wire::Future_
        });
        let port = serve(seen.clone(), handler).await;
        Hub { port, state, seen }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Takes what was seen, but for what the gateway itself asked about names.
    pub fn taken(&self) -> Vec<Seen> {
        let all = std::mem::take(&mut *self.seen.lock().unwrap());
        all.into_iter().filter(|one| !is_about_a_name(one)).collect()
    }

    /// Takes what the gateway itself asked about names.
    pub fn asked_about_names(&self) -> Vec<String> {
        let all = std::mem::take(&mut *self.seen.lock().unwrap());
        let asked = all.into_iter().filter(is_about_a_name);
        asked.map(|one| one.target).collect()
    }

    /// What is told about a path from now on.
    pub fn number(&self, path: &'static str, number: u64) {
        self.state.lock().unwrap().numbers.insert(path, number);
    }

    /// The calls that gave tokens out.
    pub fn lendings(&self) -> usize {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .filter(|one| is_lending(one))
            .count()
    }

    /// The next call of the API is answered so.
    pub fn say(&self, said: Said) {
        self.state.lock().unwrap().next.push_back(said);
    }

    /// A person signs in there and agrees; gives the path that the browser comes back to.
    pub fn consent(&self, url: &str, login: &str, id: u64) -> String {
        let (address, query) = url.split_once('?').unwrap();
        assert_eq!(address, format!("{}/login/oauth/authorize", self.address()));
        let of: BTreeMap<String, String> = form(query);
        assert_eq!(of["client_id"], CLIENT);
        assert_eq!(of["code_challenge_method"], "S256");
        assert!(of["state"].len() >= 32, "{url}");
        let mut state = self.state.lock().unwrap();
        state.count += 1;
        let code = format!("code{}", state.count);
        let redirect = of["redirect_uri"].clone();
        let path = redirect
            .strip_prefix(crate::harness::BASE_URL)
            .unwrap()
            .to_owned();
        let given = Code {
            challenge: of["code_challenge"].clone(),
            redirect,
            login: login.into(),
            id,
        };
        state.codes.insert(code.clone(), given);
        format!("{path}?code={code}&state={}", of["state"])
    }

    /// Takes every refresh token back.
    pub fn forget_refresh_tokens(&self) {
        self.state.lock().unwrap().refresh.clear();
    }

    /// Uses a person's only refresh token as another node would; gives the pair.
    pub fn refresh_elsewhere(&self, used: &str, now: Timestamp) -> (String, String) {
        let mut state = self.state.lock().unwrap();
        let (old, login, id) = state.refresh.remove(used).unwrap();
        state.persons.remove(&old);
        state.pair(login, id, now)
    }

    pub fn refresh_tokens(&self) -> Vec<String> {
        self.state.lock().unwrap().refresh.keys().cloned().collect()
    }
}

fn is_lending(request: &Seen) -> bool {
    request.target.ends_with("/access_tokens") || request.target == "/login/oauth/access_token"
}

/// What no client of these tests sends.
fn is_about_a_name(request: &Seen) -> bool {
    let path = request.target.strip_prefix("/api/v3").unwrap_or_default();
    let depth = path.matches('/').count();
    request.header("user-agent") == "bailiwick"
        && (path.starts_with("/repos/") && depth == 3 || path.starts_with("/users/") && depth == 2)
}

pub fn form(text: &str) -> BTreeMap<String, String> {
    text.split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let two: Vec<u8> = bytes.by_ref().take(2).collect();
            out.push(u8::from_str_radix(std::str::from_utf8(&two).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}

pub fn json_with(status: u16, body: &Value) -> Said {
    let headers = vec![("content-type".into(), "application/json; charset=utf-8".into())];
    Said::Whole(status, headers, body.to_string())
}

impl State {
    /// Takes every token of the installation back.
    pub fn forget_lent(&mut self) {
        self.lent.clear();
    }

    fn answer(&mut self, request: &Seen, now: Timestamp) -> Said {
        let Some(path) = request.target.strip_prefix("/api/v3") else {
            return match request.target.as_str() {
                "/login/oauth/access_token" => self.exchange(request, now),
                _ => self.git(request, now),
            };
        };
        let bearer = request
            .header("authorization")
            .strip_prefix("Bearer ")
            .unwrap_or("");
        if is_about_a_name(request) {
            let known = self.persons.get(bearer).is_some_and(|one| now < one.until)
                || self.lent.get(bearer).is_some_and(|(_, _, until)| now < *until);
            return match self.numbers.get(path) {
                _ if !known && !bearer.is_empty() => json_with(401, &json!({"message": "Bad credentials"})),
                Some(0) => Said::Whole(301, vec![("location".into(), "/elsewhere".into())], String::new()),
                Some(number) => json_with(200, &json!({"id": number})),
                None => json_with(404, &json!({"message": "Not Found"})),
            };
        }
        match (request.method.as_str(), path) {
            ("GET", "/orgs/acme-inc/installation") => self.installation(bearer, now),
            ("POST", path) if path.starts_with("/app/installations/") => self.lend(request, bearer, now),
            ("DELETE", path) if path.starts_with("/applications/") => self.give_back(request),
            ("GET", "/user") => match self.persons.get(bearer).filter(|one| now < one.until) {
                Some(one) => json_with(200, &json!({"login": one.login, "id": one.id})),
                None => json_with(401, &json!({"message": "Bad credentials"})),
            },
            _ => self.resource(request, bearer, now),
        }
    }

    /// Anything else of the API: told whose token came.
    fn resource(&mut self, request: &Seen, bearer: &str, now: Timestamp) -> Said {
        let who = if request.header("authorization").is_empty() {
            String::from("visitor")
        } else if let Some(person) = self.persons.get(bearer).filter(|one| now < one.until) {
            person.login.clone()
        } else if self.lent.get(bearer).is_some_and(|(_, _, until)| now < *until) {
            String::from("installation")
        } else {
            return json_with(401, &json!({"message": "Bad credentials"}));
        };
        match self.next.pop_front() {
            Some(said) => said,
            None => json_with(200, &json!({"who": who, "target": request.target})),
        }
    }

    fn git(&mut self, request: &Seen, now: Timestamp) -> Said {
        let basic = request
            .header("authorization")
            .strip_prefix("Basic ")
            .unwrap_or("");
        let pair = String::from_utf8(STANDARD.decode(basic).unwrap_or_default()).unwrap();
        let token = pair.strip_prefix("x-access-token:").unwrap_or("");
        let person = self.persons.get(token).is_some_and(|one| now < one.until);
        let app = self.lent.get(token).is_some_and(|(_, _, until)| now < *until);
        if !person && !app {
            return Said::Whole(
                401,
                vec![("www-authenticate".into(), "Basic".into())],
                String::new(),
            );
        }
        let service = request.target.split("service=").nth(1).unwrap_or("");
        let kind = format!("application/x-{service}-advertisement");
        Said::Whole(200, vec![("content-type".into(), kind)], String::from("0000"))
    }

    fn exchange(&mut self, request: &Seen, now: Timestamp) -> Said {
        assert_eq!(request.method, "POST");
        assert_eq!(
            request.header("content-type"),
            "application/x-www-form-urlencoded"
        );
        assert_eq!(request.header("accept"), "application/json");
        let of = form(&request.body);
        let error = |name: &str| json_with(200, &json!({"error": name}));
        if of["client_id"] != CLIENT || of["client_secret"] != self.client_secret {
            return error("incorrect_client_credentials");
        }
        if of.get("grant_type").map(String::as_str) == Some("refresh_token") {
            let Some((old, login, id)) = self.refresh.remove(&of["refresh_token"]) else {
                return error("bad_refresh_token");
            };
            self.persons.remove(&old);
            let pair = self.pair(login, id, now);
            return json_with(200, &given(&pair));
        }
        // Once, whatever is wrong with it.
        let Some(code) = self.codes.remove(&of["code"]) else {
            return error("bad_verification_code");
        };
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, of["code_verifier"].as_bytes()));
        if challenge != code.challenge || of["redirect_uri"] != code.redirect {
            return error("incorrect_pkce");
        }
        let pair = self.pair(code.login, code.id, now);
        json_with(200, &given(&pair))
    }

    fn pair(&mut self, login: String, id: u64, now: Timestamp) -> (String, String) {
        self.count += 1;
        let (token, refresh) = (format!("ghu_{}", self.count), format!("ghr_{}", self.count));
        let until = now.plus_seconds(28_800);
        self.refresh
            .insert(refresh.clone(), (token.clone(), login.clone(), id));
        self.persons.insert(token.clone(), Person { login, id, until });
        (token, refresh)
    }

    fn installation(&self, claim: &str, now: Timestamp) -> Said {
        if let Err(what) = check_claim(claim, now) {
            return json_with(401, &json!({"message": what}));
        }
        if !self.installed {
            return json_with(404, &json!({"message": "Not Found"}));
        }
        json_with(
            200,
            &json!({"id": INSTALLATION, "account": {"login": "Acme-Inc", "id": 77}, "suspended_at": null}),
        )
    }

    fn lend(&mut self, request: &Seen, claim: &str, now: Timestamp) -> Said {
        if let Err(what) = check_claim(claim, now) {
            return json_with(401, &json!({"message": what}));
        }
        let right = format!("/api/v3/app/installations/{INSTALLATION}/access_tokens");
        if !self.installed || request.target != right {
            return json_with(404, &json!({"message": "Not Found"}));
        }
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let asked = body["permissions"].as_object().unwrap();
        assert!(!asked.is_empty(), "an empty set is everything");
        let held = |(name, level): (&String, &Value)| {
            HELD.iter()
                .any(|(one, most)| one == name && (level == "read" || level == most))
        };
        if !asked.iter().all(held) {
            return json_with(
                422,
                &json!({"message": "The permissions requested are not granted"}),
            );
        }
        let ids: Vec<i64> = body["repository_ids"]
            .as_array()
            .map(|all| all.iter().map(|id| id.as_i64().unwrap()).collect())
            .unwrap_or_default();
        if !ids.iter().all(|id| [4242, 4343].contains(id)) {
            return json_with(422, &json!({"message": "no such repository"}));
        }
        self.count += 1;
        let token = format!("ghs_{}", self.count);
        let until = now.plus_seconds(3600);
        self.lent
            .insert(token.clone(), (ids.clone(), body["permissions"].clone(), until));
        let mut answer = json!({
            "token": token,
            "expires_at": until.rfc3339(),
            "permissions": body["permissions"],
            "repository_selection": if ids.is_empty() { "all" } else { "selected" },
        });
        if !ids.is_empty() {
            answer["repositories"] = ids.iter().map(|id| json!({"id": id})).collect();
        }
        if self.wide {
            answer["permissions"] = json!({"metadata": "read", "administration": "write"});
        }
        json_with(201, &answer)
    }

    fn give_back(&mut self, request: &Seen) -> Said {
        let pair = format!(
            "Basic {}",
            STANDARD.encode(format!("{CLIENT}:{}", self.client_secret))
        );
        if request.header("authorization") != pair {
            return json_with(404, &json!({}));
        }
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let token = body["access_token"].as_str().unwrap();
        self.refresh.retain(|_, (one, _, _)| one != token);
        match self.persons.remove(token) {
            Some(_) => Said::Whole(204, Vec::new(), String::new()),
            None => json_with(404, &json!({})),
        }
    }
}

fn given((token, refresh): &(String, String)) -> Value {
    json!({
        "access_token": token, "expires_in": 28_800, "refresh_token": refresh,
        "refresh_token_expires_in": 15_897_600, "scope": "", "token_type": "bearer",
    })
}

/// An App's claim as GitHub checks it.
pub fn check_claim(claim: &str, now: Timestamp) -> Result<(), String> {
    let parts: Vec<&str> = claim.split('.').collect();
    let [head, claims, signature] = parts[..] else {
        return Err(format!("not a claim: {claim}"));
    };
    let read =
        |text: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap() };
    if read(head)["alg"] != "RS256" {
        return Err("alg".into());
    }
    let der = super::KEY
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect::<String>();
    let pair = RsaKeyPair::from_der(&STANDARD.decode(der).unwrap()).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
        .verify(
            format!("{head}.{claims}").as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
        .map_err(|_| "A JSON web token could not be decoded".to_owned())?;
    let claims = read(claims);
    let (issued, ends) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    if issued > now.seconds() || ends <= now.seconds() || ends > now.seconds() + 600 {
        return Err(format!("times: {claims}"));
    }
    if claims["iss"] != APP && claims["iss"] != CLIENT {
        return Err("iss".into());
    }
    Ok(())
}
