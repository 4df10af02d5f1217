//! A browser as far as the server sees one: cookies, the origin of forms, and what a page's form would send.

use crate::harness::{Answered, BASE_URL, World};
use bailiwick_gate::{encode, whole};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// One browser with its cookies.
pub struct Browser<'w> {
    pub world: &'w World,
    pub cookies: Mutex<BTreeMap<String, String>>,
}

impl World {
    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser<'_> {
        Browser {
            world: self,
            cookies: Mutex::default(),
        }
    }

    /// A browser with a session of a person, in sudo mode.
    pub fn signed_in(&self, login: &str) -> Browser<'_> {
        let browser = self.browser();
        browser.set("bailiwick-session", &self.session(login));
        browser
    }
}

impl Browser<'_> {
    pub fn set(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.into(), value.into());
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Sends a request with the cookies, and keeps those of the answer.
    pub async fn send(&self, mut request: http::request::Builder, body: String) -> Answered {
        let cookies: Vec<String> = self
            .cookies
            .lock()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let answer = self.world.send(request.body(whole(body)).unwrap()).await;
        for set in answer.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, rest) = set.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if set.contains("Max-Age=0") {
                self.cookies.lock().unwrap().remove(name);
            } else {
                self.set(name, value);
            }
        }
        answer
    }

    pub async fn get(&self, path: &str) -> Answered {
        let request = http::Request::builder()
            .uri(path)
            .header("sec-fetch-site", "same-origin");
        self.send(request, String::new()).await
    }

    /// The guard that the forms of the start page carry now.
    pub async fn csrf(&self) -> String {
        let page = self.get("/settings/sessions").await;
        if self.cookie("bailiwick-session").is_some() {
            return hidden(page.text(), "csrf");
        }
        hidden(self.get("/login").await.text(), "csrf")
    }

    /// Sends a form as the page that shows it would.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answered {
        let csrf = self.csrf().await;
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        self.post_raw(
            path,
            &all,
            &[("origin", BASE_URL), ("sec-fetch-site", "same-origin")],
        )
        .await
    }

    /// Sends exactly these fields and headers.
    pub async fn post_raw(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answered {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let mut request = http::Request::builder()
            .method("POST")
            .uri(path)
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request, body.join("&")).await
    }
}

/// The password that `with_password` gives.
pub const PASSWORD: &str = "correct horse battery";

/// Gives bob a password as an administrator does.
pub async fn with_password(world: &World) {
    let alice = world.session("alice");
    let body = serde_json::json!({"password": PASSWORD});
    world
        .call("PATCH", "/admin/users/bob", &alice, body)
        .await
        .expect(200);
}

/// The value of a hidden field.
#[track_caller]
pub fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let at = page
        .find(&start)
        .unwrap_or_else(|| panic!("no field {name} in {page}"))
        + start.len();
    page[at..].split('"').next().unwrap().to_owned()
}

impl Answered {
    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// Checks that the page says something.
    #[track_caller]
    pub fn says(self, text: &str) -> Answered {
        assert!(self.text().contains(text), "no {text:?} in {}", self.main());
        self
    }

    /// Checks that the page does not say something.
    #[track_caller]
    pub fn hides(self, text: &str) -> Answered {
        assert!(!self.text().contains(text), "{text:?} in {}", self.main());
        self
    }

    /// The page without what surrounds it, for messages.
    fn main(&self) -> &str {
        let text = self.text();
        text.find("<main").map_or(text, |at| &text[at..])
    }
}
