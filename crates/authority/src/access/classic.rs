//! Classic tokens that concern an organization. It cannot approve them; it can see them, and block the kind.

use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_store::token;
pub use bailiwick_store::token::ClassicToken;

impl Authority {
    /// Live classic tokens of members and collaborators of the organization that the path names, and those that the
    /// log saw there.
    pub fn classic_tokens_at(
        &self,
        permit: &Permit,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<ClassicToken>, Fault> {
        let organization = permit.owner()?.id;
        self.read(permit, |tx| {
            Ok(token::classic_at(tx, organization, permit.now(), offset, limit)?)
        })
    }
}
