//! Packages that are not what they seem: none of them reaches the feed.

use super::feed::{Feed, form, nuspec, package, place, push, zip};
use crate::registry::place::{ADMIN, WRITE};

#[tokio::test(flavor = "multi_thread")]
async fn packages_with_two_readings_reach_nobody() {
    let feed = Feed::start().await;
    let place = place(&feed).await;
    let (id, writer) = place.token("bob", Some(&["site"]), WRITE);
    let (mine, theirs) = (nuspec("Acme.Core", "1.0.0"), nuspec("Secret.Core", "1.0.0"));
    let (mine, theirs) = (mine.as_bytes(), theirs.as_bytes());
    let good = package("Acme.Core", "1.0.0");
    let mut local = good.clone();
    let at = local
        .windows(16)
        .position(|name| name == b"Acme.Core.nuspec")
        .unwrap();
    local[at] = b'B';
    let mut wrong = good.clone();
    let at = wrong.windows(5).position(|bytes| bytes == b"hello").unwrap();
    wrong[at] = b'j';
    let twice =
        "<package><metadata><id>Acme.Core</id><id>Secret.Core</id><version>1</version></metadata></package>";
    let entity = "<!DOCTYPE p [<!ENTITY e \"Secret.Core\">]><package><metadata><id>&e;</id><version>1</version></metadata></package>";
    for (what, sent) in [
        ("nothing", Vec::new()),
        ("no archive", b"hello".to_vec()),
        ("no description", zip(&[("a.txt", b"x")])),
        (
            "two descriptions",
            zip(&[("Acme.Core.nuspec", mine), ("Secret.Core.nuspec", theirs)]),
        ),
        (
            "one below",
            zip(&[("Acme.Core.nuspec", mine), ("lib/Secret.Core.nuspec", theirs)]),
        ),
        (
            "in another case",
            zip(&[("Acme.Core.nuspec", mine), ("acme.core.NUSPEC", theirs)]),
        ),
        (
            "escaped",
            zip(&[("Acme.Core.nuspec", mine), ("Secret.Core%2Enuspec", theirs)]),
        ),
        ("called otherwise", zip(&[("Acme.Core.nuspec", theirs)])),
        ("two ids", zip(&[("Acme.Core.nuspec", twice.as_bytes())])),
        ("an entity", zip(&[("Acme.Core.nuspec", entity.as_bytes())])),
        ("another head", local),
        ("other bytes than its checksum", wrong),
        (
            "a path out of it",
            zip(&[("Acme.Core.nuspec", mine), ("../../a", b"x")]),
        ),
        ("a backslash", zip(&[("Acme.Core.nuspec", mine), ("a\\b", b"x")])),
        ("something before", [b"MZ".as_slice(), &good].concat()),
        ("something behind", [&good[..], b"\0"].concat()),
        (
            "two archives",
            [&package("Secret.Core", "1.0.0")[..], &good].concat(),
        ),
        ("cut off", good[..good.len() - 30].to_vec()),
        (
            "no version",
            zip(&[("Acme.Core.nuspec", nuspec("Acme.Core", "../1").as_bytes())]),
        ),
        ("no id", zip(&[("..nuspec", nuspec(".", "1.0.0").as_bytes())])),
        (
            "no ASCII",
            zip(&[("Acme.nuspec", nuspec("\u{410}cme", "1.0.0").as_bytes())]),
        ),
    ] {
        let answer = push(&place, &writer, &sent).await;
        assert_eq!(
            answer.status,
            400,
            "{what}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        assert!(
            String::from_utf8_lossy(&answer.body).contains("package.unreadable"),
            "{what}"
        );
    }
    push(&place, &writer, &package("Secret.Core", "1.0.0"))
        .await
        .expect(404);
    push(&place, &writer, &package("Nobodys.Core", "1.0.0"))
        .await
        .expect(404);
    push(&place, &writer, &package("Acmecore", "1.0.0"))
        .await
        .expect(404);
    assert!(feed.asked().is_empty() && feed.holds().is_empty());
    place.has_told(
        Some(id),
        "packages.package_version_published refused package.unowned nobodys.core 1.0.0",
    );
    push(&place, &writer, &good).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_are_not_unpacked() {
    let feed = Feed::start().await;
    let place = place(&feed).await;
    let (_, writer) = place.token("bob", Some(&["site"]), WRITE);
    let good = package("Acme.Core", "1.0.0");
    // A file whose stored bytes are a deflated stream of much more than is said.
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        std::io::Write::write_all(&mut packed, &[0; 1 << 20]).unwrap();
    }
    let packed = packed.finish().unwrap();
    let nuspec = nuspec("Acme.Core", "1.0.0");
    for (name, said) in [
        ("a.bin", 64_u32 << 20),
        ("a.bin", 5),
        ("a.bin", packed.len() as u32),
        ("a.bin", u32::MAX - 1),
    ] {
        let mut bomb = zip(&[("Acme.Core.nuspec", nuspec.as_bytes()), (name, &packed)]);
        let places: Vec<usize> = (0..bomb.len() - 5)
            .filter(|at| bomb[*at..].starts_with(name.as_bytes()))
            .collect();
        // Its own head, and the directory's entry: the method and the size, before the name.
        for (place, behind) in places.iter().zip([30, 46]) {
            let start = place - behind;
            let (method, size) = if behind == 30 { (8, 22) } else { (10, 24) };
            bomb[start + method] = 8;
            bomb[start + size..start + size + 4].copy_from_slice(&said.to_le_bytes());
        }
        let answer = push(&place, &writer, &bomb).await;
        assert_eq!(
            answer.status,
            400,
            "{said}: {}",
            String::from_utf8_lossy(&answer.body)
        );
    }
    assert!(feed.asked().is_empty());
    push(&place, &writer, &good).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_hold_one_package_and_nothing_beside() {
    let feed = Feed::start().await;
    let place = place(&feed).await;
    let (_, writer) = place.token("bob", Some(&["site"]), WRITE);
    let good = package("Acme.Core", "1.0.0");
    let theirs = package("Secret.Core", "1.0.0");
    let kind = "multipart/form-data; boundary=bound";
    let head: &[u8] = b"--bound\r\nContent-Disposition: form-data; name=package\r\n\r\n";
    for (what, kind, body) in [
        ("no form", "application/octet-stream", good.clone()),
        ("no boundary", "multipart/form-data", form(&good)),
        (
            "another boundary",
            "multipart/form-data; boundary=other",
            form(&good),
        ),
        (
            "two boundaries",
            "multipart/form-data; boundary=bound; boundary=other",
            form(&good),
        ),
        (
            "two parts",
            kind,
            [head, &theirs[..], b"\r\n", head, &good, b"\r\n--bound--\r\n"].concat(),
        ),
        (
            "a field before",
            kind,
            [
                b"--bound\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n".as_slice(),
                head,
                &good[..],
                b"\r\n--bound--\r\n",
            ]
            .concat(),
        ),
        (
            "more behind",
            kind,
            [head, &good[..], b"\r\n--bound--\r\n--bound\r\n\r\n"].concat(),
        ),
        (
            "a preamble",
            kind,
            [b"x\r\n".as_slice(), head, &good[..], b"\r\n--bound--\r\n"].concat(),
        ),
        ("no end", kind, [head, &good[..]].concat()),
        (
            "encoded",
            kind,
            [
                b"--bound\r\nContent-Disposition: form-data\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                    .as_slice(),
                &good[..],
                b"\r\n--bound--\r\n",
            ]
            .concat(),
        ),
    ] {
        let headers = [("x-nuget-apikey", writer.as_str()), ("content-type", kind)];
        let answer = place
            .front
            .send("PUT", "/-/nugets/api/v2/package", &headers, &body)
            .await;
        assert_eq!(
            answer.status,
            400,
            "{what}: {}",
            String::from_utf8_lossy(&answer.body)
        );
    }
    let headers = [
        ("x-nuget-apikey", writer.as_str()),
        ("content-type", kind),
        ("content-encoding", "gzip"),
    ];
    place
        .front
        .send("PUT", "/-/nugets/api/v2/package", &headers, &form(&good))
        .await
        .expect(400);
    assert!(feed.asked().is_empty() && feed.holds().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn tricks_reach_nobody() {
    let feed = Feed::start().await;
    let place = place(&feed).await;
    let (_, admin) = place.token("alice", None, ADMIN);
    for path in [
        "v3/flat/Acme.Core/index.json",
        "v3/flat/acme.core/../secret.core/index.json",
        "v3/flat/acme.core%2findex.json",
        "v3/flat/%61cme.core/index.json",
        "v3/flat/acme.core/1.0.0/secret.core.1.0.0.nupkg",
        "v3/flat/acme.core/1.0.0/acme.core.1.0.0.nupkg?x=1",
        "v3/flat/acme.core/1.0/acme.core.1.0.nupkg",
        "v3/flat//acme.core/index.json",
        "v3/flat/acme.core/index.json;x=y",
        "v3/registration/acme.core/../secret.core/index.json",
        "container/acme.core/index.json",
        "push",
        "about/acme.core/index.json",
        "api/v2/package/acme.core/1.0.0/..",
        "api/v2/package/acme.core/1.0.0?hard=1",
        "api/v2/symbolpackage",
        "api/v2/package/\u{430}cme/1.0.0",
    ] {
        for method in ["GET", "HEAD", "PUT", "POST", "DELETE"] {
            let path = format!("/-/nugets/{path}");
            let status = place.front.ask(method, &path, &admin, "").await.status;
            assert!(matches!(status, 400 | 404), "{method} {path}: {status}");
        }
    }
    assert!(feed.asked().is_empty());
}
