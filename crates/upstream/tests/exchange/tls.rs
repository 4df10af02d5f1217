//! Servers behind TLS: whom they are trusted as, and that an end without a goodbye is no end.

use crate::caller::{Outcome, ask, get, patient, post, whole};
use crate::server::{Server, Step, answer, say};
use bailiwick_upstream::{Address, Client, OutgoingBody, Pin, Trust, TrustError};
use bytes::Bytes;
use http::Method;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// An authority, a certificate of it for a name, and what serves with it.
struct Served {
    authority: String,
    pin: String,
    acceptor: TlsAcceptor,
}

fn served(name: &str) -> Served {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "an authority");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()])
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let der = CertificateDer::from(certificate.der().to_vec());
    let digest = ring::digest::digest(&ring::digest::SHA256, &der);
    let pin: Vec<String> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    Served {
        authority: authority.pem(),
        pin: pin.join(":"),
        acceptor: TlsAcceptor::from(Arc::new(config)),
    }
}

fn by_file(served: &Served) -> Trust {
    Trust {
        authorities: Some(served.authority.clone()),
        pins: Vec::new(),
    }
}

fn by_pin(pin: &str) -> Trust {
    Trust {
        authorities: None,
        pins: vec![Pin::parse(pin).unwrap()],
    }
}

fn client(server: &Server, trust: &Trust) -> Result<Arc<Client>, TrustError> {
    let address = Address::parse(&format!("https://localhost:{}", server.port)).unwrap();
    Client::new(address, trust, patient()).map(Arc::new)
}

#[tokio::test]
async fn who_is_trusted_and_who_is_not() {
    let (own, other, elsewhere) = (served("localhost"), served("localhost"), served("other.example"));
    let refused = || Outcome::None("upstream.tls");
    let mut both = by_pin(&other.pin);
    both.authorities = Some(own.authority.clone());
    let mut several = by_pin(&other.pin);
    several
        .pins
        .push(Pin::parse(&own.pin.to_lowercase().replace(':', "")).unwrap());
    for (what, server, trust, expected) in [
        ("its authority", &own, by_file(&own), whole("ok")),
        (
            "another authority of the same name",
            &own,
            by_file(&other),
            refused(),
        ),
        ("the pinned one", &own, by_pin(&own.pin), whole("ok")),
        ("one of the pinned", &own, several, whole("ok")),
        ("not the pinned one", &own, by_pin(&other.pin), refused()),
        ("its authority, but not the pinned one", &own, both, refused()),
        ("another name", &elsewhere, by_file(&elsewhere), refused()),
        (
            "another name, but pinned",
            &elsewhere,
            by_pin(&elsewhere.pin),
            whole("ok"),
        ),
    ] {
        let mut server = Server::secret(vec![vec![Step::Head, answer("ok")]], server.acceptor.clone());
        let found = get(&client(&server, &trust).unwrap()).await;
        assert_eq!(found, expected, "{what}");
        let seen = &server.finished().await[0];
        assert_eq!(
            seen.text.is_empty(),
            expected == refused(),
            "{what}: nothing is said to a stranger"
        );
    }
}

#[tokio::test]
async fn the_systems_authorities_do_not_know_it() {
    let own = served("localhost");
    let server = Server::secret(vec![vec![Step::Head, answer("ok")]], own.acceptor);
    match client(&server, &Trust::default()) {
        Ok(client) => assert_eq!(get(&client).await, Outcome::None("upstream.tls")),
        // A machine without any authority: said at once.
        Err(error) => assert_eq!(error, TrustError::System),
    }
}

#[tokio::test]
async fn what_speaks_no_tls_is_a_tls_error() {
    let server = Server::always(vec![answer("ok"), Step::Drain]);
    let own = served("localhost");
    let client = client(&server, &by_file(&own)).unwrap();
    assert_eq!(get(&client).await, Outcome::None("upstream.tls"));
}

#[tokio::test]
async fn an_end_without_a_goodbye_is_no_end() {
    let own = served("localhost");
    let until_close = "HTTP/1.1 200 OK\r\n\r\nhello";
    let length = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello";
    let cut = || Outcome::Cut(5, "the upstream's answer was cut off".into());
    for (text, clean, expected) in [
        (until_close, true, whole("hello")),
        (until_close, false, cut()),
        (length, true, cut()),
        (length, false, cut()),
    ] {
        let mut script = vec![Step::Head, say(text)];
        if !clean {
            script.push(Step::Cut);
        }
        let server = Server::secret(vec![script], own.acceptor.clone());
        let client = client(&server, &by_file(&own)).unwrap();
        assert_eq!(get(&client).await, expected, "{text:?} {clean}");
        assert_eq!(client.waiting(), 0);
    }
}

#[tokio::test]
async fn connections_are_kept_and_stale_ones_left_as_without_tls() {
    let own = served("localhost");
    let scripts = vec![
        vec![
            Step::Head,
            answer("one"),
            Step::Head,
            Step::Body(4),
            answer("two"),
            Step::Head,
        ],
        vec![Step::Head, answer("three")],
    ];
    let mut server = Server::secret(scripts, own.acceptor.clone());
    let client = client(&server, &by_file(&own)).unwrap();
    assert_eq!(get(&client).await, whole("one"));
    assert_eq!(post(&client, "body").await, whole("two"));
    assert_eq!(get(&client).await, whole("three"));
    server.finished().await;
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_large_body_streams_both_ways() {
    const SIZE: usize = 4 << 20;
    let own = served("localhost");
    let body = "x".repeat(SIZE);
    let script = vec![
        Step::Head,
        Step::Body(SIZE),
        answer(&body),
        Step::Head,
        answer("again"),
    ];
    let mut server = Server::secret(vec![script], own.acceptor.clone());
    let client = client(&server, &by_file(&own)).unwrap();
    let sent = OutgoingBody::Whole(Bytes::from(vec![b'y'; SIZE]));
    assert!(
        ask(&client, Method::PUT, "/", sent).await == whole(&body),
        "it came otherwise"
    );
    assert_eq!(get(&client).await, whole("again"));
    assert_eq!(server.finished().await[0].text.matches('y').count(), SIZE);
}
