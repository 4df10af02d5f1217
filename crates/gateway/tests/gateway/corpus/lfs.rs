//! LFS before Git servers of either kind: paths that are none, batches that lie, and addresses that lead elsewhere.

use super::{Bench, everything};
use crate::front::{Answered, Behind, Front, UPSTREAM_TOKEN};
use crate::recorder::{Recorder, answer, json};
use bailiwick_model::UpstreamKind;

const OID: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const LFS: &str = "application/vnd.git-lfs+json";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_path_of_lfs_leads_nowhere() {
    let bench = Bench::new().await;
    let upper = OID.to_uppercase();
    for repository in ["/code/tool.git", "/acme/site.git"] {
        for (method, below) in [
            ("GET", format!("/info/lfs/objects/{upper}")),
            ("GET", format!("/info/lfs/objects/{}", &OID[1..])),
            ("GET", format!("/info/lfs/objects/{OID}0")),
            ("GET", format!("/info/lfs/objects/{OID}/")),
            ("GET", format!("/info/lfs/objects//{OID}")),
            ("GET", format!("/info/lfs/objects/{OID}%00")),
            ("GET", format!("/info/lfs/objects/%65{}", &OID[1..])),
            ("GET", format!("/info/lfs/objects/../objects/{OID}")),
            ("GET", format!("/info/lfs/objects/%2e%2e/{OID}")),
            ("GET", format!("/info%2flfs/objects/{OID}")),
            ("GET", format!("/info/lfs;x/objects/{OID}")),
            ("GET", format!("/INFO/LFS/objects/{OID}")),
            ("GET", String::from("/info/lfs/objects/..")),
            ("GET", String::from("/info/lfs/../../../../secret")),
            ("POST", String::from("/info/lfs/objects/batch/")),
            ("POST", String::from("/info/lfs/objects/batch?x=y")),
            ("POST", String::from("/info/lfs//objects/batch")),
            ("GET", String::from("/info/lfs/objects/batch")),
            ("POST", String::from("/info/lfs/locks/../objects/batch")),
            ("POST", String::from("/info/lfs/locks/1%2f2/unlock")),
            ("POST", String::from("/info/lfs/locks/../1/unlock")),
            ("DELETE", format!("/info/lfs/objects/{OID}")),
        ] {
            let more = format!("content-type: {LFS}\r\ncontent-length: 2\r\n");
            let target = format!("{repository}{below}");
            let bytes = format!("{}{{}}", bench.head(method, &target, &more));
            let answer = Answered::read(&bench.front.raw(bytes.as_bytes()).await);
            let arrived = bench.arrived();
            assert!(arrived.is_empty(), "{target}: {arrived:?}");
            assert!((400..500).contains(&answer.status), "{target}: {}", answer.head);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_a_batch_lead_here_whatever_it_says() {
    let thief = Recorder::answering(|_| json(200, &serde_json::json!({}))).await;
    let there = thief.address;
    let upstream = Recorder::answering(move |_| {
        let action = serde_json::json!({
            "href": format!("http://{there}/thief"),
            "header": {"Authorization": "Basic planted", "X-Planted": "planted"},
            "expires_in": 3600
        });
        let batch = serde_json::json!({
            "transfer": "basic",
            "objects": [
                {"oid": OID, "size": 3, "authenticated": true, "actions": {"download": action}},
                // Nobody asked for it.
                {"oid": "f".repeat(64), "size": 3, "authenticated": true, "actions": {"download": action}}
            ]
        });
        answer(200, LFS, batch.to_string().as_bytes())
    })
    .await;
    for (kind, repository) in [
        (UpstreamKind::Git, "/code/tool.git"),
        (UpstreamKind::Gitea, "/acme/site.git"),
    ] {
        let front = Front::before(vec![Behind::new("one", kind, upstream.url())]).await;
        let (_, token) = everything(&front);
        let target = format!("{repository}/info/lfs/objects/batch");
        let body = format!(
            "{{\"operation\":\"download\",\"transfers\":[\"basic\"],\"objects\":[{{\"oid\":\"{OID}\",\"size\":3}}]}}"
        );
        let authorization = format!("Bearer {token}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", LFS),
            ("accept", LFS),
        ];
        let answer = front
            .send("POST", &target, &headers, body.as_bytes())
            .await
            .expect(200);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        for secret in ["thief", "planted", UPSTREAM_TOKEN, token.as_str(), "ffff"] {
            assert!(!text.contains(secret), "{kind:?}: {text}");
        }
        let href = answer.json["objects"][0]["actions"]["download"]["href"]
            .as_str()
            .unwrap();
        assert_eq!(
            href,
            format!(
                "http://{}{repository}/info/lfs/objects/{OID}?size=3",
                front.address
            )
        );
        let arrived = upstream.take();
        assert!(!arrived.is_empty());
        for one in arrived {
            let raw = String::from_utf8_lossy(&one.raw).into_owned();
            assert!(!raw.contains(&token), "{raw}");
        }
        // Followed, it is asked for again; the host that was named gets nothing of anybody's credential.
        let followed = format!("{repository}/info/lfs/objects/{OID}?size=3");
        front.ask("GET", &followed, &token, "").await;
        for one in thief.take() {
            let raw = String::from_utf8_lossy(&one.raw).into_owned();
            assert!(!raw.contains(&token) && !raw.contains(UPSTREAM_TOKEN), "{raw}");
        }
        // Without the token the address opens nothing.
        upstream.take();
        front.ask("GET", &followed, "", "").await.expect(401);
        assert_eq!((upstream.take(), thief.take()), (Vec::new(), Vec::new()));
    }
}
