//! The real program on a free loopback port, with a data directory of its own; stopped by its process id, also when
//! the tests die.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::http::{Address, Request};
use crate::tls::Trust;

/// How long it may take to start, and the demo to be filled, on a busy machine.
const START: Duration = Duration::from_secs(180);

/// How long a line of its log may take to arrive here.
const LOGGED: Duration = Duration::from_secs(60);

/// The setting that names the address as people write it.
const PUBLIC_URL: &str = "BAILIWICK_PUBLIC_URL";

/// The setting that names a certificate, and the file of the server's own authority.
const CERTIFICATE: &str = "BAILIWICK_TLS_CERTIFICATE";
const AUTHORITY: &str = "tls/ca.pem";

/// Ends the program when standard input closes: on drop, and when the tests are killed. Prints its process id first.
const GUARD: &str = r#"exec 3<&0; "$@" </dev/null 3<&- & pid=$!; echo "pid $pid" >&2; trap '' INT TERM HUP
(read -r _ <&3; kill -TERM "$pid") 2>/dev/null & wait "$pid"; code=$?; echo "ended $code" >&2; exit "$code""#;

/// A running server.
pub struct Server {
    /// Where it listens.
    pub address: Address,
    /// Its address as it tells it to people.
    pub url: String,
    /// Its data directory.
    pub data: PathBuf,
    /// What it printed until it was ready.
    pub greeting: String,
    pid: u32,
    guard: Child,
    log: Arc<Mutex<String>>,
    program: PathBuf,
    arguments: Vec<String>,
    settings: Vec<(String, String)>,
    directory: Option<TempDir>,
}

impl Server {
    /// Starts `PROGRAM ARGUMENTS --data DIR --listen 127.0.0.1:0` in a new data directory and waits until it is ready.
    pub fn start(program: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Server {
        let directory = tempfile::Builder::new()
            .prefix("bailiwick-e2e-")
            .tempdir()
            .expect("a temporary directory");
        let data = directory.path().join("data");
        let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        let settings: Vec<(String, String)> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Server::spawn(PathBuf::from(program), data, Some(directory), arguments, settings)
    }

    /// The same under `http://localhost`, which browsers take for a place where passkeys may be made.
    pub fn start_at_localhost(program: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Server {
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|held| held.local_addr());
        let url = format!("http://localhost:{}", free.expect("a free port").port());
        let mut settings = settings.to_vec();
        settings.push((PUBLIC_URL, &url));
        Server::start(program, arguments, &settings)
    }

    fn spawn(
        program: PathBuf,
        data: PathBuf,
        directory: Option<TempDir>,
        arguments: Vec<String>,
        settings: Vec<(String, String)>,
    ) -> Server {
        let mut command = Command::new("sh");
        command
            .args(["-c", GUARD, "bailiwick-guard"])
            .arg(&program)
            .args(&arguments);
        let told = settings.iter().find(|(name, _)| name == PUBLIC_URL);
        let port = told.and_then(|(_, url)| url.rsplit(':').next()).unwrap_or("0");
        let listen = format!("127.0.0.1:{port}");
        command.arg("--data").arg(&data).args(["--listen", &listen]);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("BAILIWICK_") || name.to_string_lossy().starts_with("GIT_")
            {
                command.env_remove(name);
            }
        }
        command.envs(
            settings
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A group of its own: Ctrl-C in the terminal ends the tests, and those end the server.
        let mut guard = command.process_group(0).spawn().expect("sh cannot be run");
        let log = Arc::new(Mutex::new(String::new()));
        let pid = follow_log(guard.stderr.take().expect("the pipe was asked for"), &log);
        let (url, greeting) = follow_output(guard.stdout.take().expect("the pipe was asked for"), &log);
        let mut address = Address::parse(&url.replace("localhost", "127.0.0.1"));
        if url.starts_with("https://") {
            let told = settings.iter().find(|(name, _)| name == CERTIFICATE);
            let file = told.map_or_else(|| data.join(AUTHORITY), |(_, file)| PathBuf::from(file));
            address = address.trusting(Trust::in_file(&file));
        }
        let server = Server {
            address,
            url,
            data,
            greeting,
            pid,
            guard,
            log,
            program,
            arguments,
            settings,
            directory,
        };
        server.wait_until_ready();
        server
    }

    fn wait_until_ready(&self) {
        let started = Instant::now();
        while self.address.send(&Request::new("GET", "/readyz")).status != 200 {
            assert!(
                started.elapsed() < START,
                "not ready within {START:?}\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The file that clients have to trust, where it speaks TLS by its own authority.
    pub fn authority_file(&self) -> PathBuf {
        self.data.join(AUTHORITY)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Everything it has printed so far, its log included.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits for a line of its log that holds all of these: it is read beside the answers.
    pub fn logs(&self, parts: &[&str]) {
        let started = Instant::now();
        let told = |line: &str| parts.iter().all(|part| line.contains(part));
        while !self.log().lines().any(told) {
            assert!(
                started.elapsed() < LOGGED,
                "no line of the log holds {parts:?}: {}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The most memory it has held at once since the last [`Server::forget_peak`], in KiB.
    pub fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).expect("it runs");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .expect("Linux says so");
        line.trim()
            .trim_end_matches(" kB")
            .trim()
            .parse()
            .expect("a number")
    }

    /// Starts measuring the peak of memory again.
    pub fn forget_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.pid), "5").expect("own processes can be measured");
    }

    /// Stops it and starts it again on the same data, perhaps with other arguments.
    #[must_use]
    pub fn restart(mut self, arguments: &[&str]) -> Server {
        self.stop();
        let arguments = if arguments.is_empty() {
            std::mem::take(&mut self.arguments)
        } else {
            arguments.iter().map(|it| (*it).to_owned()).collect()
        };
        let program = std::mem::take(&mut self.program);
        let settings = std::mem::take(&mut self.settings);
        let directory = self.directory.take();
        Server::spawn(program, self.data.clone(), directory, arguments, settings)
    }

    /// Stops it in order and waits; what it printed stays readable.
    pub fn stop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }

    /// Every file of the data directory with its bytes.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        collect(&self.data, &mut found);
        found
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(60).collect();
            eprintln!("the end of the server's log:");
            tail.iter().rev().for_each(|line| eprintln!("  {line}"));
        }
    }
}

fn collect(directory: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            collect(&path, found);
        } else if kind.is_file() {
            found.push((path.clone(), std::fs::read(&path).unwrap_or_default()));
        }
    }
}

/// Keeps reading the log, so that the pipe never fills; gives the process id that the guard prints first.
fn follow_log(pipe: impl std::io::Read + Send + 'static, log: &Arc<Mutex<String>>) -> u32 {
    let (sender, receiver) = mpsc::channel();
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if let Some(pid) = line.strip_prefix("pid ").and_then(|it| it.parse::<u32>().ok()) {
                let _ = sender.send(pid);
            }
            let mut log = log.lock().unwrap();
            log.push_str(&line);
            log.push('\n');
        }
    });
    receiver
        .recv_timeout(START)
        .expect("the guard prints a process id")
}

/// Reads what the program says until it has told its address; for the demo, to the end of its list of commands.
fn follow_output(pipe: impl std::io::Read + Send + 'static, log: &Arc<Mutex<String>>) -> (String, String) {
    let (sender, receiver) = mpsc::channel();
    let into = Arc::clone(log);
    std::thread::spawn(move || {
        let mut greeting = String::new();
        let mut url = String::new();
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            greeting.push_str(&line);
            greeting.push('\n');
            if url.is_empty()
                && let Some(at) = line
                    .find("http://127.0.0.1:")
                    .or_else(|| line.find("http://localhost:"))
                    .or_else(|| line.find("https://127.0.0.1:"))
            {
                let told = line[at..].split([' ', ',']).next().unwrap_or_default();
                told.trim_end_matches('/').clone_into(&mut url);
            }
            if line.starts_with("Bailiwick listens on") || line.starts_with("Ctrl-C stops it") {
                let _ = sender.send((url.clone(), greeting.clone()));
            }
            let mut log = into.lock().unwrap();
            log.push_str("stdout: ");
            log.push_str(&line);
            log.push('\n');
        }
    });
    match receiver.recv_timeout(START) {
        Ok(found) => found,
        Err(_) => panic!("the server did not start:\n{}", log.lock().unwrap()),
    }
}
