//! Upstreams, links and what is bound. Of secrets, only the names of those that are set.

use crate::view::account::simple_user;
use bailiwick_authority::rows::{AccountRow, LinkBar};
use bailiwick_authority::upstream::synchronise::SynchronisationView;
use bailiwick_authority::upstream::synchronise::state::Synchronisation;
use bailiwick_authority::upstream::view::{BoundView, LinkView, UpstreamView};
use bailiwick_model::{Timestamp, UpstreamMode};
use serde_json::{Value, json};

fn at(time: Option<Timestamp>) -> Option<String> {
    time.map(Timestamp::rfc3339)
}

/// An upstream.
pub fn upstream(base_url: &str, view: &UpstreamView, now: Timestamp) -> Value {
    let row = &view.row;
    let observed = row.mode == UpstreamMode::Observe && row.observe_until.is_some_and(|end| now < end);
    let state = row
        .synchronisation
        .as_deref()
        .map(|text| state(&Synchronisation::read(Some(text))));
    json!({
        "id": row.id,
        "name": row.name,
        "kind": row.kind.word(),
        "address": row.address,
        "settings": view.settings,
        "mode": row.mode.word(),
        "observe_until": at(row.observe_until),
        "observing": observed,
        "from_file": row.from_file,
        "credential": {
            "secrets": view.secrets.clone().unwrap_or_default(),
            "readable": view.secrets.is_some(),
            "changed_at": at(row.credential_changed_at),
        },
        "owners_count": view.accounts,
        "repositories_count": view.repositories,
        "links_count": view.links,
        "synchronised_at": at(row.synchronised_at),
        "synchronisation": state,
        "created_at": row.created_at.rfc3339(),
        "updated_at": row.updated_at.rfc3339(),
        "url": format!("{base_url}/api/v3/admin/upstreams/{}", row.name),
        "html_url": format!("{base_url}/admin/upstreams/{}", row.name),
    })
}

/// How the synchronisation of an upstream stands.
pub fn synchronisation(view: &SynchronisationView) -> Value {
    let mut shown = state(&view.state);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("upstream".into(), view.upstream.as_str().into());
        fields.insert("synchronised".into(), view.synchronised.into());
        fields.insert("synchronised_at".into(), json!(at(view.synchronised_at)));
        fields.insert("stale".into(), view.stale.into());
    }
    shown
}

fn state(state: &Synchronisation) -> Value {
    let removals = state.removals.as_ref().map(|removals| {
        let mut shown = json!(removals);
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("total".into(), removals.total().into());
        }
        shown
    });
    let unread: Vec<Value> = state
        .unread
        .iter()
        .map(|one| {
            json!({
                "name": one.name,
                "code": one.code,
                "message": one.message,
                "read_at": at(one.read_at),
            })
        })
        .collect();
    json!({
        "state": state.state.word(),
        "started_at": at(state.started_at),
        "finished_at": at(state.finished_at),
        "progress": state.progress,
        "changes": state.changes,
        "removals": removals,
        "conflicts": state.conflicts,
        "conflicts_count": state.conflicts_total,
        "unlinked_count": state.unlinked,
        "kept_here_count": state.kept_here,
        "unread": unread,
        "failures": state.failures,
        "not_before": at(state.not_before),
        "error": state.error,
    })
}

/// Who an account is at an upstream.
pub fn link(base_url: &str, view: &LinkView) -> Value {
    json!({
        "upstream": view.upstream.name,
        "kind": view.upstream.kind.word(),
        "address": view.upstream.address,
        "user": simple_user(base_url, &view.account),
        "login": view.row.login,
        "id": view.row.upstream_key,
        "active": view.row.active,
        "barred": view.row.barred.map(LinkBar::word),
        "secrets": view.secrets.clone().unwrap_or_default(),
        "expires_at": at(view.row.expires_at),
        "created_at": view.row.created_at.rfc3339(),
        "updated_at": view.row.updated_at.rfc3339(),
    })
}

/// An owner that lives at an upstream.
pub fn bound_owner(base_url: &str, row: &AccountRow) -> Value {
    json!({
        "account": simple_user(base_url, row),
        "name": row.upstream_name,
        "id": row.upstream_key,
    })
}

/// A repository that lives at an upstream.
pub fn bound_repository(base_url: &str, view: &BoundView) -> Value {
    json!({
        "full_name": format!("{}/{}", view.owner.login, view.row.name),
        "name": view.row.upstream_name,
        "id": view.row.upstream_key,
        "visibility": view.row.visibility.word(),
        "html_url": format!("{base_url}/{}/{}", view.owner.login, view.row.name),
    })
}
