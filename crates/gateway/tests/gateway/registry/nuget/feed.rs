//! A small feed of version 3: flat container, registrations, publishing and unlisting, with an account of its own. It keeps
//! what it was asked, and what it holds.

use crate::front::Answered;
use crate::git::bed::Bed;
use crate::recorder::{Arrived, Recorder, answer, json};
use crate::registry::place::Place;
use bailiwick_model::{RegistryKind, UpstreamSettings, Visibility};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex, OnceLock};

/// Packages by id and version in small letters: the file, and whether it is listed.
type Packages = Arc<Mutex<BTreeMap<(String, String), (Vec<u8>, bool)>>>;

pub struct Feed {
    pub recorder: Recorder,
    pub packages: Packages,
}

impl Feed {
    pub async fn start() -> Feed {
        let packages = Packages::default();
        let (held, url) = (packages.clone(), Arc::new(OnceLock::<String>::new()));
        let base = url.clone();
        let recorder = Recorder::answering(move |asked| {
            if asked.header("authorization") != Some(&Bed::authorization()) {
                return answer(401, "text/plain", b"who?");
            }
            let base = base.get().map_or("", String::as_str);
            served(asked, base, &mut held.lock().unwrap())
        })
        .await;
        url.set(recorder.url()).unwrap();
        Feed { recorder, packages }
    }

    /// Everything that it holds, as `id version listed`.
    pub fn holds(&self) -> Vec<String> {
        let packages = self.packages.lock().unwrap();
        let all = packages.iter();
        all.map(|((id, version), (_, listed))| format!("{id} {version} {listed}"))
            .collect()
    }

    /// What it was asked, but for its index, which is asked for now and then.
    pub fn asked(&self) -> Vec<Arrived> {
        let mut all = self.recorder.take();
        all.retain(|asked| asked.target != "/v3/index.json");
        all
    }
}

fn served(
    asked: &Arrived,
    base: &str,
    packages: &mut BTreeMap<(String, String), (Vec<u8>, bool)>,
) -> Vec<u8> {
    let pieces: Vec<&str> = asked.path().split('/').skip(1).collect();
    let gone = || answer(404, "text/plain", b"no such package");
    match (asked.method.as_str(), pieces.as_slice()) {
        ("GET", ["v3", "index.json"]) => json(200, &index(base)),
        ("GET" | "HEAD", ["container", id, "index.json"]) => {
            let versions: Vec<&str> = packages
                .keys()
                .filter(|key| key.0 == *id)
                .map(|key| key.1.as_str())
                .collect();
            if versions.is_empty() {
                gone()
            } else {
                json(200, &json!({"versions": versions}))
            }
        }
        ("GET" | "HEAD", ["container", id, version, _]) => {
            match packages.get(&((*id).to_owned(), (*version).to_owned())) {
                Some((bytes, _)) if asked.method == "HEAD" => answer(200, "application/octet-stream", bytes)
                    .split_inclusive(|byte| *byte == b'\n')
                    .take_while(|line| *line != b"\r\n")
                    .flatten()
                    .copied()
                    .chain(*b"\r\n")
                    .collect(),
                Some((bytes, _)) => answer(200, "application/octet-stream", bytes),
                None if asked.method == "HEAD" => b"HTTP/1.1 404 Told\r\ncontent-length: 0\r\n\r\n".to_vec(),
                None => gone(),
            }
        }
        ("GET", ["about", id, "index.json"]) => {
            let versions: Vec<&str> = packages
                .iter()
                .filter(|(key, held)| key.0 == *id && held.1)
                .map(|(key, _)| key.1.as_str())
                .collect();
            if versions.is_empty() {
                gone()
            } else {
                json(200, &registration(base, id, &versions))
            }
        }
        ("PUT", ["push"]) => {
            let (id, version, bytes) = sent(asked);
            packages.insert((id, version), (bytes, true));
            answer(201, "text/plain", b"")
        }
        ("DELETE" | "POST", ["push", id, version]) => {
            match packages.get_mut(&((*id).to_owned(), (*version).to_owned())) {
                Some((_, listed)) => {
                    *listed = asked.method == "POST";
                    answer(204, "text/plain", b"")
                }
                None => gone(),
            }
        }
        _ => gone(),
    }
}

fn index(base: &str) -> Value {
    json!({"version": "3.0.0", "resources": [
        {"@id": format!("{base}/container/"), "@type": "PackageBaseAddress/3.0.0"},
        {"@id": format!("{base}/push"), "@type": "PackagePublish/2.0.0"},
        {"@id": format!("{base}/about/"), "@type": "RegistrationsBaseUrl/3.6.0"},
        {"@id": format!("{base}/search"), "@type": "SearchQueryService"},
        {"@id": "https://elsewhere.example.com/symbols", "@type": "SymbolPackagePublish/4.9.0"},
    ]})
}

fn registration(base: &str, id: &str, versions: &[&str]) -> Value {
    let items: Vec<Value> = versions
        .iter()
        .map(|version| {
            json!({
                "@id": format!("{base}/about/{id}/{version}.json"),
                "packageContent": format!("{base}/container/{id}/{version}/{id}.{version}.nupkg"),
                "registration": format!("{base}/about/{id}/index.json"),
                "catalogEntry": {"@id": format!("{base}/catalog/{id}.{version}.json"), "id": id, "version": version,
                    "listed": true, "authors": "a", "description": "d", "iconUrl": format!("{base}/icon")},
            })
        })
        .collect();
    json!({"@id": format!("{base}/about/{id}/index.json"), "count": 1, "items": [{
        "@id": format!("{base}/about/{id}/index.json#page"), "count": items.len(),
        "lower": versions.first(), "upper": versions.last(), "items": items,
        "parent": format!("{base}/about/{id}/index.json"),
    }]})
}

/// The package in a form, as this feed reads it: by its last boundary, and the first name that looks like a description.
fn sent(asked: &Arrived) -> (String, String, Vec<u8>) {
    let content_type = asked.header("content-type").unwrap();
    let boundary = content_type.split_once("boundary=").unwrap().1;
    let begin = asked
        .body
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    let closing = format!("\r\n--{boundary}--\r\n");
    let bytes = asked.body[begin..]
        .strip_suffix(closing.as_bytes())
        .unwrap()
        .to_vec();
    let (id, version) = named(&bytes);
    (id, version, bytes)
}

/// Id and version by the description that is stored in a package of these tests or packed by a client: the name alone
/// tells the id; the version is read out of the stored text where there is one.
fn named(bytes: &[u8]) -> (String, String) {
    let mut at = 0;
    while bytes.get(at..at + 4) == Some(b"PK\x03\x04") {
        let short =
            |offset: usize| usize::from(u16::from_le_bytes([bytes[at + offset], bytes[at + offset + 1]]));
        let packed = u32::from_le_bytes(bytes[at + 18..at + 22].try_into().unwrap()) as usize;
        let name = String::from_utf8(bytes[at + 30..at + 30 + short(26)].to_vec()).unwrap();
        let data = at + 30 + short(26) + short(28);
        if name.ends_with(".nuspec") {
            let mut text = String::new();
            let stored = &bytes[data..data + packed];
            if short(8) == 8 {
                std::io::Read::read_to_string(&mut flate2::read::DeflateDecoder::new(stored), &mut text)
                    .unwrap();
            } else {
                text = String::from_utf8(stored.to_vec()).unwrap();
            }
            let between = |open: &str, close: &str| {
                let rest = text.split_once(open).unwrap().1;
                rest.split_once(close).unwrap().0.to_lowercase()
            };
            return (between("<id>", "</id>"), between("<version>", "</version>"));
        }
        at = data + packed;
    }
    panic!("no description in a package that was let through");
}

/// `Acme.*` is the repository acme/site, `Open.*` the public acme/www, `Secret.*` acme/secret.
pub async fn place(feed: &Feed) -> Place {
    let place = Place::before(
        "nugets",
        RegistryKind::NuGet,
        feed.recorder.url(),
        UpstreamSettings::default(),
    )
    .await;
    for (name, repository) in [("acme", "site"), ("open", "www"), ("secret", "secret")] {
        place.link(name, false, "acme", Some(repository), Visibility::Private);
    }
    place
}

/// An archive of stored files.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Cursor::new(Vec::new()), Vec::new());
    for (name, bytes) in files {
        let at = out.position() as u32;
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let mut shared = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        shared.extend(crc.sum().to_le_bytes());
        shared.extend((bytes.len() as u32).to_le_bytes());
        shared.extend((bytes.len() as u32).to_le_bytes());
        shared.extend((name.len() as u16).to_le_bytes());
        shared.extend([0, 0]);
        out.write_all(b"PK\x03\x04").unwrap();
        out.write_all(&shared).unwrap();
        out.write_all(name.as_bytes()).unwrap();
        out.write_all(bytes).unwrap();
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(shared);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (mut out, at) = (out.get_ref().clone(), out.position() as u32);
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(
        [
            (files.len() as u16).to_le_bytes(),
            (files.len() as u16).to_le_bytes(),
        ]
        .concat(),
    );
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// A package of this id and version.
pub fn package(id: &str, version: &str) -> Vec<u8> {
    zip(&[
        ("_rels/.rels", b"<x/>"),
        (&format!("{id}.nuspec"), nuspec(id, version).as_bytes()),
        ("content/a.txt", b"hello"),
    ])
}

pub fn nuspec(id: &str, version: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><package><metadata><id>{id}</id><version>{version}</version><authors>a</authors>\
         <description>d</description></metadata></package>"
    )
}

/// The form in which a package is sent.
pub fn form(package: &[u8]) -> Vec<u8> {
    let head = b"--bound\r\nContent-Disposition: form-data; name=package; filename=package.nupkg\r\n\
        Content-Type: application/octet-stream\r\n\r\n";
    [head, package, b"\r\n--bound--\r\n"].concat()
}

/// Sends a package with a key.
pub async fn push(place: &Place, key: &str, package: &[u8]) -> Answered {
    let headers = [
        ("x-nuget-apikey", key),
        ("content-type", "multipart/form-data; boundary=bound"),
    ];
    let headers = if key.is_empty() { &headers[1..] } else { &headers };
    place
        .front
        .send("PUT", "/-/nugets/api/v2/package/", headers, &form(package))
        .await
}
