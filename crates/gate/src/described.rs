//! A request that is only described, as people write or paste it: `git push acme/site`, `PATCH /repos/acme/site`, an
//! address, a line of `curl` or `gh api`. Explaining classifies what comes out of here like any other request.

mod question;

pub use question::Question;

/// A request that was described.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Described {
    /// The method in capitals.
    pub method: String,
    /// The path as a client would send it.
    pub path: String,
    /// The query, without its question mark.
    pub query: Option<String>,
    /// The same request in its shortest form, without anything else that was pasted with it: options, headers,
    /// secrets.
    pub plain: String,
}

/// Reads a description. `None` if it is none.
pub fn read(text: &str) -> Option<Described> {
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'', '`', '\\']))
        .filter(|word| !word.is_empty() && *word != "$")
        .collect();
    match words.as_slice() {
        ["git", rest @ ..] => of_git(rest),
        [program @ ("docker" | "podman"), rest @ ..] => of_images(program, rest),
        ["curl", rest @ ..] | ["gh", "api", rest @ ..] => of_client(rest),
        [address] => of_address("GET", address),
        [method, target] if method.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            of_address(&method.to_ascii_uppercase(), target)
        }
        _ => None,
    }
}

/// `push acme/site`, with options before and branches after.
fn of_git(words: &[&str]) -> Option<Described> {
    let mut plain = words.iter().filter(|word| !word.starts_with('-'));
    let verb = *plain.next()?;
    let name = plain.next()?;
    let service = match verb {
        "clone" | "fetch" | "pull" | "ls-remote" => "git-upload-pack",
        "push" => "git-receive-pack",
        _ => return None,
    };
    let path = match split_address(name) {
        Some((_, path)) => path,
        None => name,
    };
    let name = path.trim_matches('/').trim_end_matches(".git");
    Some(Described {
        method: String::from("POST"),
        path: format!("/{name}.git/{service}"),
        query: None,
        plain: format!("git {verb} {name}"),
    })
}

/// `pull git.example.com/acme/site:v1`: the manifest that is asked for, or stored.
fn of_images(program: &str, words: &[&str]) -> Option<Described> {
    let mut plain = words.iter().filter(|word| !word.starts_with('-'));
    let verb = *plain.next()?;
    let method = match verb {
        "pull" => "GET",
        "push" => "PUT",
        _ => return None,
    };
    let whole = *plain.next()?;
    // The first piece is a host if it could be none of an image's name, as these programs have it.
    let name = match whole.split_once('/') {
        Some((host, name)) if host.contains(['.', ':']) || host == "localhost" => name,
        _ => whole,
    };
    let (name, between, reference) = match (name.split_once('@'), name.rsplit_once(':')) {
        (Some((name, digest)), _) => (name, '@', digest),
        (None, Some((name, tag))) => (name, ':', tag),
        (None, None) => (name, ':', "latest"),
    };
    Some(Described {
        method: method.to_owned(),
        path: format!("/v2/{name}/manifests/{reference}"),
        query: None,
        plain: format!("{program} {verb} {name}{between}{reference}"),
    })
}

/// `-X PATCH -H '…' https://…`: the method and the address are all that counts.
fn of_client(words: &[&str]) -> Option<Described> {
    let mut method = None;
    let mut sends = false;
    let mut target = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "-X" | "--request" | "--method" => method = words.next().map(|word| word.to_ascii_uppercase()),
            "-d" | "--data" | "--data-raw" | "--json" | "-f" | "-F" | "--field" | "--raw-field" => {
                sends = true;
                let _ = words.next();
            }
            "-I" | "--head" => method = Some(String::from("GET")),
            word if word.starts_with("-X") => method = word.get(2..).map(str::to_ascii_uppercase),
            word if word.starts_with("--") || word.starts_with('-') => {}
            word if word.contains("://") || word.starts_with('/') => target = target.or(Some(word)),
            _ => {}
        }
    }
    let method = method.unwrap_or_else(|| String::from(if sends { "POST" } else { "GET" }));
    of_address(&method, target?)
}

/// `/repos/acme/site`, or a whole address of the API, of a clone, of a page.
fn of_address(method: &str, target: &str) -> Option<Described> {
    let (host, whole) = match split_address(target) {
        Some((host, path)) => (Some(host), path),
        None => (None, target),
    };
    let (path, query) = match whole.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (whole, None),
    };
    let path = path.split('#').next().unwrap_or_default();
    let images = path == "/v2" || path.starts_with("/v2/");
    if images || crate::mount::split_mount(path).is_some() {
        let shown = query
            .as_ref()
            .map_or_else(String::new, |query| format!("?{query}"));
        return Some(Described {
            method: method.to_owned(),
            plain: format!("{method} {path}{shown}"),
            path: path.to_owned(),
            query,
        });
    }
    if host.is_some() && path.ends_with(".git") && method == "GET" {
        return of_git(&["clone", path]);
    }
    let shown = query
        .as_ref()
        .map_or_else(String::new, |query| format!("?{query}"));
    if path.starts_with("/api/v1/") {
        // Gitea's own API has its own operations.
        return Some(Described {
            method: method.to_owned(),
            plain: format!("{method} {path}{shown}"),
            path: path.to_owned(),
            query,
        });
    }
    let rest = path.strip_prefix("/api/v3").filter(|rest| rest.starts_with('/'));
    let rest = match (rest, host) {
        (Some(rest), _) => rest.to_owned(),
        (None, Some(host)) if !host.starts_with("api.") => of_page(path)?,
        (None, _) => path.to_owned(),
    };
    if !rest.starts_with('/') {
        return None;
    }
    Some(Described {
        method: method.to_owned(),
        plain: format!("{method} {rest}{shown}"),
        path: format!("/api/v3{rest}"),
        query,
    })
}

/// What a page of a repository shows, as a request of the API.
fn of_page(path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    match segments.as_slice() {
        [owner, name] => Some(format!("/repos/{owner}/{name}")),
        [
            owner,
            name,
            leaf @ ("issues" | "pulls" | "commits" | "branches" | "tags" | "releases"),
        ] => Some(format!("/repos/{owner}/{name}/{leaf}")),
        [owner, name, "issues" | "pull", number] => Some(format!("/repos/{owner}/{name}/issues/{number}")),
        [owner, name, "blob" | "tree", _, file @ ..] => {
            Some(format!("/repos/{owner}/{name}/contents/{}", file.join("/")))
        }
        _ => None,
    }
}

/// Splits `https://host/path` into host and path.
fn split_address(text: &str) -> Option<(&str, &str)> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))?;
    let at = rest.find('/')?;
    let (host, path) = rest.split_at(at);
    // A name or a secret before the host is nobody's business here.
    Some((host.rsplit('@').next().unwrap_or(host), path))
}

#[cfg(test)]
mod tests;
