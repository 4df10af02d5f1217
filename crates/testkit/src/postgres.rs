//! A private PostgreSQL cluster for tests: made in a temporary directory, reached by a Unix socket alone, and
//! gone with the process that started it, however that ends.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "for tests only: a test without its database must fail loudly"
)]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::time::Duration;

/// How long the server may take to start on a busy machine.
const START: Duration = Duration::from_secs(120);
/// Who runs the server when tests run as root, which `initdb` refuses: nobody.
const UNPRIVILEGED: u32 = 65_534;
/// Ends the server and removes the directory when standard input closes: on drop, and when the tests die.
const GUARD: &str = r#"dir=$1; shift; "$@" </dev/null & pid=$!; trap '' INT TERM HUP
read -r _; kill -QUIT "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; rm -rf "$dir""#;

/// A running cluster. Dropping it stops the server and removes its data.
#[derive(Debug)]
pub struct Cluster {
    directory: PathBuf,
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
        let programs = programs();
        let directory = make_directory();
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
            .args(["-c", "listen_addresses="])
            .arg("-c")
            .arg(format!("unix_socket_directories={}", directory.display()))
            // A test's data need not survive a crash of the machine.
            .args([
                "-c",
                "fsync=off",
                "-c",
                "full_page_writes=off",
                "-c",
                "synchronous_commit=off",
            ])
            .args([
                "-c",
                "max_connections=300",
                "-c",
                "shared_buffers=32MB",
                "-c",
                "log_min_messages=warning",
            ])
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
        format!(
            "postgresql:///{database}?user=bailiwick&host={}",
            self.directory.display()
        )
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
    if is_root() {
        chown(&directory, Some(UNPRIVILEGED), Some(UNPRIVILEGED))
            .expect("the directory could not be given away");
    }
    directory
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
