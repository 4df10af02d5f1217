//! Where an image says it comes from: its label links it to a repository, if whoever pushed it may publish there too.

use crate::Authority;
use crate::fault::Fault;
use crate::gather::Named;
use crate::names::{Names, RepositoryKey};
use crate::record::{Witness, request_event};
use bailiwick_catalogue::{Target, op, operation};
use bailiwick_model::{Outcome, PackageId, RepositoryId};
use std::sync::Arc;

/// Letters of a label that the log keeps.
const SOURCE_LETTERS_MAX: usize = 200;

impl Authority {
    /// Moves a package that belongs to its owner as a whole to the repository of this server that a label names. Where
    /// the publisher may not publish, or it is somebody else's, it stays, and the log says why. Blocking.
    pub fn package_from(&self, witness: &Witness, package: PackageId, source: &str) -> Result<(), Fault> {
        let code = match self.repository_named(source) {
            None => "package.label_elsewhere",
            Some(key) => match self.may_link(witness, key)? {
                Some(repository) => return self.package_labelled(witness, package, repository),
                None => "package.label_refused",
            },
        };
        let mut event = request_event(
            Some(witness.operation),
            witness.gathered(),
            &witness.caller,
            self.now(),
        );
        String::from("packages.link").clone_into(&mut event.action);
        event.outcome = Outcome::Refused;
        code.clone_into(&mut event.reason);
        let source: String = source.chars().take(SOURCE_LETTERS_MAX).collect();
        event.data.insert("source".into(), source.into());
        self.recorder.durable(event).durable_blocking()?;
        Ok(())
    }

    /// The repository that an address of this server names; nothing more than the name may be in it.
    fn repository_named(&self, source: &str) -> Option<RepositoryKey> {
        let path = source.strip_prefix(self.base_url())?.strip_prefix('/')?;
        let (owner, name) = path.split_once('/')?;
        let name = name.strip_suffix(".git").unwrap_or(name);
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let plain = |text: &str| !text.is_empty() && !matches!(text, "." | "..") && text.bytes().all(letter);
        (plain(owner) && plain(name)).then(|| RepositoryKey::Name(owner.into(), name.into()))
    }

    /// The repository, if it is the package's owner's and the publisher may publish there.
    // SECURITY: what a token of docker's flow was narrowed to names images, and plays no part: nothing of the repository is
    // changed or shown, only whose the image is that the token may publish.
    fn may_link(&self, witness: &Witness, key: RepositoryKey) -> Result<Option<RepositoryId>, Fault> {
        let publish = operation(op::OCI_MANIFEST_PUT);
        let names = Arc::new(Names {
            repository: Some(key),
            ..Names::default()
        });
        let mut gathered = self.gather(&witness.gathered().presented, publish, &names)?;
        // The owner's own permission over packages of no repository is no word on this repository.
        gathered.set(Target::Organization, Named::Absent);
        let owner = witness.gathered().package.as_ref().map(|package| package.owner);
        let found = gathered.repository().map(|row| (row.id, row.owner_id));
        let Some((repository, _)) = found.filter(|(_, id)| Some(*id) == owner) else {
            return Ok(None);
        };
        let decided = crate::permit::decide(publish, gathered, witness.caller.clone(), self.now());
        Ok(decided.ok().map(|_| repository))
    }
}
