//! Pages of links (PEP 503): what files an index lists, and the page that is made of them here. Nothing of the page that
//! came is passed on but names, check sums and what the standard says about a file.

use super::file_name;

/// Attributes of a link that clients read.
const ATTRIBUTES: [&str; 5] = [
    "data-requires-python",
    "data-yanked",
    "data-core-metadata",
    "data-dist-info-metadata",
    "data-gpg-sig",
];
/// Check sums that a link may carry.
const SUMS: [&str; 6] = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

/// A file on a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageFile {
    /// Its path below `/packages/`.
    pub path: String,
    /// Its name.
    pub file: String,
    /// The check sum, `sha256=…`.
    pub sum: Option<String>,
    /// What else is said of it, by attribute.
    pub said: Vec<(&'static str, String)>,
}

/// The files of a project that a page lists. `below` makes a path below the index of an absolute address of it, and is
/// nothing for an address elsewhere.
// SECURITY: what an index lists beside the project's own files, or from elsewhere, is left out: that would be another
// project's, or a way around this server.
pub fn files_of(page: &str, normal: &str, below: &dyn Fn(&str) -> Option<String>) -> Vec<PageFile> {
    let mut files = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find("<a") {
        rest = rest.get(at + 2..).unwrap_or_default();
        if !rest.starts_with(|next: char| next.is_ascii_whitespace()) {
            continue;
        }
        let (attributes, behind) = attributes(rest);
        rest = behind;
        files.extend(file(&attributes, normal, below));
    }
    files
}

fn file(
    attributes: &[(String, String)],
    normal: &str,
    below: &dyn Fn(&str) -> Option<String>,
) -> Option<PageFile> {
    let get = |name: &str| attributes.iter().find(|(key, _)| key == name);
    let href = &get("href")?.1;
    let (address, sum) = match href.split_once('#') {
        Some((address, sum)) => (address, Some(sum)),
        None => (href.as_str(), None),
    };
    let path = path_of(address, below)?;
    let path = path.strip_prefix("/packages/")?;
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'!' | b'/');
    let bad = |piece: &str| piece.is_empty() || piece.starts_with('.');
    if !path.bytes().all(plain) || path.split('/').any(bad) {
        return None;
    }
    let file = path.rsplit('/').next()?;
    if !file_name(file).is_some_and(|found| found.name.normal == normal && found.is_package) {
        return None;
    }
    let said = ATTRIBUTES
        .iter()
        .filter_map(|name| get(name).map(|(_, value)| (*name, value.clone())));
    Some(PageFile {
        path: path.to_owned(),
        file: file.to_owned(),
        sum: sum.filter(|sum| is_sum(sum)).map(str::to_owned),
        said: said.collect(),
    })
}

/// The path below the index; relative ones are relative to `/simple/NAME/`.
fn path_of(address: &str, below: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let address = address.split('?').next().unwrap_or_default();
    let decoded = percent_encoding::percent_decode_str(address).decode_utf8().ok()?;
    if let Some(rest) = decoded.strip_prefix("../../") {
        return Some(format!("/{rest}"));
    }
    below(&decoded)
}

fn is_sum(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, sum)| {
        SUMS.contains(&name)
            && !sum.is_empty()
            && sum.len() <= 128
            && sum.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Attributes up to the end of a tag, and what is behind it.
fn attributes(mut rest: &str) -> (Vec<(String, String)>, &str) {
    let mut all = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return (all, rest);
        }
        if let Some(behind) = rest.strip_prefix('>') {
            return (all, behind);
        }
        let end = rest
            .find(|it: char| it.is_ascii_whitespace() || matches!(it, '=' | '>'))
            .unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        rest = behind.trim_start();
        let mut value = "";
        if let Some(behind) = rest.strip_prefix('=') {
            (value, rest) = attribute(behind.trim_start());
        } else if name.is_empty() {
            return (all, rest);
        }
        all.push((name.to_ascii_lowercase(), unescaped(value)));
    }
}

fn attribute(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            return rest.split_once(quote).unwrap_or((rest, ""));
        }
    }
    let end = text
        .find(|it: char| it.is_ascii_whitespace() || it == '>')
        .unwrap_or(text.len());
    text.split_at(end)
}

const ENTITIES: [(&str, &str); 9] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#34;", "\""),
    ("&#x27;", "'"),
    ("&#39;", "'"),
    ("&#039;", "'"),
    ("&apos;", "'"),
    ("&amp;", "&"),
];

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let known = ENTITIES.iter().find(|(entity, _)| behind.starts_with(entity));
        let (plain, length) = known.map_or(("&", 1), |(entity, plain)| (*plain, entity.len()));
        out.push_str(plain);
        rest = behind.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(letter),
        }
    }
    out
}

/// The page of a project, with its files at `home`.
pub fn page_of(normal: &str, home: &str, files: &[PageFile]) -> String {
    let title = escaped(normal);
    let mut page = format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta name=\"pypi:repository-version\" content=\"1.0\">\n\
         <title>Links for {title}</title>\n</head>\n<body>\n<h1>Links for {title}</h1>\n"
    );
    for file in files {
        let sum = file.sum.as_ref().map(|sum| format!("#{sum}")).unwrap_or_default();
        // An exclamation mark and a plus are themselves in a path.
        let href = format!("{home}/packages/{}{sum}", file.path);
        page.push_str(&format!("<a href=\"{}\"", escaped(&href)));
        for (name, value) in &file.said {
            page.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        }
        page.push_str(&format!(">{}</a><br>\n", escaped(&file.file)));
    }
    page.push_str("</body>\n</html>\n");
    page
}
