//! Pairs as files hold them, the exchange of what is shown, and what the handshake lets in, over real sockets.

use super::{Pair, PairError, Tls, speaks_http2};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

/// A certificate for `localhost` with its key, both PEM.
fn made() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([String::from("localhost")]).unwrap();
    params.not_after = rcgen::date_time_ymd(2031, 2, 3);
    let certificate = params.self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn pair((certificate, key): &(String, String)) -> Pair {
    Pair::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap()
}

fn client(
    trusted: &str,
    protocols: &[&[u8]],
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

fn name() -> ServerName<'static> {
    ServerName::try_from("localhost").unwrap()
}

async fn listening() -> (TcpListener, std::net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[test]
fn a_pair_is_read_with_its_end() {
    let found = pair(&made());
    assert_eq!(found.ends_at().rfc3339(), "2031-02-03T00:00:00Z");
    assert_eq!(format!("{found:?}"), "Pair(until 2031-02-03T00:00:00Z)");
}

#[test]
fn what_is_no_pair_says_why() {
    let (certificate, key) = made();
    let (_, other) = made();
    let broken = certificate.replace("MII", "AAA");
    for (what, certificate, key, said) in [
        (
            "no certificate",
            "",
            key.as_str(),
            "no `-----BEGIN CERTIFICATE-----`",
        ),
        ("the key twice", &key, &key, "no `-----BEGIN CERTIFICATE-----`"),
        ("a broken certificate", &broken, &key, "not an X.509 certificate"),
        (
            "half a certificate",
            &certificate[..certificate.len() / 2],
            &key,
            "not in the PEM form",
        ),
        ("no key", &certificate, "", "there is no private key"),
        (
            "the certificate twice",
            &certificate,
            &certificate,
            "there is no private key",
        ),
        (
            "half a key",
            &certificate,
            &key[..key.len() / 2],
            "there is no private key",
        ),
    ] {
        let why = Pair::from_pem(certificate.as_bytes(), key.as_bytes())
            .expect_err(what)
            .to_string();
        assert!(why.contains(said), "{what}: {why}");
    }
    let mismatch = Pair::from_pem(certificate.as_bytes(), other.as_bytes());
    assert_eq!(mismatch.err(), Some(PairError::Mismatch));
}

#[tokio::test]
async fn protocols_and_versions_are_agreed_on() {
    let own = made();
    let tls = Tls::new(pair(&own)).unwrap();
    let both = [&b"h2"[..], b"http/1.1"];
    for (protocols, versions, http2, version) in [
        (
            &both[..],
            rustls::DEFAULT_VERSIONS,
            true,
            ProtocolVersion::TLSv1_3,
        ),
        (
            &both[1..],
            rustls::DEFAULT_VERSIONS,
            false,
            ProtocolVersion::TLSv1_3,
        ),
        (
            &[],
            &[&rustls::version::TLS12][..],
            false,
            ProtocolVersion::TLSv1_2,
        ),
    ] {
        let (listener, address) = listening().await;
        let connector = client(&own.0, protocols, versions);
        let asking = async {
            let mut stream = connector
                .connect(name(), TcpStream::connect(address).await.unwrap())
                .await
                .unwrap();
            stream.write_all(b"G").await.unwrap();
            stream.flush().await.unwrap();
            stream
        };
        let answering = async {
            tls.open(listener.accept().await.unwrap().0)
                .await
                .expect("it began")
        };
        let (client, mut server) = tokio::join!(asking, answering);
        assert_eq!(speaks_http2(&server), http2);
        assert_eq!(server.get_ref().1.protocol_version(), Some(version));
        // What was waited for was not taken away.
        let mut first = [0_u8; 1];
        let _ = server.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"G");
        drop(client);
    }
}

#[tokio::test]
async fn protocols_that_are_not_spoken_here_are_refused() {
    let own = made();
    let tls = Tls::new(pair(&own)).unwrap();
    let (listener, address) = listening().await;
    let connector = client(&own.0, &[b"smtp"], rustls::DEFAULT_VERSIONS);
    let (asked, answered) = tokio::join!(
        async {
            connector
                .connect(name(), TcpStream::connect(address).await.unwrap())
                .await
        },
        async { tls.open(listener.accept().await.unwrap().0).await },
    );
    assert!(asked.is_err() && answered.is_none());
}

#[tokio::test]
async fn a_new_pair_is_shown_to_new_connections_and_old_ones_run_on() {
    let (old, new) = (made(), made());
    let tls = Tls::new(pair(&old)).unwrap();
    let (listener, address) = listening().await;
    let connect = async |trusted: &str| {
        let connector = client(trusted, &[], rustls::DEFAULT_VERSIONS);
        let asking = async {
            let mut stream = connector
                .connect(name(), TcpStream::connect(address).await.unwrap())
                .await?;
            stream.write_all(b"G").await?;
            stream.flush().await?;
            Ok::<_, std::io::Error>(stream)
        };
        tokio::join!(asking, async {
            tls.open(listener.accept().await.unwrap().0).await
        })
    };
    let (running, served) = connect(&old.0).await;
    let (mut running, mut served) = (running.unwrap(), served.unwrap());
    tls.show(pair(&new));
    assert!(connect(&new.0).await.0.is_ok());
    assert!(connect(&old.0).await.0.is_err());
    running.write_all(b"ET").await.unwrap();
    running.flush().await.unwrap();
    let mut got = [0_u8; 3];
    let _ = served.read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"GET");
}

#[tokio::test]
async fn who_speaks_no_tls_is_told_or_dropped() {
    let tls = Tls::new(pair(&made())).unwrap();
    for (sent, expected) in [
        (
            &b"GET /api/v3 HTTP/1.1\r\nHost: x\r\n\r\n"[..],
            Some("HTTP/1.1 400 Bad Request\r\n"),
        ),
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            Some("HTTP/1.1 400 Bad Request\r\n"),
        ),
        (b"\0\0\0\0", None),
        (b"ssh-", None),
        // The first byte of a handshake, and then none.
        (b"\x16GET / HTTP/1.1\r\n\r\n", None),
        (b"", None),
    ] {
        let (listener, address) = listening().await;
        let asking = async {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(sent).await.unwrap();
            stream.shutdown().await.unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer).into_owned()
        };
        let (answer, opened) = tokio::join!(asking, async {
            tls.open(listener.accept().await.unwrap().0).await.is_some()
        });
        assert!(!opened, "{sent:?}");
        match expected {
            Some(head) => {
                let (told, body) = answer.split_once("\r\n\r\n").unwrap();
                assert!(told.starts_with(head), "{answer}");
                assert!(
                    told.contains(&format!("Content-Length: {}", body.len())),
                    "{answer}"
                );
                assert!(body.contains("this port speaks TLS"), "{answer}");
            }
            None => assert!(!answer.contains("HTTP"), "{answer}"),
        }
    }
}

#[tokio::test]
async fn silence_after_the_handshake_does_not_begin_anything() {
    let own = made();
    let tls = Tls::new(pair(&own)).unwrap();
    let (listener, address) = listening().await;
    let connector = client(&own.0, &[], rustls::DEFAULT_VERSIONS);
    let (shaken, hands) = tokio::sync::oneshot::channel::<()>();
    let (seen, may_go) = tokio::sync::oneshot::channel::<()>();
    let asking = async {
        let stream = TcpStream::connect(address).await.unwrap();
        let stream = connector.connect(name(), stream).await.unwrap();
        shaken.send(()).unwrap();
        may_go.await.unwrap();
        drop(stream);
    };
    let opening = async {
        let mut opening = std::pin::pin!(tls.open(listener.accept().await.unwrap().0));
        tokio::select! {
            _ = &mut opening => panic!("nothing was asked"),
            _ = hands => {}
        }
        seen.send(()).unwrap();
        opening.await
    };
    // The listener's limit of time ends the wait; the client's end does too.
    let (opened, ()) = tokio::join!(opening, asking);
    assert!(opened.is_none());
}
