//! One's own passkeys: registering and removing them.

use super::challenge::Ceremony;
use super::{challenge_over, handle, refused, stored};
use crate::Authority;
use crate::directory::check;
use crate::factor::enrol::clear_recovery_codes;
use crate::factor::{Purpose, RecoveryCodes};
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::PasskeyId;
use bailiwick_model::limit::{
    CHALLENGE_SECONDS, PASSKEY_ANSWER_BYTES_MAX, PASSKEY_NAME_CHARS_MAX, PASSKEYS_PER_USER_MAX,
};
use bailiwick_store::passkey::{ALREADY_REGISTERED, NAME_TAKEN};
use bailiwick_store::{PasskeyRow, StoreError, passkey};
use passki::{
    ClientData, RegistrationCredential, RegistrationOptions, ResidentKeyRequirement, StoredPasskey,
    UserVerificationRequirement,
};
use serde_json::Value;

/// Longest id of a passkey, in bytes (WebAuthn, section 4).
const CREDENTIAL_ID_BYTES_MAX: usize = 1023;

/// A passkey that was registered.
#[derive(Debug)]
pub struct Registered {
    /// What is stored.
    pub row: PasskeyRow,
    /// Recovery codes, if it is the person's first second factor.
    pub recovery_codes: Option<RecoveryCodes>,
}

impl Authority {
    /// What a browser is asked to make a passkey; `None` where none are offered.
    pub fn passkey_creation_options(&self, permit: &Permit) -> Result<Option<Value>, Fault> {
        let person = permit.person()?;
        let Some(site) = &self.site else {
            return Ok(None);
        };
        let rows = self.read(permit, |tx| Ok(passkey::of_user(tx, person)?))?;
        let known = rows.iter().map(stored).collect::<Result<Vec<_>, Fault>>()?;
        let record = permit
            .gathered()
            .principal_record()
            .ok_or_else(Fault::not_found)?;
        let login = record.row.login.as_str();
        let mut options = RegistrationOptions::default();
        options.timeout = CHALLENGE_SECONDS.unsigned_abs() * 1000;
        options.resident_key = ResidentKeyRequirement::Required;
        options.user_verification = UserVerificationRequirement::Required;
        options.exclude_credentials = Some(&known);
        let shown = record.row.name.as_deref().unwrap_or(login);
        let (ask, state) = site
            .start_passkey_registration(&handle(person), login, shown, options)
            .map_err(|error| Fault::internal("passkey.ask", error))?;
        let purpose = Purpose::Register(person);
        self.waiting(&purpose)
            .keep(&ask.challenge, purpose, Ceremony::Register(state), permit.now());
        serde_json::to_value(&ask)
            .map(Some)
            .map_err(|error| Fault::internal("passkey.ask", error))
    }

    /// Registers the passkey that a browser made.
    pub fn passkey_register(
        &self,
        permit: Permit,
        name: &str,
        credential: &str,
    ) -> Result<Registered, Fault> {
        let person = permit.person()?;
        let now = permit.now();
        let name = name.trim();
        if name.is_empty() {
            return Err(Fault::invalid("Passkey", "name", "missing_field", ""));
        }
        check::line("Passkey", "name", name, PASSKEY_NAME_CHARS_MAX)?;
        let made = self.new_passkey(&permit, credential)?;
        let json = match serde_json::to_value(&made) {
            Ok(Value::Object(object)) => object,
            Ok(_) | Err(_) => return Err(Fault::internal("passkey.stored", "a passkey that is no object")),
        };
        let row = PasskeyRow {
            id: PasskeyId(0),
            user_id: person,
            name: name.to_owned(),
            folded: String::new(),
            credential_id: made.credential_id,
            credential: json,
            counter: i64::from(made.counter),
            backed_up: made.bs,
            created_at: now,
            last_used_at: None,
        };
        self.act(permit, |act, _| {
            if passkey::of_user(act.tx, person)?.len() >= PASSKEYS_PER_USER_MAX {
                let message = format!("{PASSKEYS_PER_USER_MAX} passkeys at most: remove one first");
                return Err(Fault::conflict("passkey.too_many", message));
            }
            let row = passkey::insert(act.tx, row).map_err(taken)?;
            act.action("passkey.register");
            act.note("passkey", row.name.clone());
            act.note("passkey_id", row.id.0);
            Ok(Registered {
                recovery_codes: self.first_recovery_codes(act, person, now)?,
                row,
            })
        })
    }

    /// Removes one of the person's passkeys. Without any second factor left the recovery codes go too.
    pub fn passkey_remove(&self, permit: Permit, id: PasskeyId) -> Result<(), Fault> {
        let person = permit.person()?;
        self.act(permit, |act, _| {
            let row = passkey::remove(act.tx, person, id)?.ok_or_else(Fault::not_found)?;
            clear_recovery_codes(act.tx, person)?;
            act.action("passkey.remove");
            act.note("passkey", row.name);
            act.note("passkey_id", row.id.0);
            Ok(())
        })
    }

    /// Checks what a browser made against what it was asked.
    fn new_passkey(&self, permit: &Permit, text: &str) -> Result<StoredPasskey, Fault> {
        let purpose = Purpose::Register(permit.person()?);
        let site = self.site.as_ref().ok_or_else(refused)?;
        if text.len() > PASSKEY_ANSWER_BYTES_MAX {
            return Err(refused());
        }
        let credential: RegistrationCredential = serde_json::from_str(text).map_err(|_| refused())?;
        let data = ClientData::from_base64(&credential.response.client_data_json).map_err(|_| refused())?;
        let state = match self
            .waiting(&purpose)
            .take(&data.challenge, &purpose, permit.now())
        {
            Some(Ceremony::Register(state)) => state,
            Some(Ceremony::Authenticate(_)) | None => return Err(challenge_over()),
        };
        let made = site
            .finish_passkey_registration(&credential, &state)
            .map_err(|error| {
                tracing::info!(%error, "a new passkey was not accepted");
                refused()
            })?;
        // Longer ones the specification does not know, and an index cannot hold.
        if made.credential_id.len() > CREDENTIAL_ID_BYTES_MAX {
            return Err(refused());
        }
        Ok(made)
    }
}

fn taken(error: StoreError) -> Fault {
    if error.is_conflict_of(NAME_TAKEN) {
        Fault::invalid(
            "Passkey",
            "name",
            "already_exists",
            "is the name of another passkey of yours",
        )
    } else if error.is_conflict_of(ALREADY_REGISTERED) {
        Fault::conflict("passkey.exists", "this passkey is registered already")
    } else {
        Fault::from(error)
    }
}
