//! Python: versions by the files of a project.

use super::{Api, OWNERS_ADMIN, OWNERS_READ, OWNERS_WRITE};
use crate::registry::pypi::bed::Python;

#[tokio::test(flavor = "multi_thread")]
async fn python_projects_are_listed_and_deleted() {
    let python = Python::start().await;
    let (_, write) = python.place.token("alice", None, OWNERS_WRITE);
    let (_, read) = python.place.token("bob", None, OWNERS_READ);
    let (id, admin) = python.place.token("alice", None, OWNERS_ADMIN);
    for version in ["1.0", "1.1", "1.2"] {
        let wheel = python.wheel("acme_core", version);
        python.upload(&write, &wheel).await.good();
    }
    let api = Api::at(python.place.front.address);
    let package = "/pypi/acme-core";
    assert_eq!(api.packages("pypi", &read).await, ["acme-core"]);
    assert_eq!(api.names(package, &read).await, ["1.2", "1.1", "1.0"]);
    // Files whose version could be one of two, or is none, are of no version, and no deletion takes them along.
    let doubtful = ["acme-core-2-1.1.tar.gz", "acme_core-final.tar.gz"].map(|file| python.files().join(file));
    for file in &doubtful {
        std::fs::write(file, "x").unwrap();
    }
    assert_eq!(api.names(package, &read).await, ["1.2", "1.1", "1.0"]);
    let number = api.number(package, &read, "1.1").await;
    let _ = api.delete(package, number, &write).await.expect(403);
    let _ = api.delete(package, number, &admin).await.expect(204);
    let wheel = |version: &str| {
        let file = format!("acme_core-{version}-py3-none-any.whl");
        python.files().join(file)
    };
    assert!(!wheel("1.1").exists() && wheel("1.2").exists());
    python.download("bob", &read, "acme-core==1.1").await.bad("");
    python.download("bob", &read, "acme-core==1.2").await.good();
    let line = "packages.package_version_deleted allowed allowed acme-core 1.1";
    python.place.has_told(Some(id), line);
    std::fs::remove_file(wheel("1.2")).unwrap();
    assert_eq!(api.names(package, &read).await, ["1.0"]);
    let _ = api.ask("DELETE", package, &write).await.expect(403);
    let _ = api.ask("DELETE", package, &admin).await.expect(204);
    assert!(doubtful.iter().all(|file| file.exists()));
    assert_eq!(std::fs::read_dir(python.files()).unwrap().count(), 2);
    python.download("bob", &read, "acme-core").await.bad("");
    assert_eq!(api.packages("pypi", &read).await, Vec::<String>::new());
}
