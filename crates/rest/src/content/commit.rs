//! Commits: lists, one, comparison, merging.

use super::media::{self, Media};
use super::{list_path, one_more, place};
use crate::view::commit as view;
use bailiwick_authority::content::commit::{CommitQuery, MergeInput};
use bailiwick_authority::content::git::Commit;
use bailiwick_authority::content::{Page, People, not_supplied};
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes, encode};
use bailiwick_model::Timestamp;
use http::StatusCode;
use serde::Deserialize;

/// Commits of a comparison on a page, where the caller asks for no page.
const COMPARE_COMMITS: usize = 250;
/// Files of a commit on a page, where the caller asks for no size.
const COMMIT_FILES: usize = 300;

pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::REPOS_LIST_COMMITS, list)
        .on(op::REPOS_GET_COMMIT, get)
        .on(op::REPOS_COMPARE_COMMITS_WITH_BASEHEAD, compare)
        .on(op::REPOS_MERGE, merge);
}

fn list(call: Call) -> Answer {
    let place = place(&call)?;
    let text = |name: &str| {
        call.request
            .query
            .get(name)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let query = CommitQuery {
        from: text("sha"),
        path: text("path").map(|path| path.trim_matches('/').to_owned()),
        author: text("author"),
        since: instant(&call.request, "since")?,
        until: instant(&call.request, "until")?,
    };
    let page = call.request.page();
    let mut commits = call.authority.commit_list(&call.permit, &query, one_more(page))?;
    let more = commits.len() > page.size;
    commits.truncate(page.size);
    let people = call.authority.people(&call.permit, &commits)?;
    let items = commits
        .iter()
        .map(|commit| view::commit(&place, commit, &people))
        .collect();
    Ok(Reply::page(
        &call.request,
        &list_path(&call, "/commits")?,
        page,
        items,
        more,
    ))
}

fn instant(request: &Request, name: &str) -> Result<Option<Timestamp>, Fault> {
    let Some(text) = request.query.get(name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let invalid = || {
        Fault::new(
            FaultKind::Invalid,
            "query.date",
            format!("Invalid request.\n\n{name} is not a date"),
        )
    };
    Timestamp::parse(text).map(Some).ok_or_else(invalid)
}

fn get(call: Call) -> Answer {
    let revision = call.request.parameter("ref");
    let found = call.authority.commit_find(&call.permit, revision)?;
    match media::accepted(&call.request) {
        Media::Sha => return Ok(media::sha(found.oid)),
        Media::Diff => return Ok(media::diff(call.authority.commit_diff(&call.permit, &found)?)),
        Media::Patch => return Ok(media::patch(call.authority.commit_patch(&call.permit, &found)?)),
        Media::Json | Media::Raw | Media::Object => {}
    }
    let files = call.authority.commit_files(&call.permit, &found)?;
    let people = call
        .authority
        .people(&call.permit, std::slice::from_ref(&found))?;
    let mut page = call.request.page();
    if call.request.query.get("per_page").is_none() {
        page.size = COMMIT_FILES;
    }
    let (shown, more) = page.cut(files.clone());
    let reply = Reply::json(&view::commit_with_files(
        &place(&call)?,
        &found,
        &people,
        &files,
        &shown,
    ));
    let path = list_path(&call, &format!("/commits/{}", encode(revision)))?;
    Ok(reply.linked(&call.request, &path, page, more))
}

fn compare(call: Call) -> Answer {
    let basehead = call.request.parameter("basehead");
    let (base, head) = call.authority.compare_ends(&call.permit, basehead)?;
    match media::accepted(&call.request) {
        Media::Diff => {
            return Ok(media::diff(call.authority.compare_diff(
                &call.permit,
                base.oid,
                head.oid,
            )?));
        }
        Media::Patch => {
            return Ok(media::patch(call.authority.compare_patch(
                &call.permit,
                base.oid,
                head.oid,
            )?));
        }
        Media::Json | Media::Raw | Media::Object | Media::Sha => {}
    }
    let mut page = call.request.page();
    if ["page", "per_page"]
        .iter()
        .all(|name| call.request.query.get(name).is_none())
    {
        page.size = COMPARE_COMMITS;
    }
    let part = Page {
        skip: page.offset(),
        limit: page.size,
    };
    let (found, merge_base) = call.authority.compare(&call.permit, base.oid, head.oid, part)?;
    let mut shown: Vec<Commit> = found.commits.clone();
    shown.extend([base.clone(), head.clone(), merge_base.clone()]);
    let people = call.authority.people(&call.permit, &shown)?;
    let more = found.ahead_by > part.skip.saturating_add(found.commits.len());
    let reply = Reply::json(&view::comparison(
        &place(&call)?,
        (&base, &head),
        &merge_base,
        &found,
        &people,
    ));
    let path = list_path(&call, &format!("/compare/{}", view::encode_path(basehead)))?;
    Ok(reply.linked(&call.request, &path, page, more))
}

#[derive(Deserialize)]
struct MergeBody {
    base: Option<String>,
    head: Option<String>,
    commit_message: Option<String>,
}

fn merge(call: Call) -> Answer {
    let body: MergeBody = call.request.json()?;
    let input = MergeInput {
        base: body.base.ok_or_else(|| not_supplied("base"))?,
        head: body.head.ok_or_else(|| not_supplied("head"))?,
        message: body.commit_message,
    };
    let place = place(&call)?;
    match call.authority.merge(call.permit, &input)? {
        Some(commit) => Ok(Reply::json_with(
            StatusCode::CREATED,
            &view::commit(&place, &commit, &People::default()),
        )),
        None => Ok(Reply::no_content()),
    }
}
