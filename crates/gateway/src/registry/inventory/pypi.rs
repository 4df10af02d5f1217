//! Python: the versions of the files that a project's page names.

use super::{Source, held};
use bailiwick_authority::Fault;
use bailiwick_authority::package::list::Held;
use bailiwick_gate::encode;
use bailiwick_upstream::OutgoingBody;
use bailiwick_wire::pypi::{PageFile, Spelled, canonical, file_name, files_of, spelled};
use bytes::Bytes;
use http::{Method, StatusCode};
use std::collections::BTreeSet;

const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];

/// The project's own files.
async fn files(source: &Source) -> Result<Vec<PageFile>, Fault> {
    let target = format!("/simple/{}/", source.name);
    let told = source.get(&target, "text/html").await?;
    match told.status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => return Ok(Vec::new()),
        // An index that does not have a project sends clients to a public one, which is not followed.
        status if status.is_redirection() => return Ok(Vec::new()),
        status => return Err(source.refused(status)),
    }
    let text = std::str::from_utf8(&told.body).map_err(|_| source.unread())?;
    let base = source.upstream.web()?.address();
    Ok(files_of(text, &source.name, &|address| {
        base.below(address).map(str::to_owned)
    }))
}

/// Every version of which there is a file, newest last in the page, so first here. A file whose version cannot be told, by
/// the rule of what is let through, is of none.
pub(super) async fn versions(source: &Source) -> Result<Vec<Held>, Fault> {
    let mut seen = BTreeSet::new();
    let mut all: Vec<Held> = Vec::new();
    for file in files(source).await? {
        if let Some(found) = file_name(&file.file)
            && seen.insert(canonical(&found.version))
        {
            all.push(held(found.version));
        }
    }
    all.reverse();
    Ok(all)
}

/// Deletes every file of a version, by the form that servers of this sort take, as each file spells it.
pub(super) async fn delete(source: &Source, version: &str) -> Result<(), Fault> {
    let form = canonical(version).ok_or_else(Fault::not_found)?;
    let files = files(source).await?;
    let spelled: BTreeSet<Spelled> = files
        .iter()
        .filter_map(|file| spelled(&file.file, &form))
        .collect();
    if spelled.is_empty() {
        return Err(Fault::not_found());
    }
    for one in spelled {
        let body = format!(
            ":action=remove_pkg&name={}&version={}",
            encode(&one.name),
            encode(&one.index)
        );
        let told = source
            .ask(Method::POST, "/", FORM, OutgoingBody::Whole(Bytes::from(body)))
            .await?;
        source.done(&told)?;
    }
    Ok(())
}
