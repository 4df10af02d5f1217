//! Registries that do not answer, or answer with something else.

use super::{Api, OWNERS_ADMIN, OWNERS_READ};
use crate::git::bed::{Scripted, answer};
use crate::registry::place::Place;
use bailiwick_model::{RegistryKind, UpstreamSettings};

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_away_or_ill_is_no_empty_list() {
    let away = String::from("http://127.0.0.1:9");
    let ill = Scripted::start(|_, _| answer(500, "", "at /srv/secret")).await;
    let shut = Scripted::start(|_, _| answer(401, "www-authenticate: Basic realm=x\r\n", "")).await;
    for kind in RegistryKind::ALL.iter().copied() {
        let name = if kind == RegistryKind::Maven {
            "com.acme:core"
        } else {
            "core"
        };
        for (address, reason) in [
            (&away, "upstream.unreachable"),
            (&ill.address, "upstream.refused"),
            (&shut.address, "upstream.credential_refused"),
        ] {
            let settings = UpstreamSettings::default();
            let place = Place::before("there", kind, address.clone(), settings).await;
            place.put(name);
            let (_, read) = place.token("bob", None, OWNERS_READ);
            let (id, admin) = place.token("alice", None, OWNERS_ADMIN);
            let api = Api::at(place.front.address);
            let package = format!("/{}/{name}", kind.package_type());
            let versions = format!("{package}/versions");
            for (method, path, token) in [
                ("GET", &versions, &read),
                ("DELETE", &package, &admin),
                ("DELETE", &format!("{versions}/1"), &admin),
            ] {
                let told = api.ask(method, path, token).await;
                // No digest of an image is `1.0`: nothing is asked.
                if kind == RegistryKind::Oci && path.ends_with("/1") {
                    let _ = told.expect(404);
                    continue;
                }
                let told = told.expect(502);
                assert_eq!(told.json()["reason"], reason, "{kind:?} {method} {path}");
                assert!(!told.text().contains("/srv/secret"));
            }
            assert_eq!(place.versions(name), Some(vec!["1.0".to_owned()]));
            // What was to be deleted and was not is on record as such, by the name that the registry's own door has for it.
            if kind != RegistryKind::Oci {
                let failed = format!("packages.package_version_deleted failed {reason} {name} 1.0");
                for line in [
                    failed.replace(&format!("failed {reason}"), "allowed allowed"),
                    failed,
                ] {
                    place.has_told(Some(id), &line);
                }
            }
        }
    }
}
