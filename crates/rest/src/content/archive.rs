//! Archives. GitHub sends its clients to another host for them; here they come at once.

use super::stream;
use bailiwick_authority::content::git::ArchiveFormat;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};
use http::header;

pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::REPOS_DOWNLOAD_ZIPBALL_ARCHIVE, zipball)
        .on(op::REPOS_DOWNLOAD_TARBALL_ARCHIVE, tarball);
}

fn zipball(call: Call) -> Answer {
    archive(&call, ArchiveFormat::Zip, "application/zip", "zip")
}

fn tarball(call: Call) -> Answer {
    archive(&call, ArchiveFormat::TarGz, "application/x-gzip", "tar.gz")
}

fn archive(call: &Call, format: ArchiveFormat, content_type: &'static str, ending: &str) -> Answer {
    let made = call
        .authority
        .archive(&call.permit, call.request.parameter("ref"), format)?;
    let reply = stream::reply(&call.authority, &call.permit, made.transfer, content_type)?;
    // Logins and names of repositories hold nothing that a header must quote.
    Ok(reply.with(
        header::CONTENT_DISPOSITION,
        &format!("attachment; filename={}.{ending}", made.name),
    ))
}
