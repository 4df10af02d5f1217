//! Git data: trees, blobs, commits and tags by id.

use super::media::{self, Media};
use super::{IdentityBody, file, place, stream};
use crate::view::{commit as commit_view, content as content_view, gitdata as view};
use bailiwick_authority::content::file::INLINE_BYTES_MAX;
use bailiwick_authority::content::not_supplied;
use bailiwick_authority::content::object::{CommitInput, TagInput, TreeInput, TreeInputEntry};
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::{StatusCode, header};
use serde::{Deserialize, Deserializer};
use serde_json::json;

pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::GIT_GET_TREE, tree)
        .on(op::GIT_CREATE_TREE, create_tree)
        .on(op::GIT_GET_BLOB, blob)
        .on(op::GIT_CREATE_BLOB, create_blob)
        .on(op::GIT_GET_COMMIT, commit)
        .on(op::GIT_CREATE_COMMIT, create_commit)
        .on(op::GIT_GET_TAG, tag)
        .on(op::GIT_CREATE_TAG, create_tag);
}

fn invalid(code: &'static str, message: &str) -> Fault {
    Fault::new(FaultKind::Invalid, code, message)
}

fn tree(call: Call) -> Answer {
    // Any value counts as yes, `0` and `false` too: so it is documented.
    let recursive = call.request.query.get("recursive").is_some();
    let found = call
        .authority
        .tree_get(&call.permit, call.request.parameter("tree_sha"), recursive)?;
    Ok(Reply::json(&view::tree(&place(&call)?, &found)))
}

#[derive(Deserialize)]
struct TreeBody {
    tree: Option<Vec<TreeLine>>,
    base_tree: Option<String>,
}

#[derive(Deserialize)]
struct TreeLine {
    path: Option<String>,
    mode: Option<String>,
    // Absent is something else than null, which removes the path.
    #[serde(default, deserialize_with = "present")]
    sha: Option<Option<String>>,
    content: Option<String>,
}

fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

fn create_tree(call: Call) -> Answer {
    let body: TreeBody = call.request.json()?;
    let lines = body.tree.ok_or_else(|| not_supplied("tree"))?;
    if lines.is_empty() {
        return Err(invalid("tree.empty", "Invalid tree info"));
    }
    let lines = lines.into_iter().map(tree_line).collect::<Result<Vec<_>, _>>()?;
    let place = place(&call)?;
    let made = call
        .authority
        .tree_create(call.permit, body.base_tree.as_deref(), &lines)?;
    let location = format!("{}/git/trees/{}", place.api, made.oid);
    Ok(Reply::json_with(StatusCode::CREATED, &view::tree(&place, &made)).with(header::LOCATION, &location))
}

fn tree_line(line: TreeLine) -> Result<TreeInput, Fault> {
    let entry = match (line.sha, line.content) {
        (Some(Some(sha)), None) => TreeInputEntry::Sha(sha),
        (Some(None), None) => TreeInputEntry::Delete,
        (None, Some(content)) => TreeInputEntry::Content(content),
        (None, None) | (Some(_), Some(_)) => {
            return Err(invalid(
                "tree.entry",
                "Must supply either tree.sha or tree.content",
            ));
        }
    };
    let path = line.path.ok_or_else(|| not_supplied("tree.path"))?;
    Ok(TreeInput {
        path,
        mode: line.mode.unwrap_or_default(),
        entry,
    })
}

fn blob(call: Call) -> Answer {
    let (oid, size) = call
        .authority
        .blob_find(&call.permit, call.request.parameter("file_sha"))?;
    if media::accepted(&call.request) == Media::Raw {
        if size > INLINE_BYTES_MAX {
            let transfer = call.authority.blob_stream(&call.permit, oid)?;
            return stream::reply(&call.authority, &call.permit, transfer, media::RAW);
        }
        return Ok(media::raw(call.authority.blob_bytes(&call.permit, oid)?));
    }
    let bytes = call.authority.blob_bytes(&call.permit, oid)?;
    let place = place(&call)?;
    Ok(Reply::json(&json!({
        "sha": oid.to_string(),
        "node_id": place.node_id("Blob", oid),
        "size": size,
        "url": format!("{}/git/blobs/{oid}", place.api),
        "content": content_view::encode_bytes(&bytes),
        "encoding": "base64",
    })))
}

#[derive(Deserialize)]
struct BlobBody {
    content: Option<String>,
    encoding: Option<String>,
}

fn create_blob(call: Call) -> Answer {
    let body: BlobBody = call.request.json()?;
    let content = body.content.ok_or_else(|| not_supplied("content"))?;
    let bytes = match body.encoding.as_deref().unwrap_or("utf-8") {
        "utf-8" => content.into_bytes(),
        "base64" => file::decode(&content)?,
        _ => {
            return Err(invalid(
                "blob.encoding",
                "Invalid request.\n\nencoding is one of utf-8, base64.",
            ));
        }
    };
    let place = place(&call)?;
    let oid = call.authority.blob_create(call.permit, &bytes)?;
    let url = format!("{}/git/blobs/{oid}", place.api);
    Ok(
        Reply::json_with(StatusCode::CREATED, &json!({"sha": oid.to_string(), "url": url}))
            .with(header::LOCATION, &url),
    )
}

fn commit(call: Call) -> Answer {
    let found = call
        .authority
        .git_commit_get(&call.permit, call.request.parameter("commit_sha"))?;
    Ok(Reply::json(&commit_view::git_commit(&place(&call)?, &found)))
}

#[derive(Deserialize)]
struct CommitBody {
    message: Option<String>,
    tree: Option<String>,
    #[serde(default)]
    parents: Vec<String>,
    author: Option<IdentityBody>,
    committer: Option<IdentityBody>,
    signature: Option<String>,
}

fn create_commit(call: Call) -> Answer {
    let body: CommitBody = call.request.json()?;
    if body.signature.is_some() {
        return Err(invalid(
            "commit.signature",
            "signatures cannot be given here: push the signed commit instead",
        ));
    }
    let input = CommitInput {
        message: body.message.ok_or_else(|| not_supplied("message"))?,
        tree: body.tree.ok_or_else(|| not_supplied("tree"))?,
        parents: body.parents,
        author: body.author.map(Into::into),
        committer: body.committer.map(Into::into),
    };
    let place = place(&call)?;
    let made = call.authority.git_commit_create(call.permit, &input)?;
    let location = format!("{}/git/commits/{}", place.api, made.oid);
    let view = commit_view::git_commit(&place, &made);
    Ok(Reply::json_with(StatusCode::CREATED, &view).with(header::LOCATION, &location))
}

fn tag(call: Call) -> Answer {
    let found = call
        .authority
        .git_tag_get(&call.permit, call.request.parameter("tag_sha"))?;
    Ok(Reply::json(&view::tag(&place(&call)?, &found)))
}

#[derive(Deserialize)]
struct TagBody {
    tag: Option<String>,
    message: Option<String>,
    object: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    tagger: Option<IdentityBody>,
}

fn create_tag(call: Call) -> Answer {
    let body: TagBody = call.request.json()?;
    let input = TagInput {
        tag: body.tag.ok_or_else(|| not_supplied("tag"))?,
        message: body.message.ok_or_else(|| not_supplied("message"))?,
        object: body.object.ok_or_else(|| not_supplied("object"))?,
        kind: body.kind.ok_or_else(|| not_supplied("type"))?,
        tagger: body.tagger.map(Into::into),
    };
    let place = place(&call)?;
    let made = call.authority.git_tag_create(call.permit, &input)?;
    let location = format!("{}/git/tags/{}", place.api, made.oid);
    Ok(Reply::json_with(StatusCode::CREATED, &view::tag(&place, &made)).with(header::LOCATION, &location))
}
