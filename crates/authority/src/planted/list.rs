//! Listing what tokens planted, for the token's holder and for the resource owner.

use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::{Timestamp, TokenId};
use bailiwick_store::{PlantedRow, PlantedState, Tx, account, enterprise, planted, repository, token};

/// A planted thing with its names.
#[derive(Clone, PartialEq, Debug)]
pub struct PlantedView {
    /// What is recorded.
    pub row: PlantedRow,
    /// The name of the token that made it.
    pub token: String,
    /// Whether that token has ended, or been deleted.
    pub token_ended: bool,
    /// Whom the token acted as.
    pub actor: String,
    /// At whom it is: a login, or the slug of an enterprise.
    pub owner: Option<String>,
    /// `owner/name` of the repository in which it is.
    pub repository: Option<String>,
    /// Who asked for its ending.
    pub ended_by: Option<String>,
}

impl PlantedView {
    /// `live`, `lapsed`, `pending`, `ended`, `failed` or `unknown`.
    pub fn state(&self, now: Timestamp) -> &'static str {
        match self.row.lapses_at {
            Some(end) if now >= end && self.row.state != PlantedState::Ended => "lapsed",
            Some(_) | None => self.row.state.word(),
        }
    }

    /// Whether its ending can be asked for here.
    pub fn can_end(&self, now: Timestamp) -> bool {
        self.row.end_path.is_some() && !matches!(self.state(now), "ended" | "lapsed")
    }
}

impl Authority {
    /// What the person's tokens planted, or one of them did, newest first: a page, from an offset.
    pub fn planted_own(
        &self,
        permit: &Permit,
        token: Option<TokenId>,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<PlantedView>, Fault> {
        let person = permit.person()?;
        self.read(permit, |tx| {
            let rows = planted::of_actor(tx, person, token, bounded(offset), bounded(limit))?;
            rows.into_iter().map(|row| view(tx, row)).collect()
        })
    }

    /// What tokens planted at the organization that the path names, newest first: a page, from an offset.
    pub fn planted_at(
        &self,
        permit: &Permit,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<PlantedView>, Fault> {
        let owner = permit.owner()?.id;
        self.read(permit, |tx| {
            let rows = planted::of_owner(tx, owner, bounded(offset), bounded(limit))?;
            rows.into_iter().map(|row| view(tx, row)).collect()
        })
    }

    /// What would be left of one of the person's own tokens if it ended now: what it, and what it minted, planted.
    pub fn planted_left(&self, permit: &Permit, token: TokenId) -> Result<Vec<PlantedView>, Fault> {
        let person = permit.person()?;
        let now = permit.now();
        self.read(permit, |tx| {
            crate::token::view::own_row(tx, person, token)?;
            let rows = planted::left_by(tx, token)?;
            let lasting = |row: &PlantedRow| row.lapses_at.is_none_or(|end| now < end);
            rows.into_iter()
                .filter(lasting)
                .map(|row| view(tx, row))
                .collect()
        })
    }
}

fn bounded(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn view(tx: &mut Tx<'_>, row: PlantedRow) -> Result<PlantedView, Fault> {
    let mut login = |id| Ok::<_, Fault>(account::by_id(tx, id)?.map(|account| account.login));
    let actor = login(row.actor_id)?.unwrap_or_default();
    let ended_by = match row.ended_by {
        Some(id) => login(id)?,
        None => None,
    };
    let account = match row.owner_id {
        Some(id) => login(id)?,
        None => None,
    };
    let owner = match row.enterprise_id {
        Some(id) => enterprise::by_id(tx, id)?.map(|enterprise| enterprise.slug),
        None => account,
    };
    let repository = match row.repository_id {
        Some(id) => repository::by_id(tx, id)?,
        None => None,
    };
    let repository = match repository {
        Some(found) => {
            account::by_id(tx, found.owner_id)?.map(|account| format!("{}/{}", account.login, found.name))
        }
        None => None,
    };
    let token = token::by_id(tx, row.token_id)?;
    let token_ended = token
        .as_ref()
        .is_none_or(|token| token.revoked_at.is_some() || token.deleted_at.is_some());
    Ok(PlantedView {
        token: token.map(|token| token.name).unwrap_or_default(),
        token_ended,
        actor,
        owner,
        repository,
        ended_by,
        row,
    })
}
