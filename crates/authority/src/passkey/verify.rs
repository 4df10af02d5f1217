//! Checking a passkey's answer: the challenge first, then the signature over it with the key that is stored.

use super::challenge::Ceremony;
use super::{challenge_over, handle, refused, stored};
use crate::Authority;
use crate::act::Act;
use crate::factor::Purpose;
use crate::fault::Fault;
use bailiwick_model::limit::PASSKEY_ANSWER_BYTES_MAX;
use bailiwick_model::{AccountId, Timestamp};
use bailiwick_store::{PasskeyRow, Tx, passkey};
use passki::{AuthenticationCredential, AuthenticationState, ClientData, Passki, PasskiError};

/// An answer to a challenge that was ours, for this purpose, and is used now. Nothing of it is verified yet.
pub(crate) struct Answer {
    credential: AuthenticationCredential,
    credential_id: Vec<u8>,
    state: AuthenticationState,
    // Whether the browser was free to choose: then the authenticator must say whose passkey it is.
    discovered: bool,
}

impl Answer {
    /// The passkey that it claims to be of.
    pub(crate) fn row(&self, tx: &mut Tx<'_>) -> Result<Option<PasskeyRow>, Fault> {
        Ok(passkey::by_credential_id(tx, &self.credential_id)?)
    }
}

impl Authority {
    /// Reads an answer and takes the challenge it answers.
    pub(crate) fn passkey_answer(
        &self,
        text: &str,
        purpose: &Purpose,
        now: Timestamp,
    ) -> Result<Answer, Fault> {
        if text.len() > PASSKEY_ANSWER_BYTES_MAX {
            return Err(refused());
        }
        let credential: AuthenticationCredential = serde_json::from_str(text).map_err(|_| refused())?;
        let data = ClientData::from_base64(&credential.response.client_data_json).map_err(|_| refused())?;
        let credential_id = Passki::base64_decode(&credential.raw_id).map_err(|_| refused())?;
        match self.waiting(purpose).take(&data.challenge, purpose, now) {
            Some(Ceremony::Authenticate(state)) => Ok(Answer {
                discovered: state.allowed_credentials.is_empty(),
                credential,
                credential_id,
                state,
            }),
            Some(Ceremony::Register(_)) | None => Err(challenge_over()),
        }
    }

    /// Verifies an answer as this person's, and notes the use.
    pub(crate) fn passkey_verify(
        &self,
        act: &mut Act<'_, '_>,
        person: AccountId,
        answer: &Answer,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let site = self.site.as_ref().ok_or_else(refused)?;
        let row = answer
            .row(act.tx)?
            // SECURITY: a passkey of another person proves nothing of this one.
            .filter(|row| row.user_id == person)
            .ok_or_else(refused)?;
        let result = site
            .finish_passkey_authentication(&answer.credential, &answer.state, &stored(&row)?)
            .map_err(|error| {
                if matches!(error, PasskiError::CounterRegression) {
                    tracing::warn!(
                        passkey = row.id.0,
                        "a passkey's counter went back: it may have been copied"
                    );
                }
                refused()
            })?;
        let named = result.user_handle.as_deref();
        if named.is_some_and(|named| named != handle(person)) || (named.is_none() && answer.discovered) {
            return Err(refused());
        }
        passkey::used(act.tx, row.id, i64::from(result.counter), row.backed_up, now)?;
        act.note("passkey", row.name);
        act.note("passkey_id", row.id.0);
        Ok(())
    }
}
