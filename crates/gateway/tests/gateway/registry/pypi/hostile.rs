//! Names with two readings, forms that say two things, and an index that leads elsewhere.

use super::bed::Python;
use crate::front::Answered;

/// A form with these fields and files.
fn form(fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in fields {
        out.extend_from_slice(
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes(),
        );
    }
    for (name, file, bytes) in files {
        let head =
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n");
        out.extend_from_slice(&[head.as_bytes(), bytes, b"\r\n"].concat());
    }
    out.extend_from_slice(b"--b--\r\n");
    out
}

async fn post(python: &Python, token: &str, body: &[u8]) -> Answered {
    let authorization = format!("Bearer {token}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "multipart/form-data; boundary=b"),
    ];
    python.place.front.send("POST", "/-/pypi/", &headers, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_says_two_things_is_passed_to_nobody() {
    let python = Python::start().await;
    let (id, token) = python
        .place
        .token("bob", Some(&["site"]), &[("packages", "write")]);
    let good = [
        (":action", "file_upload"),
        ("name", "site-tool"),
        ("version", "1.0"),
    ];
    let file: [(&str, &str, &[u8]); 1] = [("content", "site_tool-1.0.tar.gz", b"bytes")];
    type Fields<'a> = Vec<(&'a str, &'a str)>;
    type Files<'a> = Vec<(&'a str, &'a str, &'a [u8])>;
    let cases: Vec<(Fields<'_>, Files<'_>, u16)> = vec![
        (
            vec![(":action", "file_upload"), ("name", "shown"), ("version", "1.0")],
            file.into(),
            400,
        ),
        (
            vec![
                (":action", "file_upload"),
                ("name", "site-tool"),
                ("version", "2.0"),
            ],
            file.into(),
            400,
        ),
        ([&good[..], &[("name", "shown")]].concat(), file.into(), 400),
        (
            [&good[..], &[(":action", "remove_pkg")]].concat(),
            file.into(),
            400,
        ),
        (
            vec![
                (":action", "remove_pkg"),
                ("name", "site-tool"),
                ("version", "1.0"),
            ],
            file.into(),
            400,
        ),
        (
            vec![
                (":action", "doc_upload"),
                ("name", "site-tool"),
                ("version", "1.0"),
            ],
            file.into(),
            400,
        ),
        (vec![("name", "site-tool"), ("version", "1.0")], file.into(), 400),
        (good.into(), vec![], 400),
        (good.into(), vec![file[0], file[0]], 400),
        (good.into(), vec![("content", "shown-1.0.tar.gz", b"x")], 403),
        (
            good.into(),
            vec![("content", "site-tool-2-1.0.tar.gz", b"x")],
            400,
        ),
        (
            good.into(),
            vec![("content", "../site_tool-1.0.tar.gz", b"x")],
            400,
        ),
        (good.into(), vec![("content", "site_tool-1.0.exe", b"x")], 400),
        (
            good.into(),
            vec![file[0], ("gpg_signature", "site_tool-1.0.tar.gz.asc", b"x")],
            400,
        ),
    ];
    for (at, (fields, files, status)) in cases.into_iter().enumerate() {
        let answer = post(&python, &token, &form(&fields, &files)).await;
        assert_eq!(
            answer.status,
            status,
            "case {at}: {}",
            String::from_utf8_lossy(&answer.body)
        );
    }
    let whole = form(&good, &file);
    for broken in [
        &whole[..whole.len() - 8],
        &[&b"x"[..], &whole].concat(),
        &[&whole[..], b"x"].concat(),
    ] {
        post(&python, &token, broken).await.expect(400);
    }
    assert_eq!(python.wire.requests().len(), 0);
    // A field that would end the form of the index, were it passed on as it is.
    let trick =
        "x\r\n--c\r\nContent-Disposition: form-data; name=\"content\"; filename=\"shown-9.tar.gz\"\r\n\r\ny";
    post(
        &python,
        &token,
        &form(&[&good[..], &[("summary", trick)]].concat(), &file),
    )
    .await
    .expect(200);
    let names: Vec<_> = std::fs::read_dir(python.files())
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    assert_eq!(names, ["site_tool-1.0.tar.gz"]);
    assert_eq!(
        std::fs::read(python.files().join("site_tool-1.0.tar.gz")).unwrap(),
        b"bytes"
    );
    // Whoever may not publish hears of it before the file is taken: it is never whole here.
    let (_, read) = python
        .place
        .token("bob", Some(&["site"]), &[("packages", "read")]);
    let endless = form(&[], &file);
    post(&python, &read, &endless[..endless.len() - 12])
        .await
        .expect(403);
    python.place.revoke(id);
    post(&python, &token, &whole).await.expect(401);
    python
        .place
        .front
        .send(
            "POST",
            "/-/pypi/",
            &[("content-type", "multipart/form-data; boundary=b")],
            &whole,
        )
        .await
        .expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_lead_here_and_to_the_projects_own_files() {
    let python = Python::start().await;
    let (_, token) = python
        .place
        .token("bob", Some(&["site"]), &[("packages", "read")]);
    for file in [
        "site_tool-1.0.tar.gz",
        "site-tool-2-3.0.tar.gz",
        "site_tool-2.0-py3-none-any.whl",
        "shown-1.0.zip",
    ] {
        std::fs::write(python.files().join(file), file).unwrap();
    }
    let front = &python.place.front;
    let page = front
        .ask("GET", "/-/pypi/simple/site-tool/", &token, "")
        .await
        .expect(200);
    let text = String::from_utf8(page.body).unwrap();
    let home = python.place.url();
    assert_eq!(text.matches("<a ").count(), 2, "{text}");
    for file in ["site_tool-1.0.tar.gz", "site_tool-2.0-py3-none-any.whl"] {
        assert!(
            text.contains(&format!("<a href=\"{home}/packages/{file}#")),
            "{text}"
        );
        let got = front
            .ask("GET", &format!("/-/pypi/packages/{file}"), &token, "")
            .await
            .expect(200);
        assert_eq!(got.body, file.as_bytes());
    }
    for path in ["Site_Tool/", "site-tool", "site.tool/"] {
        let moved = front
            .ask("GET", &format!("/-/pypi/simple/{path}"), &token, "")
            .await
            .expect(301);
        assert!(
            moved.head.contains(&format!("{home}/simple/site-tool/")),
            "{}",
            moved.head
        );
    }
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str()), ("range", "bytes=0-3")];
    let part = front
        .send("GET", "/-/pypi/packages/site_tool-1.0.tar.gz", &headers, b"")
        .await
        .expect(206);
    assert_eq!(part.body, b"site");
    python.wire.take();
    for (path, status) in [
        ("/simple/", 403),
        ("/simple", 403),
        ("/packages/", 404),
        ("/packages/shown-1.0.zip", 200),
        ("/packages/site-tool-2-3.0.tar.gz", 404),
        ("/packages/acme_core-1.0.tar.gz", 404),
        ("/site-tool/json", 404),
        ("/packages/..%2fpackages/site_tool-1.0.tar.gz", 404),
        ("/RPC2", 404),
    ] {
        let answer = front.ask("GET", &format!("/-/pypi{path}"), &token, "").await;
        assert_eq!(
            answer.status,
            status,
            "{path} {}",
            String::from_utf8_lossy(&answer.body)
        );
    }
    assert_eq!(python.wire.requests().len(), 1);
    // The index knows no such project and would send pip to another.
    let (_, owner) = python
        .place
        .token("alice", None, &[("organization_packages", "read")]);
    let none = front
        .ask("GET", "/-/pypi/simple/acme-none/", &owner, "")
        .await
        .expect(404);
    assert!(!none.head.contains("pypi.invalid"), "{}", none.head);
}
