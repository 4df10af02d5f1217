//! Upstreams that are down, hang, or answer with what is none of Git's: what the client is told, and what is not.

use super::bed::PASSWORD;
use super::push::FLOWS;
use super::world::{Behind, World, bad, read};
use bailiwick_gate::whole;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers everything with these bytes, or never.
async fn canned(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 << 10];
                let _ = stream.read(&mut buffer).await;
                if let Some(answer) = answer {
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                }
                // Reads on until the other side has enough of it.
                while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_of_git_is_told_in_our_words() {
    const SECRET: &str = "internal-host-17 stack trace";
    let answers: [(Option<&'static str>, u16, &str); 13] = [
        (None, 504, "did not answer in time"),
        (Some(""), 502, "ended the connection"),
        (
            Some(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 28\r\n\r\ninternal-host-17 stack trace",
            ),
            502,
            "did not answer as a Git server does",
        ),
        (
            Some(
                "HTTP/1.1 200 OK\r\ncontent-type: application/x-git-upload-pack-advertisement\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n0000",
            ),
            502,
            "did not answer as a Git server does",
        ),
        (
            Some(
                "HTTP/1.1 401 No\r\nwww-authenticate: Basic realm=\"internal-host-17\"\r\ncontent-length: 0\r\n\r\n",
            ),
            502,
            "does not accept the credential",
        ),
        (
            Some("HTTP/1.1 403 No\r\ncontent-length: 28\r\n\r\ninternal-host-17 stack trace"),
            403,
            "refuses this to the account",
        ),
        (
            Some("HTTP/1.1 404 No\r\ncontent-length: 28\r\n\r\ninternal-host-17 stack trace"),
            403,
            "has no such repository",
        ),
        (
            Some("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n"),
            403,
            "has no such repository",
        ),
        (
            Some(
                "HTTP/1.1 302 Found\r\nlocation: http://internal-host-17/login\r\ncontent-length: 0\r\n\r\n",
            ),
            502,
            "redirects this elsewhere",
        ),
        (
            Some("HTTP/1.1 301 Moved\r\nlocation: /else/where\r\ncontent-length: 0\r\n\r\n"),
            502,
            "redirects this elsewhere",
        ),
        (
            Some("HTTP/1.1 500 Oh\r\ncontent-length: 28\r\n\r\ninternal-host-17 stack trace"),
            502,
            "status 500",
        ),
        (Some("HTTP/1.1 204 Nothing\r\n\r\n"), 502, "status 204"),
        (
            Some("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc"),
            502,
            "cannot be passed on",
        ),
    ];
    for (answer, status, words) in answers {
        let behind = Behind::at(canned(answer).await).with(|settings| settings.answer_seconds_max = Some(1));
        let world = World::before(behind).await;
        let (_, token) = world.token("bob", &["site"], FLOWS);
        for path in [
            "/acme/site.git/info/refs?service=git-upload-pack",
            "/acme/site.git/info/refs?service=git-receive-pack",
        ] {
            // The canned advertisement is of the other service there, which is no answer either.
            let (got, body) = read(world.send("GET", path, &token, &[], whole("")).await).await;
            let text = String::from_utf8_lossy(&body).into_owned();
            assert_eq!(got, status, "{answer:?}: {text}");
            assert!(text.contains(words), "{answer:?}: {text}");
            for secret in [SECRET, "internal-host-17", PASSWORD, &token] {
                assert!(!text.contains(secret), "{answer:?}: {text}");
            }
        }
        if answer.is_some() {
            // A push is on record as sent, and as failed.
            let headers = [("content-type", "application/x-git-receive-pack-request")];
            let oid = "1".repeat(40);
            let line = format!("{oid} {} refs/heads/x\0report-status", "0".repeat(40));
            let body = format!("{:04x}{line}0000", line.len() + 4);
            let path = "/acme/site.git/git-receive-pack";
            let (got, _) = read(world.send("POST", path, &token, &headers, whole(body)).await).await;
            assert_eq!(got, status, "{answer:?}");
            let pushes = world.events("git.push");
            assert_eq!(pushes.len(), 2, "{answer:?}: {pushes:?}");
            assert_eq!(
                (pushes[0].0.as_str(), pushes[1].0.as_str()),
                ("allowed", "failed")
            );
            assert_eq!(pushes[1].2["refs_not_moved"][0], "refs/heads/x");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_is_down_is_named() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let world = World::before(Behind::at(address.clone())).await;
    let (_, token) = world.token("bob", &["site"], FLOWS);
    let error = bad(
        world.directory.path(),
        &["clone", &world.url(&token, "acme/site.git"), "x"],
    );
    assert!(
        error.contains("remote: the upstream plain cannot be reached"),
        "{error}"
    );
    assert!(!error.contains(address.strip_prefix("http://").unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_is_never_whole() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-git-upload-pack-result\r\ncontent-length: 100\r\n\r\n0008NAK\n";
    let world = World::before(Behind::at(canned(Some(head)).await)).await;
    let (_, token) = world.token("bob", &["site"], FLOWS);
    let headers = [("content-type", "application/x-git-upload-pack-request")];
    let body = format!("0032want {}\n00000009done\n", "1".repeat(40));
    let path = "/acme/site.git/git-upload-pack";
    let answer = world.send("POST", path, &token, &headers, whole(body)).await;
    assert_eq!(answer.status(), 200);
    assert!(
        http_body_util::BodyExt::collect(answer.into_body())
            .await
            .is_err()
    );
}
