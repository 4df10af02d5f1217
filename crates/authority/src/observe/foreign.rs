//! Credentials of an upstream's own: kept as they came for the one hop to that upstream, known here by a keyed digest.

use crate::Authority;
use crate::fault::Fault;
use bailiwick_model::{TokenKind, UpstreamKind};
use bailiwick_store::setting;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use zeroize::Zeroizing;

/// The setting that keeps the sealed key of digests.
const KEY: &str = "observation_key";
/// Digits of a digest that events and lists show.
const SHORT_DIGITS: usize = 12;

/// A credential that is none of ours. Zeroed when dropped, and without `Debug`, `Display` and `Clone`.
pub struct Foreign {
    // SECURITY: private; its one reader is `reveal`, its one way out the observed forward.
    header: Zeroizing<Vec<u8>>,
    /// What the digest is of.
    text: Zeroizing<String>,
    kind: ForeignKind,
}

/// What a credential seems to be, by its prefix alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ForeignKind {
    /// `ghp_`.
    GitHubClassic,
    /// `github_pat_`.
    GitHubFineGrained,
    /// `gho_`.
    GitHubOauth,
    /// `ghu_`.
    GitHubAppUser,
    /// `ghs_`.
    GitHubInstallation,
    /// Forty hexadecimal digits: Gitea's tokens, and GitHub's of old.
    Hexadecimal,
    /// A user name and something that is no token known by its shape: a password, perhaps.
    UserAndSecret,
    /// Anything else.
    Other,
}

impl ForeignKind {
    /// The word in storage and answers.
    pub const fn word(self) -> &'static str {
        match self {
            ForeignKind::GitHubClassic => "github_classic",
            ForeignKind::GitHubFineGrained => "github_fine_grained",
            ForeignKind::GitHubOauth => "github_oauth",
            ForeignKind::GitHubAppUser => "github_app_user",
            ForeignKind::GitHubInstallation => "github_installation",
            ForeignKind::Hexadecimal => "hexadecimal",
            ForeignKind::UserAndSecret => "user_and_secret",
            ForeignKind::Other => "other",
        }
    }

    fn of(secret: &str) -> ForeignKind {
        const PREFIXES: [(&str, ForeignKind); 5] = [
            ("ghp_", ForeignKind::GitHubClassic),
            ("github_pat_", ForeignKind::GitHubFineGrained),
            ("gho_", ForeignKind::GitHubOauth),
            ("ghu_", ForeignKind::GitHubAppUser),
            ("ghs_", ForeignKind::GitHubInstallation),
        ];
        let known = PREFIXES.iter().find(|(prefix, _)| secret.starts_with(prefix));
        match known {
            Some((_, kind)) => *kind,
            None if secret.len() == 40 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                ForeignKind::Hexadecimal
            }
            None => ForeignKind::Other,
        }
    }

    /// Whether an upstream of a kind could know it.
    // SECURITY: what is GitHub's by its prefix is shown to no other server, whatever a request names.
    pub(crate) fn fits(self, kind: UpstreamKind) -> bool {
        match self {
            ForeignKind::GitHubClassic
            | ForeignKind::GitHubFineGrained
            | ForeignKind::GitHubOauth
            | ForeignKind::GitHubAppUser
            | ForeignKind::GitHubInstallation => matches!(kind, UpstreamKind::GitHub | UpstreamKind::Git),
            ForeignKind::Hexadecimal | ForeignKind::UserAndSecret | ForeignKind::Other => true,
        }
    }
}

impl Foreign {
    /// The header's value exactly as it came.
    // SECURITY: the one reader, so that a search for it finds every place where the credential leaves.
    pub fn reveal(&self) -> &[u8] {
        &self.header
    }

    /// What it seems to be.
    pub fn kind(&self) -> ForeignKind {
        self.kind
    }
}

/// The keyed digest of a foreign credential, in hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ForeignDigest(String);

impl ForeignDigest {
    /// All digits.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The first digits, for events and lists.
    pub fn short(&self) -> &str {
        self.0.get(..SHORT_DIGITS).unwrap_or(&self.0)
    }
}

impl Authority {
    /// Keeps the one `Authorization` of a request, whose secret is none of ours, for an upstream that is observed.
    /// `None` if anything of it could be ours.
    pub fn foreign(&self, header: &[u8], secret: &str) -> Option<Foreign> {
        let pair = basic_pair(header);
        // SECURITY: a credential of ours that is mistyped, cut off, or in the other half of the pair never leaves.
        let text = std::str::from_utf8(header).ok()?;
        let ours = |text: &str| self.resembles_ours(text);
        if ours(text) || ours(secret) || pair.as_deref().is_some_and(|pair| ours(pair)) {
            return None;
        }
        let kind = ForeignKind::of(secret);
        let (kind, text) = match (kind, pair) {
            // Two people may have one password: the name belongs to it.
            (ForeignKind::Other, Some(pair)) => (ForeignKind::UserAndSecret, pair),
            (kind, _) => (kind, Zeroizing::new(secret.to_owned())),
        };
        Some(Foreign {
            header: Zeroizing::new(header.to_vec()),
            text,
            kind,
        })
    }

    fn resembles_ours(&self, text: &str) -> bool {
        let text = Zeroizing::new(text.to_ascii_lowercase());
        self.settings.prefixes.iter().any(|prefix| {
            let prefix = prefix.to_ascii_lowercase();
            TokenKind::ALL
                .iter()
                .any(|kind| text.contains(&format!("{prefix}{}_", kind.letter())))
        })
    }

    /// The digest under which a foreign credential is known here. Blocking, the first time.
    pub(crate) fn foreign_digest(&self, foreign: &Foreign) -> Result<ForeignDigest, Fault> {
        let key = match self.observer.key.get() {
            Some(key) => key,
            None => {
                let key = self.observation_key()?;
                self.observer.key.get_or_init(|| key)
            }
        };
        let tag = hmac::sign(key, foreign.text.as_bytes());
        Ok(ForeignDigest(
            tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
        ))
    }

    /// The key of digests: made once, sealed. One that does not open any more is replaced; what was seen under it
    /// stays, and is not added to.
    fn observation_key(&self) -> Result<hmac::Key, Fault> {
        let kept = self.store.read(|tx| setting::get(tx, KEY))?;
        if let Some(bytes) = kept.and_then(|sealed| self.seal.open(&sealed, KEY)) {
            return Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes));
        }
        let mut fresh = Zeroizing::new([0_u8; 32]);
        self.random.fill(&mut *fresh);
        let sealed = self.seal.close(&*fresh, KEY, &*self.random)?;
        let bytes = self.store.write(|tx| {
            // Another node may have been faster.
            if let Some(bytes) = setting::get(tx, KEY)?.and_then(|sealed| self.seal.open(&sealed, KEY)) {
                return Ok::<_, bailiwick_store::StoreError>(bytes);
            }
            setting::set(tx, KEY, &sealed)?;
            Ok(Zeroizing::new(fresh.to_vec()))
        })?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
    }
}

/// The user name and password of a Basic header.
fn basic_pair(header: &[u8]) -> Option<Zeroizing<String>> {
    let text = std::str::from_utf8(header).ok()?;
    let (scheme, rest) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let mut bytes = Zeroizing::new(STANDARD.decode(rest.trim_matches(' ')).ok()?);
    String::from_utf8(std::mem::take(&mut *bytes))
        .ok()
        .map(Zeroizing::new)
}
