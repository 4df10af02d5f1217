//! A server that tells, as Gitea does, whose a token is, and nothing else.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

/// Tokens of bobby, who is number 7.
const BOBBYS: [&str; 3] = ["t0p", "s3cret-never-shown", "s3cret-never-drawn"];

/// Starts it; gives its address.
pub fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let Some(Ok(first)) = lines.next() else { continue };
            let mut token = String::new();
            for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
                if let Some(given) = line.to_ascii_lowercase().strip_prefix("authorization: token ") {
                    token = given.to_owned();
                }
            }
            let (status, body) = answer(&first, &token);
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _gone = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    address
}

fn answer(first: &str, token: &str) -> (u16, &'static str) {
    if !first.starts_with("GET /api/v1/user HTTP") {
        return (404, "{}");
    }
    match token {
        token if BOBBYS.contains(&token) => (200, r#"{"id": 7, "login": "Bobby"}"#),
        "of-alice" => (200, r#"{"id": 9, "login": "alice"}"#),
        // The name of before, taken by somebody else.
        "of-another-bobby" => (200, r#"{"id": 8, "login": "bobby"}"#),
        "narrow" => (403, r#"{"message": "token does not have the scope"}"#),
        "broken" => (500, "oops"),
        "mute" => (200, "[]"),
        _ => (401, "{}"),
    }
}
