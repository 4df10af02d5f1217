//! A server that gives prepared answers in order and remembers what it was asked, and the binary beside it.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub line: String,
    pub authorization: Option<String>,
    pub body: Value,
}

/// A prepared answer.
pub struct Answer {
    pub status: u16,
    pub headers: &'static str,
    pub body: String,
}

/// An answer of a status with a JSON body.
pub fn answer(status: u16, body: Value) -> Answer {
    Answer {
        status,
        headers: "",
        body: if body.is_null() {
            String::new()
        } else {
            body.to_string()
        },
    }
}

/// How a run of the binary ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A person's surroundings: a home of their own, and the scripted server.
pub struct World {
    pub home: TempDir,
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl World {
    /// A server that answers these, one connection each.
    pub fn new(answers: Vec<Answer>) -> World {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let memory = asked.clone();
        std::thread::spawn(move || {
            for answer in answers {
                let (stream, _) = listener.accept().unwrap();
                serve(stream, &answer, &memory);
            }
        });
        World {
            home: TempDir::new().unwrap(),
            url,
            asked,
        }
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Runs the binary with a token in the environment.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, "", &[("BAILIWICK_TOKEN", "bwkf_test")])
    }

    /// Runs the binary with this standard input and environment, and nothing of ours.
    pub fn run_with(&self, arguments: &[&str], input: &str, environment: &[(&str, &str)]) -> Run {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
            .args(arguments)
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("BAILIWICK_SERVER", &self.url)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Run {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn serve(mut stream: std::net::TcpStream, answer: &Answer, memory: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut authorization, mut length) = (String::new(), None, 0);
    reader.read_line(&mut line).unwrap();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        match name.to_lowercase().as_str() {
            "authorization" => authorization = Some(value.to_owned()),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    memory.lock().unwrap().push(Asked {
        line,
        authorization,
        body,
    });
    let head = format!(
        "HTTP/1.1 {} X\r\ncontent-length: {}\r\n{}connection: close\r\n\r\n",
        answer.status,
        answer.body.len(),
        answer.headers
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(answer.body.as_bytes()).unwrap();
}
