//! Files of a repository at a branch, a tag or a commit: directories, and text with its lines numbered. Nothing of
//! what is in a file is ever markup here.

use super::repository_frame::{Place, Tab};
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Tone, link};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Part, part};
use crate::look::icon::Icon;
use crate::look::list::{Row, rows};
use crate::look::{Markup, code, html, list};
use crate::visit::Visit;
use bailiwick_authority::content::file::{Content, Found};
use bailiwick_authority::content::git::{Mode, TreeEntry};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};

/// Bytes of a file that are shown; the rest is there for git.
const SHOWN_BYTES: usize = 256 << 10;
/// Lines of a file that are shown.
const SHOWN_LINES: usize = 4000;
/// Bytes of a README that are shown below the files.
const README_BYTES: usize = 64 << 10;

/// The operations of this module.
pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_REPOSITORY_TREE, show)
        .on(op::WEB_REPOSITORY_BLOB, show);
}

fn show(call: Call) -> Answer {
    let (visit, place) = (Visit::of(&call), Place::of(&call)?);
    let (revision, path) = (call.request.parameter("ref"), call.request.parameter("path"));
    let found = call.authority.content_get(&call.permit, path, Some(revision))?;
    // Each thing has one address, whichever kind was guessed.
    let kind = if matches!(found.content, Content::Directory(_)) {
        "tree"
    } else {
        "blob"
    };
    let address = address(&place, kind, revision, path);
    let asked = call.permit.operation().index;
    if (asked == op::WEB_REPOSITORY_TREE) != (kind == "tree") {
        return Ok(Reply::see_other(&address));
    }
    let at = link(
        &format!("At {revision}"),
        &format!("{}/branches", place.path),
        Tone::Plain,
    );
    let name = path.rsplit('/').next().filter(|name| !name.is_empty());
    let about = Part {
        title: name.unwrap_or("Files"),
        actions: at,
        ..Part::default()
    };
    let main = html! {
        (place.head(Tab::Code))
        (way(&place, revision, path))
        (part(&about, &html! {
            @match &found.content {
                Content::Directory(all) => (entries(&place, revision, path, all)),
                Content::File(bytes) => (file(&found, bytes.as_deref())),
                Content::Symlink(target) => (callout(Weight::Info, "", &html! {
                    "A link to " (code::inline(target)) ", which is no file here."
                })),
                Content::Submodule(address) => (callout(Weight::Info, "", &html! {
                    "Another repository at its commit " (code::inline(&found.oid.to_string())) "."
                    @if let Some(address) = address { " Its address: " (code::inline(address)) }
                })),
            }
        }))
    };
    let title = if path.is_empty() { revision } else { path };
    Ok(place.page(&visit, title, &Errors::none(), &main))
}

/// The address of a file or directory.
pub(super) fn address(place: &Place, kind: &str, revision: &str, path: &str) -> String {
    let path: Vec<String> = path.split('/').map(encode).collect();
    let address = format!("{}/{kind}/{}/{}", place.path, encode(revision), path.join("/"));
    address.trim_end_matches('/').to_owned()
}

/// Where we are: the branch, and each directory above.
fn way(place: &Place, revision: &str, path: &str) -> Markup {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let last = segments.len();
    html! {
        nav.crumbs aria-label="Path" {
            ol {
                li { a href=(address(place, "tree", revision, "")) { bdi { (place.view.row.name) } } }
                @for (index, segment) in segments.iter().enumerate() {
                    li {
                        @if index + 1 == last { span aria-current="page" { bdi { (segment) } } }
                        @else {
                            a href=(address(place, "tree", revision, &segments.get(..=index).unwrap_or_default().join("/"))) {
                                bdi { (segment) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The entries of a directory: directories first.
pub(super) fn entries(place: &Place, revision: &str, directory: &str, all: &[TreeEntry]) -> Markup {
    let mut sorted: Vec<&TreeEntry> = all.iter().collect();
    sorted.sort_by_key(|entry| (entry.mode != Mode::Tree, entry.path.to_lowercase()));
    let rows_of: Vec<Row> = sorted
        .into_iter()
        .map(|entry| {
            let folder = entry.mode == Mode::Tree;
            let path = bailiwick_authority::content::file::join(directory, &entry.path);
            let href = address(place, if folder { "tree" } else { "blob" }, revision, &path);
            Row {
                title: html! { a href=(href) { bdi { (entry.path) } @if folder { "/" } } },
                badges: match entry.mode {
                    Mode::Executable => badge(Hue::Grey, "Program"),
                    Mode::Symlink => badge(Hue::Grey, "Link"),
                    Mode::Submodule => badge(Hue::Grey, "Other repository"),
                    Mode::Tree | Mode::File => html! {},
                },
                actions: html! { @if let Some(bytes) = entry.size_bytes { span.hint { (size(bytes)) } } },
                ..Row::default()
            }
        })
        .collect();
    html! {
        @if rows_of.is_empty() {
            (list::empty(Icon::Repository, "An empty directory", &html! {}, &html! {}))
        } @else { (rows("Files", &rows_of)) }
    }
}

/// A size as people read it.
fn size(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let (mut whole, mut unit) = (bytes, "B");
    for next in ["KiB", "MiB", "GiB"] {
        if whole < 1024 {
            break;
        }
        (whole, unit) = (whole.div_ceil(1024), next);
    }
    format!("{whole} {unit}")
}

/// The text of bytes as far as it is shown, and whether more follows. `None`: not text.
fn text(bytes: &[u8], bytes_max: usize) -> Option<(&str, bool)> {
    if bytes.contains(&0) {
        return None;
    }
    let all = std::str::from_utf8(bytes).ok()?;
    if all.len() <= bytes_max {
        return Some((all, false));
    }
    let end = (0..=bytes_max).rev().find(|at| all.is_char_boundary(*at))?;
    Some((all.get(..end)?, true))
}

fn file(found: &Found, bytes: Option<&[u8]>) -> Markup {
    let about = |told: &str| {
        callout(
            Weight::Info,
            "",
            &html! { (told) " Clone the repository to have it." },
        )
    };
    let Some(bytes) = bytes else {
        return about(&format!("{}: too large to show.", size(found.size)));
    };
    let Some((shown, more)) = text(bytes, SHOWN_BYTES) else {
        return about(&format!("{} of binary data, not shown.", size(found.size)));
    };
    let lines: Vec<&str> = shown.lines().take(SHOWN_LINES).collect();
    let more = more || shown.lines().nth(SHOWN_LINES).is_some();
    html! {
        @if reorders(shown) {
            (callout(Weight::Warn, "Not what it seems", &html! {
                "This file holds invisible characters that reorder text: what runs may differ from what is read here."
            }))
        }
        figure.code {
            figcaption {
                span { (super::counted(i64::try_from(lines.len()).unwrap_or(i64::MAX), "line", "lines")) " · " (size(found.size)) }
            }
            // A region that scrolls must be reachable by keyboard.
            pre.blob tabindex="0" role="region" aria-label=(found.path) {
                code {
                    @for (index, line) in lines.iter().enumerate() {
                        span.line id={ "L" (index + 1) } { (line) }
                    }
                }
            }
        }
        @if more { (about("Only the beginning is shown.")) }
    }
}

/// Whether a text holds characters that change the direction of what follows.
fn reorders(text: &str) -> bool {
    text.chars()
        .any(|character| matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

/// A README as it is written.
pub(super) fn readme(place: &Place, revision: &str, found: &Found) -> Markup {
    let Content::File(Some(bytes)) = &found.content else {
        return html! {};
    };
    let Some((shown, more)) = text(bytes, README_BYTES) else {
        return html! {};
    };
    let name = found.path.rsplit('/').next().unwrap_or("README");
    let href = address(place, "blob", revision, &found.path);
    part(
        &Part {
            id: "readme",
            title: name,
            actions: link("With line numbers", &href, Tone::Plain),
            ..Part::default()
        },
        &html! {
            div.panel { div.written { (shown) } }
            @if more { p { a href=(href) { "The rest of it" } } }
        },
    )
}
