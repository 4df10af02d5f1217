//! The same token by every carrier at every kind of upstream: one alone is taken, and whichever it is, it stays here.

use super::{Bench, Expected, MOUNTS};
use crate::front::Answered;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

async fn send(bench: &Bench, target: &str, headers: &str) -> Answered {
    let bytes = format!("GET {target} HTTP/1.1\r\nhost: front\r\n{headers}\r\n");
    Answered::read(&bench.front.raw(bytes.as_bytes()).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_carrier_is_taken_and_none_arrives() {
    let bench = Bench::new().await;
    let token = &bench.token;
    let basic = |pair: String| format!("authorization: Basic {}\r\n", STANDARD.encode(pair));
    let taken = [
        format!("authorization: Bearer {token}\r\n"),
        format!("authorization: bearer {token}\r\n"),
        format!("Authorization: token {token}\r\n"),
        basic(format!("x-access-token:{token}")),
        basic(format!("alice:{token}")),
        basic(format!("{token}:")),
        basic(format!("{token}:x-oauth-basic")),
    ];
    let refused = [
        String::new(),
        format!("authorization: {token}\r\n"),
        "authorization: Bearer\r\n".into(),
        "authorization: Bearer planted\r\n".into(),
        "authorization: Digest planted\r\n".into(),
        "authorization: Negotiate planted\r\n".into(),
        "authorization: Basic planted\r\n".into(),
        format!("authorization: Bearer {token}, Bearer {token}\r\n"),
        format!("authorization: Bearer {token}\r\nauthorization: Bearer {token}\r\n"),
        format!("authorization: Bearer {token}\r\nauthorization: token planted\r\n"),
        format!("authorization: Bearer {token}x\r\n"),
        format!("proxy-authorization: Bearer {token}\r\n"),
        format!("private-token: {token}\r\n"),
        format!("x-auth-token: {token}\r\n"),
        format!("x-api-key: {token}\r\n"),
        format!("cookie: bailiwick_session={token}; i_like_gitea={token}\r\n"),
    ];
    for mount in &MOUNTS {
        for headers in &taken {
            let answer = send(&bench, mount.read.0, headers).await;
            let target = mount.read.1.to_owned();
            bench.check(
                headers,
                mount,
                &answer,
                &Expected::Arrives {
                    target,
                    body: Vec::new(),
                },
            );
        }
        for headers in &refused {
            let answer = send(&bench, mount.read.0, headers).await;
            bench.check(headers, mount, &answer, &Expected::Refused);
            assert!(matches!(answer.status, 401 | 404), "{headers}: {}", answer.status);
        }
        let and = if mount.read.0.contains('?') { '&' } else { '?' };
        for name in [
            "token",
            "access_token",
            "Access_Token",
            "access%5ftoken",
            "private_token",
            "auth_token",
            "client_secret",
            "%74oken",
            "token%00",
            " token",
            "token%20",
        ] {
            let target = format!("{}{and}{name}={token}", mount.read.0);
            for headers in [&taken[0], &String::new()] {
                let answer = send(&bench, &target, headers).await;
                bench.check(name, mount, &answer, &Expected::Refused);
            }
            // Nor the upstream's own: it would take it before what the gateway brings.
            let target = format!("{}{and}{name}=planted", mount.read.0);
            let answer = send(&bench, &target, &taken[0]).await;
            bench.check(name, mount, &answer, &Expected::Refused);
        }
    }
    for name in ["sudo", "Sudo", "%73udo", "sudo%20", "+sudo", "SUDO"] {
        let target = format!("{}?{name}=planted", MOUNTS[0].read.0);
        let answer = send(&bench, &target, &taken[0]).await;
        bench.check(name, &MOUNTS[0], &answer, &Expected::Refused);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_carry_nothing() {
    let bench = Bench::new().await;
    for mount in MOUNTS.iter().filter(|mount| !mount.write.1.contains(".git")) {
        for kind in [
            "application/x-www-form-urlencoded",
            "Application/X-WWW-Form-Urlencoded; charset=utf-8",
            " application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json\r\ncontent-type: application/x-www-form-urlencoded",
        ] {
            if !mount.write.1.contains("/api/v1/") && kind.starts_with("multipart") {
                // What it is there is the upstream's; nothing of it is taken for a credential by GitHub.
                continue;
            }
            let body = "sudo=planted&access_token=planted&token=planted";
            let more = format!("content-type: {kind}\r\ncontent-length: {}\r\n", body.len());
            let head = bench.head(mount.write.0, mount.write.1, &more);
            let answer = Answered::read(&bench.front.raw(format!("{head}{body}").as_bytes()).await);
            bench.check(kind, mount, &answer, &Expected::Refused);
        }
    }
}
