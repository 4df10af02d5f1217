//! A plain Git server as people run them: nginx, fcgiwrap and `git http-backend`, behind a wire that keeps every byte.

use bailiwick_testkit::http::base64;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::world::good;
use crate::server::{self, Guarded};
pub use crate::under_way::noise;

/// The one account there.
pub const USER: &str = "gateway";
pub const PASSWORD: &str = "upstream-secret-0123456789";

/// A running server.
pub struct Bed {
    guards: [Guarded; 2],
    directory: tempfile::TempDir,
    pub wire: Wire,
}

impl Bed {
    /// Starts one without repositories. Inside a runtime.
    pub async fn start() -> Bed {
        let directory = tempfile::Builder::new()
            .prefix("bailiwick-bed-")
            .tempdir()
            .unwrap();
        let root = directory.path();
        for name in ["git", "tmp"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        let socket = root.join("fcgi.sock");
        let mut fcgi = Command::new("fcgiwrap");
        fcgi.args(["-c", "6", "-s"])
            .arg(format!("unix:{}", socket.display()));
        let fcgi = Guarded::start(&fcgi);
        server::until("fcgiwrap", || socket.exists());
        let (nginx, there) = nginx(root, &location(root));
        Bed {
            guards: [nginx, fcgi],
            directory,
            wire: Wire::before(there).await,
        }
    }

    /// Where the gateway finds it.
    pub fn address(&self) -> String {
        format!("http://{}", self.wire.address)
    }

    /// Where a repository lies on disk.
    pub fn bare(&self, name: &str) -> PathBuf {
        self.directory.path().join("git").join(format!("{name}.git"))
    }

    /// A repository with one commit, and the working copy that it came from.
    pub fn seeded(&self, name: &str) -> PathBuf {
        let bare = self.bare(name);
        fs::create_dir_all(bare.parent().unwrap()).unwrap();
        let at = self.directory.path();
        good(
            at,
            &[
                "init",
                "--quiet",
                "--bare",
                "--initial-branch=main",
                bare.to_str().unwrap(),
            ],
        );
        for (name, value) in [
            ("uploadpack.allowFilter", "true"),
            ("receive.advertisePushOptions", "true"),
            ("uploadpack.allowAnySHA1InWant", "true"),
        ] {
            good(&bare, &["config", name, value]);
        }
        let copy = at.join(format!("seed-{}", name.replace('/', "-")));
        fs::create_dir(&copy).unwrap();
        good(&copy, &["init", "--quiet", "--initial-branch=main"]);
        commit(&copy, "README", "hello\n");
        good(&copy, &["push", "--quiet", bare.to_str().unwrap(), "main"]);
        copy
    }

    /// Where a ref of a repository is.
    pub fn tip(&self, name: &str, reference: &str) -> Option<String> {
        let ran = super::world::git(&self.bare(name), &["rev-parse", "--verify", "--quiet", reference]);
        ran.good.then(|| ran.out.trim().to_owned())
    }

    /// The credential as it arrives.
    pub fn authorization() -> String {
        format!("Basic {}", base64(format!("{USER}:{PASSWORD}").as_bytes()))
    }
}

/// One more commit with this file.
pub fn commit(copy: &Path, file: &str, bytes: impl AsRef<[u8]>) -> String {
    let file = copy.join(file);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, bytes).unwrap();
    good(copy, &["add", "."]);
    good(copy, &["commit", "--quiet", "-m", "change"]);
    good(copy, &["rev-parse", "HEAD"]).trim().to_owned()
}

/// nginx with one account, before one server that is configured so; it keeps its files in a directory with a `tmp`.
pub fn nginx(root: &Path, server: &str) -> (Guarded, SocketAddr) {
    let there = server::free();
    let here = root.display();
    fs::write(root.join("passwords"), format!("{USER}:{{PLAIN}}{PASSWORD}\n")).unwrap();
    let text = format!(
        "daemon off; master_process off; pid {here}/nginx.pid; error_log {here}/error.log;\n\
         events {{ worker_connections 128; }}\n\
         http {{\n\
         access_log off; client_max_body_size 0; client_body_temp_path {here}/tmp/b; proxy_temp_path {here}/tmp/p;\n\
         fastcgi_temp_path {here}/tmp/f; uwsgi_temp_path {here}/tmp/u; scgi_temp_path {here}/tmp/s;\n\
         auth_basic upstream; auth_basic_user_file {here}/passwords;\n\
         server {{ listen {there};\n{server}\n}} }}\n"
    );
    let file = root.join("nginx.conf");
    fs::write(&file, text).unwrap();
    let mut command = Command::new("nginx");
    command.arg("-c").arg(&file).arg("-p").arg(root);
    let guard = Guarded::start(&command);
    server::listens(there, "nginx");
    (guard, there)
}

/// Git's own way to be served.
fn location(root: &Path) -> String {
    let root = root.display();
    format!(
        "location / {{\n\
         fastcgi_pass unix:{root}/fcgi.sock; fastcgi_buffering off;\n\
         fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;\n\
         fastcgi_param GIT_PROJECT_ROOT {root}/git; fastcgi_param GIT_HTTP_EXPORT_ALL 1;\n\
         fastcgi_param PATH_INFO $uri; fastcgi_param QUERY_STRING $query_string;\n\
         fastcgi_param REQUEST_METHOD $request_method; fastcgi_param CONTENT_TYPE $content_type;\n\
         fastcgi_param CONTENT_LENGTH $content_length; fastcgi_param REMOTE_USER $remote_user;\n\
         fastcgi_param GIT_PROTOCOL $http_git_protocol; fastcgi_param PATH /usr/bin:/bin;\n\
         fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;\n\
         }}"
    )
}

/// What lies between the gateway and a server: it passes every byte on and keeps those towards the server.
pub struct Wire {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    there: Arc<OnceLock<SocketAddr>>,
}

/// A request as it arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrived {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Arrived {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(it, _)| it == name)
            .map_or("", |(_, value)| value)
    }
}

impl Wire {
    /// One that leads to a server.
    pub async fn before(there: SocketAddr) -> Wire {
        let wire = Wire::open().await;
        wire.lead_to(there);
        wire
    }

    /// One that leads nowhere yet.
    pub async fn open() -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Wire {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            there: Arc::default(),
        };
        let (all, there) = (wire.seen.clone(), wire.there.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let at = {
                    let mut all = all.lock().unwrap();
                    all.push(Vec::new());
                    all.len() - 1
                };
                let there = *there.get().expect("nobody comes before it leads somewhere");
                tokio::spawn(pass(client, there, all.clone(), at));
            }
        });
        wire
    }

    pub fn lead_to(&self, there: SocketAddr) {
        self.there.set(there).unwrap();
    }

    /// Every byte that has come.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen.lock().unwrap().concat()
    }

    /// The requests that have come whole, by connection.
    pub fn requests(&self) -> Vec<Arrived> {
        let seen = self.seen.lock().unwrap();
        seen.iter().flat_map(|bytes| arrived(bytes)).collect()
    }

    /// Forgets what has come, and gives it.
    pub fn take(&self) -> Vec<Arrived> {
        let all = self.requests();
        self.seen.lock().unwrap().iter_mut().for_each(Vec::clear);
        all
    }
}

async fn pass(mut client: TcpStream, there: SocketAddr, seen: Arc<Mutex<Vec<Vec<u8>>>>, at: usize) {
    let Ok(mut server) = TcpStream::connect(there).await else {
        return;
    };
    let (mut up, mut down) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => match read {
                Ok(read) if read > 0 => {
                    seen.lock().unwrap()[at].extend_from_slice(&up[..read]);
                    if server.write_all(&up[..read]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
            read = server.read(&mut down) => match read {
                Ok(read) if read > 0 => {
                    if client.write_all(&down[..read]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
        }
    }
}

fn arrived(mut bytes: &[u8]) -> Vec<Arrived> {
    let mut all = Vec::new();
    while let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap().to_owned();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut one = Arrived {
            line,
            headers,
            body: Vec::new(),
        };
        bytes = &bytes[end + 4..];
        if one.header("transfer-encoding") == "chunked" {
            let Some((body, rest)) = unchunked(bytes) else {
                return all;
            };
            (one.body, bytes) = (body, rest);
        } else {
            let length = one.header("content-length").parse().unwrap_or(0);
            if bytes.len() < length {
                return all;
            }
            one.body = bytes[..length].to_vec();
            bytes = &bytes[length..];
        }
        all.push(one);
    }
    all
}

fn unchunked(mut bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).ok()?, 16).ok()?;
        body.extend_from_slice(bytes.get(end + 2..end + 2 + size)?);
        bytes = bytes.get(end + 4 + size..)?;
        if size == 0 {
            return Some((body, bytes));
        }
    }
}

/// A server that answers each request by this function, and what has arrived there.
pub struct Scripted {
    pub address: String,
    seen: Arc<Mutex<Vec<Arrived>>>,
}

impl Scripted {
    /// `answer` gets the request and the server's own address, and gives the whole answer.
    pub async fn start(answer: impl Fn(&Arrived, &str) -> Vec<u8> + Send + Sync + 'static) -> Scripted {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Arrived>>> = Arc::default();
        let (answer, own, all) = (Arc::new(answer), address.clone(), seen.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, own, all) = (answer.clone(), own.clone(), all.clone());
                tokio::spawn(async move {
                    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
                    let request = loop {
                        match stream.read(&mut buffer).await {
                            Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
                            _ => return,
                        }
                        if let Some(request) = arrived(&bytes).into_iter().next() {
                            break request;
                        }
                    };
                    let bytes = answer(&request, &own);
                    all.lock().unwrap().push(request);
                    let _ = stream.write_all(&bytes).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Scripted { address, seen }
    }

    pub fn requests(&self) -> Vec<Arrived> {
        self.seen.lock().unwrap().clone()
    }
}

/// An answer with a body and more headers, each ended by a line end.
pub fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
