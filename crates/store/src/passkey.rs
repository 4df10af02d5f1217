//! Passkeys of persons: public keys, whose private halves never leave the person's devices.

use crate::column::Object;
use crate::record::record;
use crate::{Result, Tx, values};
use bailiwick_model::name::fold;
use bailiwick_model::{AccountId, PasskeyId, Timestamp};

record! {
    /// A passkey.
    pub struct PasskeyRow in "passkey" {
        /// Its id; `insert` gives it.
        pub id: PasskeyId,
        /// The person.
        pub user_id: AccountId,
        /// What the person calls it.
        pub name: String,
        /// The name as it is compared; follows from it.
        pub folded: String,
        /// The id that the authenticator gave it.
        pub credential_id: Vec<u8>,
        /// The public key and what was told at its registration.
        pub credential: Object,
        /// How many signatures it had made when it was last used, as far as it counts.
        pub counter: i64,
        /// Whether a copy of it is kept elsewhere, as synchronised passkeys are.
        pub backed_up: bool,
        /// When it was registered.
        pub created_at: Timestamp,
        /// When it was last used.
        pub last_used_at: Option<Timestamp>,
    }
}

/// The unique index of authenticators' ids.
pub const ALREADY_REGISTERED: &str = "passkey_credential_id_key";
/// The unique index of a person's names.
pub const NAME_TAKEN: &str = "passkey_user_id_folded_key";

/// Adds a passkey under a new id. Conflicts of [`ALREADY_REGISTERED`] and [`NAME_TAKEN`].
pub fn insert(tx: &mut Tx<'_>, mut row: PasskeyRow) -> Result<PasskeyRow> {
    row.id = PasskeyId(tx.next_id("passkey")?);
    row.folded = fold(&row.name);
    row.insert_row(tx)?;
    Ok(row)
}

/// A person's, oldest first.
pub fn of_user(tx: &mut Tx<'_>, user: AccountId) -> Result<Vec<PasskeyRow>> {
    PasskeyRow::select(tx, "passkey WHERE user_id = $1 ORDER BY id", values![user])
}

/// The passkey of an authenticator's id, whosever it is.
pub fn by_credential_id(tx: &mut Tx<'_>, credential_id: &[u8]) -> Result<Option<PasskeyRow>> {
    PasskeyRow::find(tx, "passkey WHERE credential_id = $1", values![credential_id])
}

/// Notes a use.
pub fn used(tx: &mut Tx<'_>, id: PasskeyId, counter: i64, backed_up: bool, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE passkey SET counter = $2, backed_up = $3, last_used_at = $4 WHERE id = $1",
        values![id, counter, backed_up, now],
    )
    .map(|_| ())
}

/// Removes one of a person's and returns it; `None` when it is not theirs.
pub fn remove(tx: &mut Tx<'_>, user: AccountId, id: PasskeyId) -> Result<Option<PasskeyRow>> {
    let found = PasskeyRow::find(tx, "passkey WHERE id = $1 AND user_id = $2", values![id, user])?;
    if found.is_some() {
        tx.execute("DELETE FROM passkey WHERE id = $1", values![id])?;
    }
    Ok(found)
}

/// Removes all of a person's.
pub fn remove_all(tx: &mut Tx<'_>, user: AccountId) -> Result<u64> {
    tx.execute("DELETE FROM passkey WHERE user_id = $1", values![user])
}
