//! twine and pip, with tokens that suffice and tokens that just do not.

use super::bed::Python;
use crate::git::bed::{PASSWORD, USER};
use crate::registry::place::{READ, WRITE, holds_none};
use bailiwick_testkit::http::base64;

const OWNERS_WRITE: &[(&str, &str)] = &[("organization_packages", "write")];
const OWNERS_READ: &[(&str, &str)] = &[("organization_packages", "read")];
const OWNERS_ADMIN: &[(&str, &str)] = &[("organization_packages", "admin")];

#[tokio::test(flavor = "multi_thread")]
async fn twine_uploads_and_pip_installs_with_what_they_may() {
    let python = Python::start().await;
    let (writer, write) = python.place.token("alice", None, OWNERS_WRITE);
    let (reader, read) = python.place.token("bob", None, OWNERS_READ);
    let (_, short) = python.place.token("alice", None, OWNERS_READ);
    let wheel = python.wheel("acme_core", "1.0");
    // Of a refusal twine shows the line of its status alone.
    python
        .upload(&short, &wheel)
        .await
        .bad("missing packages: write anywhere (level.too_low)");
    python.upload(&read, &wheel).await.bad("403");
    // Who could publish something elsewhere is not told whose private names are.
    let (_, elsewhere) = python.place.token("bob", Some(&["site"]), WRITE);
    python.upload(&elsewhere, &wheel).await.bad("404");
    assert_eq!(std::fs::read_dir(python.files()).unwrap().count(), 0);
    python.upload(&write, &wheel).await.good();
    python
        .upload(&write, &python.wheel("acme_core", "1.1"))
        .await
        .good();
    python.place.has_told(
        Some(writer),
        "packages.package_version_published allowed forwarded acme-core 1.1",
    );
    assert_eq!(
        python.place.versions("acme-core"),
        Some(vec!["1.0".into(), "1.1".into()])
    );
    let stored = std::fs::read(python.files().join("acme_core-1.0-py3-none-any.whl")).unwrap();
    assert_eq!(stored, std::fs::read(&wheel).unwrap());
    python.upload(&write, &wheel).await.bad("409");

    let (ran, target) = python.install(&read, "Acme.Core==1.0").await;
    ran.good();
    let installed = std::fs::read_to_string(target.join("acme_core/__init__.py")).unwrap();
    assert!(installed.contains("1.0"));
    python
        .place
        .has_told(Some(reader), "packages.download allowed allowed acme-core 1.0");
    python.download("bob", &read, "acme-core").await.good();
    python.download("bob", "", "acme-core").await.bad("");
    python
        .download("bob", &read, "acme-nothing")
        .await
        .bad("No matching distribution");
    python
        .download("bob", &read, "nobodys")
        .await
        .bad("No matching distribution");

    let (admin, delete) = python.place.token("alice", None, OWNERS_ADMIN);
    let front = &python.place.front;
    let form = b":action=remove_pkg&name=Acme_Core&version=1.0";
    let remove = async |token: &str| {
        let authorization = format!("Bearer {token}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        front.send("POST", "/-/pypi/", &headers, form).await
    };
    remove(&write).await.expect(403);
    remove(&delete).await.expect(200);
    python.place.has_told(
        Some(admin),
        "packages.package_version_deleted allowed forwarded acme-core 1.0",
    );
    assert_eq!(python.place.versions("acme-core"), Some(vec!["1.1".into()]));
    remove(&delete).await.expect(404);
    let basic = format!("Basic {}", base64(format!("{USER}:{PASSWORD}").as_bytes()));
    for arrived in python.wire.requests() {
        assert_eq!(arrived.header("authorization"), basic, "{}", arrived.line);
    }
    holds_none(&python.wire.bytes(), &[&write, &read, &delete]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_of_a_repository_takes_that_repositorys_permissions() {
    let python = Python::start().await;
    let (id, write) = python.place.token("bob", Some(&["site"]), WRITE);
    let (_, read) = python.place.token("bob", Some(&["site"]), READ);
    let (_, other) = python.place.token("bob", Some(&["www"]), WRITE);
    let wheel = python.wheel("site_tool", "0.1");
    python.upload(&other, &wheel).await.bad("404");
    python.upload(&read, &wheel).await.bad("403");
    python.upload(&write, &wheel).await.good();
    python.download("__token__", &read, "site-tool").await.good();
    python
        .download("__token__", &other, "site-tool")
        .await
        .bad("No matching distribution");
    python
        .upload(&write, &python.wheel("nobodys_tool", "0.1"))
        .await
        .bad("404");

    let (_, owner) = python.place.token("alice", None, OWNERS_WRITE);
    python.upload(&owner, &python.wheel("shown", "2.0")).await.good();
    python.download("", "", "shown").await.good();
    let (_, mallory) = python.place.front.token("mallory", &[]);
    python
        .upload(&mallory, &python.wheel("shown", "6.6"))
        .await
        .bad("403");

    python.place.revoke(id);
    python
        .upload(&write, &python.wheel("site_tool", "0.2"))
        .await
        .bad("401");
    python.download("__token__", &write, "site-tool").await.bad("");
    assert_eq!(python.place.versions("site-tool"), Some(vec!["0.1".into()]));
}
