//! A private PostgreSQL cluster for tests: made in a temporary directory, reached by a Unix socket alone, and
//! gone with the process that started it, however that ends.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "for tests only: a test without its database must fail loudly"
)]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::time::Duration;

/// How long the server may take to start on a busy machine.
const START: Duration = Duration::from_secs(120);
/// The port that names the socket where none is listened on.
const PORT: u16 = 5432;
/// A test's data need not survive a crash of the machine.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=300",
    "shared_buffers=32MB",
    "log_min_messages=warning",
];
/// Who runs the server when tests run as root, which `initdb` refuses: nobody.
const UNPRIVILEGED: u32 = 65_534;
/// Ends the server and removes the directory when standard input closes: on drop, and when the tests die.
const GUARD: &str = r#"dir=$1; shift; "$@" </dev/null & pid=$!; trap '' INT TERM HUP
read -r _; kill -QUIT "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; rm -rf "$dir""#;

/// A running cluster. Dropping it stops the server and removes its data.
#[derive(Debug)]
pub struct Cluster {
    directory: PathBuf,
    port: u16,
    guard: Child,
    databases: AtomicU32,
}

static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());

impl Cluster {
    /// The cluster that the tests of this process share while any of them holds it.
    pub fn shared() -> Arc<Cluster> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cluster) = shared.upgrade() {
            return cluster;
        }
        let cluster = Arc::new(Cluster::start());
        *shared = Arc::downgrade(&cluster);
        cluster
    }

    /// Makes and starts a cluster. Panics when PostgreSQL is not installed or does not start.
    pub fn start() -> Cluster {
        Cluster::start_in(make_directory(), PORT, &[String::from("listen_addresses=")])
    }

    /// A cluster that is also reached over TLS at a loopback port, as `localhost` with a certificate of its own.
    pub fn start_with_tls() -> Cluster {
        let directory = make_directory();
        let issued =
            rcgen::generate_simple_self_signed([String::from("localhost")]).expect("no certificate was made");
        for (name, text) in [
            ("server.crt", issued.cert.pem()),
            ("server.key", issued.signing_key.serialize_pem()),
        ] {
            let file = directory.join(name);
            std::fs::write(&file, text).expect("the certificate could not be written");
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("no such file");
            give_away(&file);
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let port = free.expect("no port is free").port();
        let file = |name: &str| directory.join(name).display().to_string();
        let settings = [
            String::from("listen_addresses=127.0.0.1"),
            format!("port={port}"),
            String::from("ssl=on"),
            format!("ssl_cert_file={}", file("server.crt")),
            format!("ssl_key_file={}", file("server.key")),
        ];
        Cluster::start_in(directory, port, &settings)
    }

    fn start_in(directory: PathBuf, port: u16, settings: &[String]) -> Cluster {
        let programs = programs();
        let data = directory.join("data");
        let initdb = unprivileged(&programs.join("initdb"))
            .args([
                "--username=bailiwick",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "-D",
            ])
            .arg(&data)
            .current_dir(&directory)
            .output()
            .expect("initdb cannot be run");
        assert!(
            initdb.status.success(),
            "initdb failed: {}",
            String::from_utf8_lossy(&initdb.stderr)
        );
        let server = unprivileged(&programs.join("postgres"));
        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "postgres-guard"])
            .arg(&directory)
            .arg(server.get_program())
            .args(server.get_args())
            .arg("-D")
            .arg(&data)
            .arg("-c")
            .arg(format!("unix_socket_directories={}", directory.display()))
            .args(settings.iter().flat_map(|setting| ["-c", setting.as_str()]))
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
            .env("LC_ALL", "C")
            .current_dir(&directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sh cannot be run");
        let stderr = guard.stderr.take().expect("the pipe was asked for");
        let cluster = Cluster {
            directory,
            port,
            guard,
            databases: AtomicU32::new(0),
        };
        wait_until_ready(stderr);
        cluster
    }

    /// Creates an empty database and returns its URL.
    pub fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut client = postgres::Client::connect(&self.url("postgres"), postgres::NoTls)
            .expect("the cluster does not answer");
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .expect("no database was created");
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        let directory = self.directory.display();
        format!(
            "postgresql:///{database}?user=bailiwick&host={directory}&port={}",
            self.port
        )
    }

    /// The URL over TCP of a database that [`Cluster::create_database`] made, without anything about TLS.
    pub fn tcp_url(&self, url: &str) -> String {
        let database = url
            .trim_start_matches("postgresql:///")
            .split('?')
            .next()
            .unwrap_or_default();
        format!("postgresql://bailiwick@localhost:{}/{database}", self.port)
    }

    /// The PEM file of the certificate of a cluster started with TLS.
    pub fn certificate(&self) -> PathBuf {
        self.directory.join("server.crt")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Closing its standard input tells the guard to stop the server.
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// The folder of `initdb` and `postgres`: named by `BAILIWICK_POSTGRES_BIN`, in `PATH`, or where packages put it.
fn programs() -> PathBuf {
    let mut places: Vec<PathBuf> = Vec::new();
    places.extend(std::env::var_os("BAILIWICK_POSTGRES_BIN").map(PathBuf::from));
    places.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    places.push(PathBuf::from("/usr/local/bin"));
    let mut packaged: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    packaged.sort();
    places.extend(packaged.into_iter().rev());
    places
        .into_iter()
        .find(|place| place.join("initdb").is_file() && place.join("postgres").is_file())
        .expect(
            "PostgreSQL is not installed: install it (`cargo xtask test` does) or set BAILIWICK_POSTGRES_BIN",
        )
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn make_directory() -> PathBuf {
    let mut place = std::env::temp_dir();
    if place.as_os_str().len() > 60 {
        // The path of a Unix socket holds hardly more than 100 bytes.
        place = PathBuf::from("/tmp");
    }
    let directory = tempfile::Builder::new()
        .prefix("bailiwick-postgres-")
        .tempdir_in(place)
        .expect("no temporary directory could be made")
        .keep();
    give_away(&directory);
    directory
}

fn give_away(path: &Path) {
    if is_root() {
        chown(path, Some(UNPRIVILEGED), Some(UNPRIVILEGED)).expect("a file could not be given away");
    }
}

/// A command that runs as nobody if the tests run as root. `setpriv` becomes the program, so its id is the server's.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={UNPRIVILEGED}"))
        .arg(format!("--regid={UNPRIVILEGED}"))
        .args(["--clear-groups", "--"])
        .arg(program);
    command
}

/// Reads the server's log until it says that it is ready, and goes on reading so that the pipe never fills.
fn wait_until_ready(stderr: ChildStderr) {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut log = String::new();
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if line.contains("ready to accept connections") {
                let _ = sender.send(Ok(()));
            } else if line.contains("FATAL") {
                let _ = sender.send(Err(format!("{log}{line}")));
            } else if log.len() < 10_000 {
                log.push_str(&line);
                log.push('\n');
            }
        }
        let _ = sender.send(Err(log));
    });
    match receiver.recv_timeout(START) {
        Ok(Ok(())) => {}
        Ok(Err(log)) => panic!("PostgreSQL did not start: {log}"),
        Err(_) => panic!("PostgreSQL did not start within {START:?}"),
    }
}
