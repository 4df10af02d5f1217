//! Files at a path, and the README.

use super::media::{self, Media};
use super::{IdentityBody, place, stream};
use crate::view::content as view;
use bailiwick_authority::content::file::{Content, FileInput, Found};
use bailiwick_authority::content::not_supplied;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use base64::Engine as _;
use http::StatusCode;
use serde::Deserialize;

pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::REPOS_GET_CONTENT, get)
        .on(op::REPOS_CREATE_OR_UPDATE_FILE_CONTENTS, put)
        .on(op::REPOS_DELETE_FILE, delete)
        .on(op::REPOS_GET_README, readme)
        .on(op::REPOS_GET_README_IN_DIRECTORY, readme);
}

fn get(call: Call) -> Answer {
    let path = call.request.parameter("path");
    let found = call
        .authority
        .content_get(&call.permit, path, call.request.query.get("ref"))?;
    answer(&call, found)
}

fn readme(call: Call) -> Answer {
    let directory = call.request.parameter("dir");
    let found = call
        .authority
        .readme_get(&call.permit, directory, call.request.query.get("ref"))?;
    answer(&call, found)
}

fn answer(call: &Call, mut found: Found) -> Answer {
    match (media::accepted(&call.request), &mut found.content) {
        (Media::Raw, Content::File(Some(bytes))) => Ok(media::raw(std::mem::take(bytes))),
        (Media::Raw, Content::File(None)) => {
            let transfer = call.authority.blob_stream(&call.permit, found.oid)?;
            stream::reply(&call.authority, &call.permit, transfer, media::RAW)
        }
        (Media::Object, _) => Ok(Reply::json(&view::object(&place(call)?, &found))),
        _ => Ok(Reply::json(&view::found(&place(call)?, &found))),
    }
}

#[derive(Deserialize)]
struct FileBody {
    message: Option<String>,
    content: Option<String>,
    sha: Option<String>,
    branch: Option<String>,
    committer: Option<IdentityBody>,
    author: Option<IdentityBody>,
}

impl FileBody {
    fn input(self, path: &str, bytes: Option<Vec<u8>>) -> Result<FileInput, Fault> {
        Ok(FileInput {
            path: path.to_owned(),
            bytes,
            message: self
                .message
                .filter(|text| !text.is_empty())
                .ok_or_else(|| not_supplied("message"))?,
            sha: self.sha,
            branch: self.branch.filter(|name| !name.is_empty()),
            author: self.author.map(Into::into),
            committer: self.committer.map(Into::into),
        })
    }
}

fn put(call: Call) -> Answer {
    let mut body: FileBody = call.request.json()?;
    let content = body.content.take().ok_or_else(|| not_supplied("content"))?;
    let bytes = decode(&content)?;
    let input = body.input(call.request.parameter("path"), Some(bytes))?;
    change(call, &input)
}

fn delete(call: Call) -> Answer {
    // Clients that send no body with a deletion put the same fields into the query.
    let mut body: FileBody = call.request.json()?;
    let query = |name: &str| call.request.query.get(name).map(str::to_owned);
    body.message = body.message.or_else(|| query("message"));
    body.sha = body.sha.or_else(|| query("sha"));
    body.branch = body.branch.or_else(|| query("branch"));
    let input = body.input(call.request.parameter("path"), None)?;
    if input.sha.is_none() {
        return Err(not_supplied("sha"));
    }
    change(call, &input)
}

fn change(call: Call, input: &FileInput) -> Answer {
    let place = place(&call)?;
    let changed = call.authority.content_put(call.permit, input)?;
    let status = if changed.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok(Reply::json_with(status, &view::changed(&place, &changed)))
}

/// Base64 as people send it: lines of any length.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, Fault> {
    let plain: String = text.chars().filter(|char| !char.is_ascii_whitespace()).collect();
    base64::engine::general_purpose::STANDARD
        .decode(plain)
        .map_err(|_| {
            Fault::new(
                FaultKind::Invalid,
                "content.base64",
                "content is not valid Base64",
            )
        })
}
