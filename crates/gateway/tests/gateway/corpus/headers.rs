//! Headers that some server believes, and verbs that some server obeys: none of them crosses.

use super::{Bench, Expected, MOUNTS};
use crate::front::Answered;

/// Headers that name another caller, another path or another verb.
const TRUSTED: [&str; 52] = [
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-uri",
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-preferred-username",
    "x-forwarded-client-cert",
    "x-forwarded-method",
    "x-forwarded-server",
    "forwarded",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "via",
    "x-original-url",
    "x-original-uri",
    "x-original-method",
    "x-rewrite-url",
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "x-webauth-user",
    "x-webauth-email",
    "x-webauth-fullname",
    "x-webauth-groups",
    "x-remote-user",
    "remote-user",
    "x-auth-request-user",
    "x-authenticated-user",
    "x-user",
    "sudo",
    "x-sudo",
    "x-gitea-otp",
    "x-forgejo-otp",
    "x-github-otp",
    "private-token",
    "job-token",
    "deploy-token",
    "x-gitlab-token",
    "x-api-key",
    "x-auth-token",
    "x-csrf-token",
    "proxy-authorization",
    "cookie",
    "x-middleware-subrequest",
    "x-accel-redirect",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_some_server_believes_does_not_arrive() {
    let bench = Bench::new().await;
    for mount in &MOUNTS {
        for header in TRUSTED {
            for name in [header.to_owned(), header.to_uppercase(), header.replace('-', "_")] {
                let more = format!("{name}: planted\r\n");
                let bytes = bench.head("GET", mount.read.0, &more);
                let answer = Answered::read(&bench.front.raw(bytes.as_bytes()).await);
                let target = mount.read.1.to_owned();
                bench.check(
                    &name,
                    mount,
                    &answer,
                    &Expected::Either {
                        target,
                        body: Vec::new(),
                    },
                );
            }
        }
        // Named as a hop, or twice, or in front of what the gateway sets.
        for more in [
            "connection: authorization, sudo, host\r\n",
            "sudo: planted\r\nsudo: planted\r\nconnection: sudo\r\n",
            "accept: planted\u{e9}\r\n",
            "user-agent: planted-not\r\nreferer: http://planted/\r\norigin: http://planted\r\n",
            "te: trailers, deflate\r\ntrailer: planted\r\n",
            "max-forwards: 0\r\n",
            "if-match: \"a\"\r\nx-planted: planted\r\n",
        ] {
            let more = more
                .replace("accept: planted", "x-accept: planted")
                .replace("planted-not", "x");
            let bytes = bench.head("GET", mount.read.0, &more);
            let answer = Answered::read(&bench.front.raw(bytes.as_bytes()).await);
            let arrived = bench.arrived();
            assert!(arrived.len() <= 1, "{more}: {arrived:?}");
            for (_, one) in arrived {
                let raw = String::from_utf8_lossy(&one.raw);
                assert!(!raw.contains("planted") && one.target == mount.read.1, "{raw}");
                let sudo = one.header("sudo");
                assert!(sudo.is_none_or(|login| login == "alice-there"), "{raw}");
            }
            assert!(
                matches!(answer.status, 200 | 400 | 501),
                "{more}: {}",
                answer.status
            );
        }
        for host in ["evil.example.org", "", "front@evil", "127.0.0.1:1", "front, evil"] {
            let token = &bench.token;
            let bytes = format!(
                "GET {} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\r\n",
                mount.read.0
            );
            let answer = Answered::read(&bench.front.raw(bytes.as_bytes()).await);
            assert!(!answer.head.contains("evil"), "{}", answer.head);
            let target = mount.read.1.to_owned();
            bench.check(
                host,
                mount,
                &answer,
                &Expected::Either {
                    target,
                    body: Vec::new(),
                },
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verbs_are_what_they_say_or_nothing() {
    let bench = Bench::new().await;
    for mount in &MOUNTS {
        for verb in [
            "TRACE", "CONNECT", "TRACK", "DEBUG", "PROPFIND", "MOVE", "get", "GeT", "GETT", "LINK", "PURGE",
            "QUERY", "FOO", "M-SEARCH", "G\u{c9}T", "PRI",
        ] {
            let bytes = bench.head(verb, mount.read.0, "");
            let answer = Answered::read(&bench.front.raw(bytes.as_bytes()).await);
            bench.check(verb, mount, &answer, &Expected::Refused);
        }
        let bytes = bench.head(
            "OPTIONS",
            mount.read.0,
            "access-control-request-method: DELETE\r\n",
        );
        let answer = Answered::read(&bench.front.raw(bytes.as_bytes()).await);
        assert!(matches!(answer.status, 204 | 400..=405), "{}", answer.status);
        assert!(bench.arrived().is_empty());
        let answer = Answered::read(
            &bench
                .front
                .raw(bench.head("HEAD", mount.read.0, "").as_bytes())
                .await,
        );
        assert_eq!(answer.body, b"");
        let arrived = bench.arrived();
        assert_eq!(answer.status, 200);
        if mount.read.0.contains("info/refs") {
            // Git has no HEAD: the refs are asked for, and the body is kept.
            assert_eq!((arrived.len(), arrived[0].1.target.as_str()), (1, mount.read.1));
            continue;
        }
        assert_eq!(
            (arrived[0].1.method.as_str(), arrived[0].1.target.as_str()),
            ("HEAD", mount.read.1)
        );
        assert_eq!(arrived.len(), 1);
        // A verb in the query or the body is text there.
        let target = format!("{}?_method=DELETE", mount.read.0);
        let answer = Answered::read(&bench.front.raw(bench.head("GET", &target, "").as_bytes()).await);
        let target = format!("{}?_method=DELETE", mount.read.1);
        bench.check(
            "_method",
            mount,
            &answer,
            &Expected::Arrives {
                target,
                body: Vec::new(),
            },
        );
    }
}
