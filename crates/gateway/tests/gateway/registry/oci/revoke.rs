//! Revocation against pulls and pushes that run.

use super::bed::digest;
use super::world::{Images, READ, WRITE};
use crate::under_way::breaks_off;
use tokio::io::AsyncWriteExt;

#[tokio::test(flavor = "multi_thread")]
async fn while_a_blob_streams_down() {
    let images = Images::start().await;
    let (_, writer) = images.bob(&["site"], WRITE);
    let layer = vec![7; 32 << 20];
    images.blob(&writer, "acme/site", &layer).await;
    let (id, reader) = images.bob(&["site"], READ);
    let path = format!("/v2/acme/site/blobs/{}", digest(&layer));
    let answer = images
        .world
        .send("GET", &path, &reader, &[], bailiwick_gate::whole(""))
        .await;
    breaks_off(answer, || images.world.revoke(id)).await;
    images.world.records_revocation("packages.download").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_blob_streams_up() {
    let images = Images::start().await;
    let (id, writer) = images.bob(&["site"], WRITE);
    let begun = images
        .ask("POST", "/v2/acme/site/blobs/uploads/", &writer)
        .await
        .expect(202);
    let at = images.local(begun.header("location"));
    let (mut client, server) = tokio::io::duplex(64 << 10);
    let feeding = tokio::spawn(async move {
        let piece = vec![1; 64 << 10];
        // Until the other end is gone.
        while client.write_all(&piece).await.is_ok() {}
    });
    let body = bailiwick_gate::streamed(server);
    let (answer, ()) = tokio::join!(images.world.send("PATCH", &at, &writer, &[], body), async {
        images
            .world
            .until(|world| world.authority.transfers_of(&[id]) == 1)
            .await;
        images.world.revoke(id);
    });
    assert_eq!(answer.status(), 403);
    feeding.await.unwrap();
    images.world.records_revocation("packages.upload").await;
}
