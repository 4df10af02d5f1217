//! What a feed says of a package, with every address in it led home, and those that lead elsewhere left out.

use super::super::passing::Passing;
use super::services::Services;
use super::{begun, document, home, json, plain, served, unread};
use bailiwick_authority::upstream::Upstream;
use bailiwick_gate::{Answer, StreamCall};
use bailiwick_upstream::{Address, OutgoingBody};
use bailiwick_wire::nuget;
use http::{Method, StatusCode};
use serde_json::{Map, Value};
use std::sync::Arc;

const DOCUMENT_BYTES_MAX: usize = 16 << 20;

/// Serves a document.
pub async fn serve(call: StreamCall, upstream: &Arc<Upstream>) -> Answer {
    let (mut passing, services) = begun(call, upstream).await?;
    let base = served(services.registration.as_deref())?;
    let request = &passing.request;
    let target = format!(
        "{base}/{}/{}",
        request.parameter("package_normal"),
        request.parameter("page")
    );
    plain(&mut passing.request);
    let answer = passing.ask_by(Method::GET, target, OutgoingBody::Nothing).await?;
    if answer.status != StatusCode::OK {
        return passing.reply(answer).await;
    }
    let bytes = document(upstream, answer, DOCUMENT_BYTES_MAX).await?;
    let mut value =
        serde_json::from_slice(&bytes).map_err(|_| unread(upstream, "a registration that is no JSON"))?;
    let led = Led::new(&passing, &services, upstream.web()?.address());
    led.value(&mut value);
    Ok(json(value.to_string()))
}

/// How addresses of the feed become this server's.
struct Led<'a> {
    address: &'a Address,
    home: String,
    services: &'a Services,
}

impl<'a> Led<'a> {
    fn new(passing: &Passing, services: &'a Services, address: &'a Address) -> Led<'a> {
        Led {
            address,
            home: home(&passing.request, &passing.upstream),
            services,
        }
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::Array(all) => all.iter_mut().for_each(|one| self.value(one)),
            Value::Object(fields) => self.object(fields),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    // SECURITY: what a client follows leads to this server, whatever the feed says. Addresses that are only shown to
    // people stay, unless they are the feed's own.
    fn object(&self, fields: &mut Map<String, Value>) {
        fields.remove("@context");
        if let Some(package) = fields
            .contains_key("packageContent")
            .then(|| self.package(fields))
        {
            match package {
                Some(address) => fields.insert("packageContent".into(), address.into()),
                None => fields.remove("packageContent"),
            };
        }
        fields.retain(|name, value| {
            let Value::String(text) = value else {
                self.value(value);
                return true;
            };
            if name == "packageContent" {
                return true;
            }
            let follows = matches!(name.as_str(), "@id" | "registration" | "parent" | "catalogEntry");
            let theirs = self.address.below(text).filter(|_| text.contains("://"));
            match theirs.and_then(|below| self.led(below)) {
                Some(address) => {
                    *text = address;
                    true
                }
                None => theirs.is_none() && !(follows && text.contains(':')),
            }
        });
    }

    /// A path of the feed, below one of the services that are known.
    fn led(&self, below: &str) -> Option<String> {
        let services = [
            (&self.services.registration, "/v3/registration"),
            (&self.services.flat, "/v3/flat"),
        ];
        services.into_iter().find_map(|(theirs, ours)| {
            let rest = below.strip_prefix(theirs.as_deref()?)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{}{ours}{rest}", self.home))
        })
    }

    /// Where the package is that an entry tells of, by its id and version.
    fn package(&self, fields: &Map<String, Value>) -> Option<String> {
        self.services.flat.as_ref()?;
        let text = |name: &str| {
            let entry = fields.get("catalogEntry").and_then(|entry| entry.get(name));
            entry.or_else(|| fields.get(name)).and_then(Value::as_str)
        };
        let (id, version) = (
            nuget::normal(text("id")?)?,
            nuget::version::normal(text("version")?)?,
        );
        Some(format!(
            "{}/v3/flat/{id}/{version}/{id}.{version}.nupkg",
            self.home
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{Led, Services};
    use bailiwick_upstream::Address;
    use serde_json::json;

    #[test]
    fn nothing_leads_around_this_server() {
        let address = Address::parse("https://feed.example.com").unwrap();
        let services = Services {
            flat: Some("/flat".into()),
            publish: None,
            registration: Some("/reg".into()),
        };
        let led = Led {
            address: &address,
            home: "https://here/-/feed".into(),
            services: &services,
        };
        let mut value = json!({
            "@context": {"@vocab": "http://schema.nuget.org/schema#"},
            "@id": "https://feed.example.com/reg/acme/index.json",
            "items": [{
                "@id": "https://feed.example.com/reg/acme/page/1.0.0/1.0.0.json",
                "parent": "https://elsewhere.example.com/reg/acme/index.json",
                "items": [{
                    "packageContent": "https://cdn.example.com/Acme.1.0.nupkg",
                    "registration": "https://feed.example.com/registered/acme/index.json",
                    "catalogEntry": {
                        "@id": "https://feed.example.com/catalog/1.json",
                        "@type": "PackageDetails",
                        "id": "Acme", "version": "1.0",
                        "iconUrl": "https://feed.example.com/icons/1",
                        "projectUrl": "https://acme.example.org/",
                        "packageContent": "https://feed.example.com/flat/x",
                    },
                }, {"packageContent": "https://cdn.example.com/x", "catalogEntry": "https://feed.example.com/catalog/2.json"}],
            }],
        });
        led.value(&mut value);
        let home = "https://here/-/feed/v3";
        let package = format!("{home}/flat/acme/1.0.0/acme.1.0.0.nupkg");
        assert_eq!(
            value,
            json!({
                "@id": format!("{home}/registration/acme/index.json"),
                "items": [{
                    "@id": format!("{home}/registration/acme/page/1.0.0/1.0.0.json"),
                    "items": [{
                        "packageContent": package,
                        "catalogEntry": {
                            "@type": "PackageDetails", "id": "Acme", "version": "1.0",
                            "projectUrl": "https://acme.example.org/",
                            "packageContent": package,
                        },
                    }, {}],
                }],
            })
        );
    }
}
