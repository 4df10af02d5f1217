//! TLS as a client of tests speaks it: trusting one authority alone, and telling which certificate was shown.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// A connection that can say that nothing more comes.
pub trait Stream: Read + Write + Send {
    /// Says that nothing more comes.
    fn end(&mut self) -> std::io::Result<()>;
}

impl Stream for TcpStream {
    fn end(&mut self) -> std::io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

/// A connection with TLS.
pub type Secure = StreamOwned<ClientConnection, TcpStream>;

impl Stream for Secure {
    fn end(&mut self) -> std::io::Result<()> {
        self.conn.send_close_notify();
        self.flush()
    }
}

/// The authorities that a client trusts.
#[derive(Debug)]
pub struct Trust(Arc<ClientConfig>);

impl Trust {
    /// The authorities of a PEM text.
    pub fn of(pem: &[u8]) -> Trust {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots
                .add(certificate.expect("a certificate"))
                .expect("an authority");
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring knows them")
            .with_root_certificates(roots)
            .with_no_client_auth();
        // A connection that takes up a former one is shown no certificate.
        config.resumption = Resumption::disabled();
        Trust(Arc::new(config))
    }

    /// The authorities of a file, for as long as the tests run.
    pub fn in_file(file: &Path) -> &'static Trust {
        let pem = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Box::leak(Box::new(Trust::of(&pem)))
    }

    /// A connection with TLS over one without; its handshake comes with the first bytes.
    pub fn over(&self, stream: TcpStream) -> Secure {
        let name = ServerName::from(stream.peer_addr().expect("it is connected").ip());
        let connection = ClientConnection::new(self.0.clone(), name).expect("the settings are sound");
        StreamOwned::new(connection, stream)
    }

    /// The same with the handshake done, or why it failed.
    pub fn shake(&self, stream: TcpStream) -> std::io::Result<Secure> {
        let mut secure = self.over(stream);
        while secure.conn.is_handshaking() {
            let _ = secure.conn.complete_io(&mut secure.sock)?;
        }
        Ok(secure)
    }
}

/// A new certificate for this machine that vouches for itself, and its key, both PEM.
pub fn certificate() -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let names = ["localhost", "127.0.0.1"].map(String::from);
    let params = CertificateParams::new(names).expect("names");
    let certificate = params.self_signed(&key).expect("a certificate");
    (certificate.pem(), key.serialize_pem())
}
