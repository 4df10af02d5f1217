//! What makes a credential foreign, and what never does.

use super::foreign::ForeignKind;
use crate::{Authority, Clock, Random, Settings};
use bailiwick_model::{Timestamp, TokenKind, UpstreamKind};
use bailiwick_store::{Store, Target};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp(1_770_000_000_000_000)
    }
}

impl Random for Fixed {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn authority(directory: &tempfile::TempDir) -> Authority {
    let store = Store::open(Target::Sqlite(directory.path().join("x.sqlite"))).unwrap();
    let git = bailiwick_git::Repositories::new(directory.path().join("r"), "/bin/false".into()).unwrap();
    let settings = Settings {
        prefixes: vec!["acme".into(), "bwk".into()],
        base_url: "http://localhost".into(),
        node: "test".into(),
    };
    Authority::new(store, git, Arc::new(Fixed), Arc::new(Fixed), settings).unwrap()
}

fn basic(pair: &str) -> Vec<u8> {
    format!("Basic {}", STANDARD.encode(pair)).into_bytes()
}

#[test]
fn nothing_that_could_be_ours_is_foreign() {
    let directory = tempfile::tempdir().unwrap();
    let authority = authority(&directory);
    let whole = authority.new_secret(TokenKind::FineGrained);
    let cut = whole.reveal().get(..20).unwrap();
    let capitals = whole.reveal().to_uppercase();
    for secret in [whole.reveal(), cut, &capitals, "bwkf_", "xbwkc_y", "acmes_abc"] {
        let bearer = format!("Bearer {secret}");
        assert!(authority.foreign(bearer.as_bytes(), secret).is_none(), "{secret}");
        // In the half of the pair that the carrier does not take for the secret.
        let pair = basic(&format!("{secret}:hunter2"));
        assert!(authority.foreign(&pair, "hunter2").is_none(), "{secret}");
        let pair = basic(&format!("bob:{secret}"));
        assert!(authority.foreign(&pair, secret).is_none(), "{secret}");
    }
    assert!(authority.foreign(b"Bearer \xff", "x").is_none());
}

#[test]
fn a_token_has_one_digest_however_it_is_carried_and_a_password_has_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let authority = authority(&directory);
    let digest = |header: &[u8], secret: &str| {
        let foreign = authority.foreign(header, secret).unwrap();
        assert_eq!(foreign.reveal(), header);
        (foreign.kind(), authority.foreign_digest(&foreign).unwrap())
    };
    let token = "0123456789abcdef0123456789abcdef01234567";
    let one = digest(format!("token {token}").as_bytes(), token);
    assert_eq!(one.0, ForeignKind::Hexadecimal);
    assert_eq!(one, digest(format!("Bearer {token}").as_bytes(), token));
    assert_eq!(one, digest(&basic(&format!("bob:{token}")), token));
    assert!(!one.1.text().contains(token));
    let plain = bailiwick_model::Digest::of(token.as_bytes());
    let plain: String = plain.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_ne!(one.1.text(), plain, "the digest is keyed");
    let bob = digest(&basic("bob:same"), "same");
    let eve = digest(&basic("eve:same"), "same");
    assert_eq!(
        (bob.0, eve.0),
        (ForeignKind::UserAndSecret, ForeignKind::UserAndSecret)
    );
    assert_ne!(bob.1, eve.1);
}

#[test]
fn a_credential_of_one_forge_is_not_shown_to_another() {
    for kind in [ForeignKind::GitHubClassic, ForeignKind::GitHubInstallation] {
        assert!(kind.fits(UpstreamKind::GitHub) && kind.fits(UpstreamKind::Git));
        assert!(!kind.fits(UpstreamKind::Gitea) && !kind.fits(UpstreamKind::Generic));
    }
    assert!(ForeignKind::Hexadecimal.fits(UpstreamKind::Gitea));
}
