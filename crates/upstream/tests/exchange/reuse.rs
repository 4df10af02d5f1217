//! Connections that are kept: what serves again, what never does, and what is tried twice.

use crate::caller::{Outcome, ask, client, code, get, limited, patient, post, read, request, settle, whole};
use crate::server::{Server, Step, answer, say};
use bailiwick_upstream::{Limits, OutgoingBody};
use http::Method;
use http_body_util::BodyExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::coop::{consume_budget, has_budget_remaining};

/// The server takes the second request and hangs up: it had closed just then.
fn stale() -> Server {
    Server::plays(vec![
        vec![Step::Head, answer("one"), Step::Head],
        vec![Step::Head, answer("two")],
    ])
}

#[tokio::test]
async fn a_question_on_a_stale_connection_is_asked_once_more() {
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        let mut server = stale();
        let client = client(&server);
        assert_eq!(get(&client).await, whole("one"));
        let body = if method == Method::HEAD { "" } else { "two" };
        assert_eq!(
            ask(&client, method, "/", OutgoingBody::Nothing).await,
            whole(body)
        );
        let seen = server.finished().await;
        assert_eq!(seen[0].text.matches("HTTP/1.1").count(), 2);
        assert_eq!(seen[1].text.matches("HTTP/1.1").count(), 1);
    }
}

/// What is kept with a connection is overwritten by nobody who still needs it, and nothing of it is sent or read again.
#[tokio::test]
async fn what_a_connection_keeps_is_no_part_of_the_next_exchange() {
    let (long, short) = ("a".repeat(9_000), "b");
    let first = format!(
        "HTTP/1.1 200 OK\r\nx-first: one\r\ncontent-length: 900\r\n\r\n{}",
        "1".repeat(900)
    );
    let second = "HTTP/1.1 200 OK\r\nx-second: two\r\ncontent-length: 3\r\n\r\n222";
    let mut server = Server::plays(vec![vec![
        Step::Head,
        Step::Body(long.len()),
        say(&first),
        Step::Head,
        Step::Body(short.len()),
        say(second),
        Step::Head,
        answer("three"),
        Step::Drain,
    ]]);
    let client = client(&server);
    let send = async |target, body: &str| {
        let body = OutgoingBody::Whole(body.to_owned().into());
        let mut answer = client.send(&request(Method::POST, target), body).await.unwrap();
        (answer.body.at_hand().unwrap(), answer.headers)
    };
    let (first_body, first_headers) = send("/a-long-target", &long).await;
    assert_eq!(client.waiting(), 1);
    let (second_body, second_headers) = send("/b", short).await;
    assert_eq!(get(&client).await, whole("three"));
    assert_eq!(first_body, "1".repeat(900));
    assert_eq!(first_headers.get("x-first").unwrap(), "one");
    assert_eq!(second_body, "222");
    assert_eq!(second_headers.get("x-second").unwrap(), "two");
    drop(client);
    let seen = server.finished().await;
    let (start, rest) = seen[0].text.split_once(&long).unwrap();
    assert!(start.starts_with("POST /a-long-target HTTP/1.1\r\n"), "{start}");
    assert!(rest.starts_with("POST /b HTTP/1.1\r\n"), "{rest}");
    assert_eq!(rest.matches("HTTP/1.1").count(), 2);
    let (second, third) = rest.split_once("\r\n\r\n").unwrap();
    assert!(second.ends_with("content-length: 1"), "{second}");
    assert!(third.starts_with("bGET / HTTP/1.1\r\n"), "{third}");
}

#[tokio::test]
async fn a_change_on_a_stale_connection_is_never_sent_twice() {
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let server = stale();
        let client = client(&server);
        assert_eq!(get(&client).await, whole("one"));
        let found = ask(&client, method, "/", OutgoingBody::Nothing).await;
        assert_eq!(found, Outcome::None("upstream.reset"));
        settle().await;
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn a_question_on_a_new_connection_is_asked_once() {
    for end in [Step::Cut, Step::Reset] {
        for half in ["", "HTTP/1.1 200 OK\r\ncontent-le"] {
            let server = Server::always(vec![Step::Head, say(half), end.clone()]);
            let client = client(&server);
            assert_eq!(get(&client).await, Outcome::None("upstream.reset"));
            assert_eq!(server.connections(), 1);
        }
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_while_it_waited_is_not_used() {
    for end in [Step::Cut, Step::Reset] {
        let mut server = Server::plays(vec![
            vec![Step::Head, answer("one"), end],
            vec![Step::Head, Step::Body(4), answer("two"), Step::Drain],
        ]);
        let client = client(&server);
        assert_eq!(get(&client).await, whole("one"));
        settle().await;
        // Even what must not be sent twice.
        assert_eq!(post(&client, "body").await, whole("two"));
        drop(client);
        assert!(server.finished().await[1].ended);
    }
}

/// Bytes behind an answer must never be another caller's answer: at once, later, and when the task's budget is spent.
#[tokio::test]
async fn what_comes_behind_an_answer_is_nobodys() {
    let evil = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";
    for (first, method, body) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\none",
            Method::GET,
            "one",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n",
            Method::GET,
            "one",
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n", Method::HEAD, ""),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Method::GET, ""),
    ] {
        for behind in [evil, "evil", "\r\n", "0"] {
            for later in [false, true] {
                let (go, gone) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
                let mut script = if later {
                    vec![Step::Head, say(first), Step::Wait(go.clone()), say(behind)]
                } else {
                    vec![Step::Head, say(&format!("{first}{behind}"))]
                };
                script.extend([Step::Tell(gone.clone()), Step::Drain]);
                let mut server = Server::plays(vec![script, vec![Step::Head, answer("mine")]]);
                let client = client(&server);
                let found = ask(&client, method.clone(), "/", OutgoingBody::Nothing).await;
                assert_eq!(found, whole(body), "{first:?} {behind:?} {later}");
                assert_eq!(
                    client.waiting(),
                    usize::from(later),
                    "{first:?} {behind:?} {later}"
                );
                go.notify_one();
                gone.notified().await;
                settle().await;
                while has_budget_remaining() {
                    consume_budget().await;
                }
                assert_eq!(get(&client).await, whole("mine"), "{first:?} {behind:?} {later}");
                assert!(server.finished().await[0].ended);
            }
        }
    }
}

#[tokio::test]
async fn a_body_where_there_can_be_none_costs_the_connection() {
    for head in ["content-length: 4", "transfer-encoding: chunked"] {
        let text = format!("HTTP/1.1 204 No Content\r\n{head}\r\n\r\n");
        let mut server = Server::plays(vec![vec![Step::Head, say(&text), Step::Drain]]);
        let client = client(&server);
        assert_eq!(get(&client).await, Outcome::Whole(204, String::new()));
        assert_eq!(client.waiting(), 0);
        assert!(server.finished().await[0].ended);
    }
}

#[tokio::test]
async fn an_answer_that_is_left_half_read_ends_its_connection() {
    for text in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nhello",
    ] {
        for frames in [0, 1] {
            // Its only frame is all of it.
            if frames == 1 && text.contains("length: 5") {
                continue;
            }
            let mut server = Server::plays(vec![vec![Step::Head, say(text), Step::Drain]]);
            let client = client(&server);
            let mut answer = client
                .send(&request(Method::GET, "/"), OutgoingBody::Nothing)
                .await
                .unwrap();
            for _ in 0..frames {
                assert!(answer.body.frame().await.unwrap().is_ok());
            }
            drop(answer);
            assert_eq!(client.waiting(), 0, "{text:?}");
            assert!(server.finished().await[0].ended);
        }
    }
}

#[tokio::test]
async fn a_question_that_is_given_up_ends_its_connection() {
    let there = Arc::new(Notify::new());
    let mut server = Server::plays(vec![vec![Step::Head, Step::Tell(there.clone()), Step::Drain]]);
    let client = client(&server);
    tokio::select! {
        _ = get(&client) => panic!("nobody answered"),
        () = there.notified() => {}
    }
    assert_eq!(client.waiting(), 0);
    assert!(server.finished().await[0].ended);
}

#[tokio::test]
async fn no_more_connections_wait_than_may_and_none_for_longer() {
    let limits = Limits {
        idle_connections_max: 2,
        ..patient()
    };
    let server = Server::always(vec![Step::Echo]);
    let client = limited(&server, limits);
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(
            client
                .send(&request(Method::GET, "/a"), OutgoingBody::Nothing)
                .await
                .unwrap(),
        );
    }
    for answer in answers {
        read(answer.body).await.unwrap();
    }
    assert_eq!((server.connections(), client.waiting()), (4, 2));
    client.close_waiting();
    assert_eq!(client.waiting(), 0);

    // Closed in time although nobody asks for one: the server sees its end.
    let mut server = Server::plays(vec![vec![Step::Head, answer("one"), Step::Drain]]);
    let client = limited(
        &server,
        Limits {
            keep_for_max: Duration::from_millis(50),
            ..patient()
        },
    );
    assert_eq!(get(&client).await, whole("one"));
    assert!(server.finished().await[0].ended);
    assert_eq!(client.waiting(), 0);
}

#[tokio::test]
async fn what_does_not_listen_is_unreachable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let address = bailiwick_upstream::Address::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let client = Arc::new(bailiwick_upstream::Client::new(address, &Default::default(), patient()).unwrap());
    let found = client
        .send(&request(Method::GET, "/"), OutgoingBody::Nothing)
        .await;
    assert_eq!(code(found), "upstream.unreachable");
}
