//! Repositories that follow another one: packs taken in as they come, and refs set to what they are there.

use std::collections::{BTreeMap, BTreeSet};

use tokio::io::AsyncRead;

use crate::Oid;
use crate::error::Result;
use crate::repository::Repository;
use crate::transfer::Transfer;

impl Repository {
    /// Takes a pack in, whose bases may be here already. Its objects are here once this has ended well; refs stay.
    pub fn take_pack(&self, input: impl AsyncRead + Send + 'static) -> Result<Transfer> {
        let mut command = self.command("index-pack");
        command.args(["--stdin", "--fix-thin"]);
        self.stream_with(command, input)
    }

    /// Those of these objects that are not here.
    pub fn missing(&self, oids: &BTreeSet<Oid>) -> Result<Vec<Oid>> {
        let mut reader = self.reader()?;
        let mut missing = Vec::new();
        for oid in oids {
            if reader.info(*oid)?.is_none() {
                missing.push(*oid);
            }
        }
        Ok(missing)
    }

    /// Makes these the refs, and no others; their objects must be here. Names are checked by the caller.
    pub fn follow(&self, refs: &BTreeMap<String, Oid>) -> Result<()> {
        let before: BTreeMap<String, Oid> = self
            .refs("refs/")?
            .into_iter()
            .map(|one| (one.name, one.oid))
            .collect();
        let mut gone = String::new();
        for name in before.keys().filter(|name| !refs.contains_key(*name)) {
            gone.push_str(&format!("delete {name}\n"));
        }
        let mut moved = String::new();
        for (name, oid) in refs {
            if before.get(name) != Some(oid) {
                moved.push_str(&format!("update {name} {oid}\n"));
            }
        }
        // One after the other: a name that is a directory in another one's name must be gone first.
        for commands in [gone, moved] {
            if !commands.is_empty() {
                self.run("update-ref", ["--stdin"], commands.as_bytes())
                    .stdout()?;
            }
        }
        Ok(())
    }
}
