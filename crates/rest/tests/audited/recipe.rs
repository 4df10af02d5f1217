//! What a recipe is, and the kitchen in which it is played.

use crate::content::{Seeded, seed};
use crate::harness::World;
use bailiwick_catalogue::{Operation, OperationIndex, operation};
use bailiwick_model::TokenId;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// One change that succeeds, and how it is made to fail. `{name}` in paths and bodies stands for what an earlier
/// step kept, or for `first`, `second`, `next` (commits of acme/site),
/// `site` (its directory) and `directory` (the server's).
pub struct Recipe {
    pub operation: &'static Operation,
    /// The main event's action.
    pub action: &'static str,
    /// Further events of the same request, in order.
    pub more: Vec<&'static str>,
    path: &'static str,
    body: Value,
    by: &'static str,
    steps: Vec<Step>,
    wrong: Wrong,
    stocked: bool,
}

struct Step {
    by: &'static str,
    method: &'static str,
    path: &'static str,
    body: Value,
    keep: Vec<(&'static str, &'static str)>,
}

/// What is wrong with the request that fails.
enum Wrong {
    /// Its body is not JSON.
    Broken,
    /// Another body.
    Body(Value),
    /// It names what is not there or does not fit.
    Path(&'static str),
    /// The same, where that is a refusal.
    Refused(&'static str),
}

/// A recipe for an operation: by alice, without a body.
pub fn recipe(index: OperationIndex, path: &'static str) -> Recipe {
    let operation = operation(index).unwrap();
    Recipe {
        operation,
        action: operation.action,
        more: Vec::new(),
        path,
        body: Value::Null,
        by: "alice",
        steps: Vec::new(),
        wrong: Wrong::Broken,
        stocked: false,
    }
}

impl Recipe {
    /// Where registries of packages are behind the server, with packages of acme and bob.
    pub fn stocked(mut self) -> Recipe {
        self.stocked = true;
        self
    }

    pub fn body(mut self, body: Value) -> Recipe {
        self.body = body;
        self
    }

    /// Who does it: a login, or a credential that a step kept; nobody if empty.
    pub fn by(mut self, by: &'static str) -> Recipe {
        self.by = by;
        self
    }

    /// The action, where it says more exactly than the operation what was done.
    pub fn action(mut self, action: &'static str) -> Recipe {
        self.action = action;
        self
    }

    /// Further events of the same request.
    pub fn more(mut self, actions: &[&'static str]) -> Recipe {
        self.more.extend(actions);
        self
    }

    /// What alice does before.
    pub fn after(self, method: &'static str, path: &'static str, body: Value) -> Recipe {
        self.after_by("alice", method, path, body)
    }

    /// What somebody does before.
    pub fn after_by(
        mut self,
        by: &'static str,
        method: &'static str,
        path: &'static str,
        body: Value,
    ) -> Recipe {
        self.steps.push(Step {
            by,
            method,
            path,
            body,
            keep: Vec::new(),
        });
        self
    }

    /// Keeps a field of the last step's answer.
    pub fn keep(mut self, name: &'static str, pointer: &'static str) -> Recipe {
        self.steps.last_mut().unwrap().keep.push((name, pointer));
        self
    }

    /// Fails with this body.
    pub fn wrong_body(mut self, body: Value) -> Recipe {
        self.wrong = Wrong::Body(body);
        self
    }

    /// Fails at this path.
    pub fn wrong_path(mut self, path: &'static str) -> Recipe {
        self.wrong = Wrong::Path(path);
        self
    }

    /// Is refused at this path: nothing but a name in the path can be wrong, and the decision looks names up.
    pub fn refused_path(mut self, path: &'static str) -> Recipe {
        self.wrong = Wrong::Refused(path);
        self
    }

    pub fn is_anonymous(&self) -> bool {
        self.by.is_empty()
    }

    pub fn wrong_outcome(&self) -> &'static str {
        match self.wrong {
            Wrong::Refused(_) => "refused",
            Wrong::Broken | Wrong::Body(_) | Wrong::Path(_) => "failed",
        }
    }
}

/// An answer and what to find its events by.
#[derive(Debug)]
pub struct Played {
    pub status: u16,
    pub request_id: String,
    pub text: String,
}

/// A world in which the steps before were done.
pub struct Kitchen {
    pub world: World,
    kept: BTreeMap<&'static str, Value>,
    by: String,
    /// The state around the refused request.
    refused: Mutex<(Vec<String>, Vec<String>)>,
}

impl Kitchen {
    pub async fn prepare(recipe: &Recipe) -> Kitchen {
        let world = World::new();
        let Seeded {
            repository,
            first,
            second,
            next,
        } = seed(&world, "site");
        let mut kept = BTreeMap::from([
            ("first", json!(first.to_string())),
            ("second", json!(second.to_string())),
            ("next", json!(next.to_string())),
            ("site", json!(repository.directory())),
            ("directory", json!(world.directory.path())),
        ]);
        if recipe.path.contains("{planted}") {
            kept.insert("planted", json!(crate::planted::deploy_key(&world).await));
        }
        if recipe.stocked {
            kept.extend(crate::packages::stocked(&world).await);
        }
        let sessions: BTreeMap<_, _> = ["alice", "bob", "carol", "mallory"]
            .map(|login| (login, world.session(login)))
            .into();
        let credential = |by: &str, kept: &BTreeMap<&'static str, Value>| match sessions.get(by) {
            Some(session) => session.clone(),
            None => written(by, kept),
        };
        for step in &recipe.steps {
            let (path, body) = (written(step.path, &kept), filled(&step.body, &kept));
            let answer = world
                .call(step.method, &path, &credential(step.by, &kept), body)
                .await;
            let good = (200..300).contains(&answer.status);
            assert!(
                good,
                "{}: {} {path}: {answer:?}",
                recipe.operation.id, step.method
            );
            for (name, pointer) in &step.keep {
                let value = answer.json.pointer(pointer).cloned();
                kept.insert(
                    name,
                    value.unwrap_or_else(|| panic!("no {pointer} in {}", answer.json)),
                );
            }
        }
        Kitchen {
            by: credential(recipe.by, &kept),
            world,
            kept,
            refused: Mutex::default(),
        }
    }

    pub async fn play_right(&self, recipe: &Recipe) -> Played {
        self.play(recipe, recipe.path, &self.by, self.bytes(&recipe.body))
            .await
    }

    pub async fn play_wrong(&self, recipe: &Recipe) -> Played {
        let (path, bytes) = match &recipe.wrong {
            Wrong::Broken => {
                assert!(
                    !recipe.body.is_null(),
                    "{}: say what is wrong",
                    recipe.operation.id
                );
                (recipe.path, b"{\"x\":".to_vec())
            }
            Wrong::Body(body) => (recipe.path, self.bytes(body)),
            Wrong::Path(path) | Wrong::Refused(path) => (*path, self.bytes(&recipe.body)),
        };
        self.play(recipe, path, &self.by, bytes).await
    }

    /// By a live token of the same person (of bob, where it is somebody else's) that holds next to nothing.
    pub async fn play_refused(&self, recipe: &Recipe) -> (TokenId, Played) {
        let login = if recipe.by == "alice" { "alice" } else { "bob" };
        let grant = json!({"issues": "read"});
        let (id, token) = self
            .world
            .mint_approved(login, "powerless", &["site"], grant)
            .await;
        let before = self.state();
        let bytes = self.bytes(&recipe.body);
        let played = self.play(recipe, recipe.path, &token, bytes).await;
        *self.refused.lock().unwrap() = (before, self.state());
        (TokenId(id), played)
    }

    pub fn state_refused(&self) -> (Vec<String>, Vec<String>) {
        self.refused.lock().unwrap().clone()
    }

    fn bytes(&self, body: &Value) -> Vec<u8> {
        match filled(body, &self.kept) {
            Value::Null => Vec::new(),
            body => body.to_string().into_bytes(),
        }
    }

    async fn play(&self, recipe: &Recipe, path: &str, credential: &str, body: Vec<u8>) -> Played {
        let path = format!("/api/v3{}", written(path, &self.kept));
        let mut request = http::Request::builder().method(recipe.operation.method).uri(path);
        if !credential.is_empty() {
            request = request.header("authorization", format!("Bearer {credential}"));
        }
        let request = request.body(bailiwick_gate::whole(body)).unwrap();
        let answer = self.world.send(request).await;
        Played {
            status: answer.status,
            request_id: answer.header("x-github-request-id").to_owned(),
            text: String::from_utf8_lossy(&answer.bytes).into_owned(),
        }
    }

    /// Every row but those of the log, and every file of the repositories.
    pub fn state(&self) -> Vec<String> {
        let mut state = self
            .world
            .rows_besides(&["audit_event", "audit_head", "ids", "sqlite_sequence"]);
        state.extend(self.world.files());
        state
    }
}

/// A text with what was kept put in.
fn written(text: &str, kept: &BTreeMap<&'static str, Value>) -> String {
    let mut text = text.to_owned();
    for (name, value) in kept {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text = text.replace(&format!("{{{name}}}"), &value);
    }
    assert!(
        !text.contains('{'),
        "{text}: kept are {:?}",
        kept.keys().collect::<BTreeSet<_>>()
    );
    text
}

/// A body with what was kept put in; a text that is nothing else becomes the value itself.
fn filled(body: &Value, kept: &BTreeMap<&'static str, Value>) -> Value {
    match body {
        Value::String(text) => {
            let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
            match bare.and_then(|name| kept.get(name)) {
                Some(value) => value.clone(),
                None => written(text, kept).into(),
            }
        }
        Value::Array(items) => items.iter().map(|item| filled(item, kept)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), filled(value, kept)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => body.clone(),
    }
}
