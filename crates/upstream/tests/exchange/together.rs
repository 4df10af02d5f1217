//! Many callers of one client: each gets the answer to its own question, whatever the others leave behind.

use crate::caller::{client, read, request};
use crate::server::{Server, Step};
use bailiwick_upstream::OutgoingBody;
use http::Method;
use http_body_util::BodyExt;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_gets_its_own_answer_though_others_give_up() {
    let server = Server::always(vec![Step::Echo]);
    let client = client(&server);
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..16 {
        let client = client.clone();
        callers.spawn(async move {
            for turn in 0..40 {
                let target = format!("/caller-{caller}/turn-{turn}");
                let request = request(Method::GET, &target);
                let send = client.send(&request, OutgoingBody::Nothing);
                match (caller + turn) % 4 {
                    // Gives up while it waits.
                    0 => {
                        tokio::select! {
                            biased;
                            _ = send => {}
                            () = tokio::task::yield_now() => {}
                        }
                    }
                    // Gives up in the middle.
                    1 => {
                        let mut answer = send.await.unwrap();
                        let _ = answer.body.frame().await;
                    }
                    _ => {
                        let (data, _) = read(send.await.unwrap().body).await.unwrap();
                        assert_eq!(String::from_utf8(data).unwrap(), target.repeat(100));
                    }
                }
            }
        });
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    // Those that were read to their end served again.
    assert!(server.connections() < 16 * 40, "{}", server.connections());
    assert!(client.waiting() <= 16);
}
