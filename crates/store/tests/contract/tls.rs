//! PostgreSQL over TLS: a certificate is checked, and asking for TLS never ends in plain text.

use bailiwick_store::{EngineKind, Store, StoreError, Target, setting};
use bailiwick_testkit::postgres::Cluster;

#[test]
fn certificates_are_checked() {
    let cluster = Cluster::start_with_tls();
    let url = cluster.tcp_url(&cluster.create_database());
    let trusted = format!(
        "{url}?sslmode=require&sslrootcert={}",
        cluster.certificate().display()
    );
    let store = Store::open(Target::Postgres(trusted.clone())).unwrap();
    assert_eq!(store.engine(), EngineKind::Postgres);
    store.write(|tx| setting::set(tx, "a", "1")).unwrap();
    let encrypted = store
        .read(|tx| -> Result<_, StoreError> {
            tx.one(
                "SELECT CAST(ssl AS TEXT) FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
                &[],
            )?
            .text()
        })
        .unwrap();
    assert_eq!(encrypted, "true");

    // Signed by nobody that the system knows.
    let unknown = Store::open(Target::Postgres(format!("{url}?sslmode=require"))).unwrap_err();
    assert!(matches!(unknown, StoreError::Unreachable { .. }), "{unknown:?}");
    // Right certificate, wrong name.
    let renamed = trusted.replace("@localhost:", "@127.0.0.1:");
    let renamed = Store::open(Target::Postgres(renamed)).unwrap_err();
    assert!(matches!(renamed, StoreError::Unreachable { .. }), "{renamed:?}");
}

#[test]
fn a_server_without_tls_is_refused_when_tls_is_asked_for() {
    let cluster = Cluster::shared();
    let url = cluster.create_database();
    let error = Store::open(Target::Postgres(format!("{url}&sslmode=require"))).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    Store::open(Target::Postgres(url)).unwrap();
}
