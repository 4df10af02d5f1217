//! Where a feed has its services, by its own index; asked for again after a minute.

use super::super::passing::Passing;
use super::{document, unread};
use bailiwick_authority::Fault;
use bailiwick_model::UpstreamId;
use bailiwick_upstream::{Address, Fields, OutgoingBody};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

const INDEX: &str = "/v3/index.json";
const INDEX_BYTES_MAX: usize = 1 << 20;
const KEPT_FOR: Duration = Duration::from_secs(60);

const FLAT: &[&str] = &["PackageBaseAddress/3.0.0"];
const PUBLISH: &[&str] = &["PackagePublish/2.0.0"];
/// The fullest first.
const REGISTRATION: &[&str] = &[
    "RegistrationsBaseUrl/3.6.0",
    "RegistrationsBaseUrl/3.4.0",
    "RegistrationsBaseUrl/3.0.0-rc",
    "RegistrationsBaseUrl/3.0.0-beta",
    "RegistrationsBaseUrl",
];

/// Paths below the feed's address, without a slash at the end; none for what it does not have there.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Services {
    /// Packages by id and version.
    pub flat: Option<String>,
    /// Where packages are sent.
    pub publish: Option<String>,
    /// What is said of packages.
    pub registration: Option<String>,
}

type Known = HashMap<UpstreamId, (Address, Instant, Arc<Services>)>;

// They are the same for everybody: a feed is asked with the gateway's own credential.
static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// The services of the feed that a request goes to.
pub async fn of(passing: &Passing) -> Result<Arc<Services>, Fault> {
    let upstream = &passing.upstream;
    let address = upstream.web()?.address().clone();
    let known = {
        let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&upstream.id).cloned()
    };
    if let Some((of, since, services)) = known
        && of == address
        && since.elapsed() < KEPT_FOR
    {
        return Ok(services);
    }
    let answer = passing
        .ask_with(
            Method::GET,
            INDEX.to_owned(),
            &Fields::default(),
            OutgoingBody::Nothing,
        )
        .await?;
    if answer.status != StatusCode::OK {
        return Err(unread(upstream, "no index of a feed at /v3/index.json"));
    }
    let bytes = document(upstream, answer, INDEX_BYTES_MAX).await?;
    let index = serde_json::from_slice(&bytes).map_err(|_| unread(upstream, "an index that is no JSON"))?;
    let services = Arc::new(read(&index, &address));
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.insert(upstream.id, (address, Instant::now(), services.clone()));
    Ok(services)
}

/// What an index tells.
// SECURITY: only of what is below the feed's address. Elsewhere it would be asked with the feed's credential, or without
// anybody having decided.
pub fn read(index: &Value, address: &Address) -> Services {
    let resources = index.get("resources").and_then(Value::as_array);
    let find = |kinds: &[&str]| {
        kinds.iter().find_map(|kind| {
            let mut all = resources.into_iter().flatten();
            all.find_map(|resource| {
                let id = resource.get("@id").and_then(Value::as_str)?;
                let is = is_of(resource.get("@type")?, kind);
                let below = address
                    .below(id)
                    .filter(|path| is && !path.contains(['?', '#']))?;
                Some(below.trim_end_matches('/').to_owned())
            })
        })
    };
    Services {
        flat: find(FLAT),
        publish: find(PUBLISH),
        registration: find(REGISTRATION),
    }
}

fn is_of(kinds: &Value, kind: &str) -> bool {
    match kinds {
        Value::String(one) => one == kind,
        Value::Array(all) => all.iter().any(|one| one == kind),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

impl Services {
    /// The index of the same at this server.
    pub fn index(&self, home: &str) -> Value {
        let mut resources = Vec::new();
        let mut put = |there: &Option<String>, path: &str, kinds: &[&str]| {
            if there.is_some() {
                let entries = kinds
                    .iter()
                    .map(|kind| json!({"@id": format!("{home}{path}"), "@type": kind}));
                resources.extend(entries);
            }
        };
        put(&self.flat, "/v3/flat/", FLAT);
        put(&self.publish, "/api/v2/package", PUBLISH);
        put(&self.registration, "/v3/registration/", REGISTRATION);
        json!({"version": "3.0.0", "resources": resources})
    }
}

#[cfg(test)]
mod tests {
    use super::{Services, read};
    use bailiwick_upstream::Address;
    use serde_json::json;

    #[test]
    fn only_what_is_below_the_feed_is_known() {
        let address = Address::parse("https://feed.example.com/sub").unwrap();
        let index = json!({"version": "3.0.0", "resources": [
            {"@id": "https://cdn.example.com/flat/", "@type": "PackageBaseAddress/3.0.0"},
            {"@id": "https://feed.example.com/other/", "@type": "PackageBaseAddress/3.0.0"},
            {"@id": "https://feed.example.com/sub/flat/", "@type": ["Other", "PackageBaseAddress/3.0.0"]},
            {"@id": "https://feed.example.com/sub/search", "@type": "SearchQueryService"},
            {"@id": "https://feed.example.com/sub/../push", "@type": "PackagePublish/2.0.0"},
            {"@id": "https://feed.example.com/sub/push?key=1", "@type": "PackagePublish/2.0.0"},
            {"@id": "https://feed.example.com/sub/old/", "@type": "RegistrationsBaseUrl"},
            {"@id": "https://feed.example.com/sub/new/", "@type": "RegistrationsBaseUrl/3.6.0"},
            {"@type": "RegistrationsBaseUrl/3.6.0"}, 7,
        ]});
        let services = read(&index, &address);
        assert_eq!(
            services,
            Services {
                flat: Some("/flat".into()),
                publish: None,
                registration: Some("/new".into()),
            }
        );
        let told = services.index("https://here/-/feed").to_string();
        assert!(
            !told.contains("example.com") && !told.contains("PackagePublish") && !told.contains("Search"),
            "{told}"
        );
        assert!(told.contains("https://here/-/feed/v3/flat/"), "{told}");
        assert_eq!(read(&json!(["x"]), &address), Services::default());
    }
}
