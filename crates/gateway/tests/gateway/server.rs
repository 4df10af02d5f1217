//! Servers as people run them: on a port of their own, and ended with the tests.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ends everything that it started when standard input closes: on drop, and when the tests are killed.
const GUARD: &str = r#"exec 3<&0; "$@" </dev/null 3<&- & read -r _ <&3; kill -KILL 0"#;
/// How long a server may take to start.
const START: Duration = Duration::from_secs(120);

/// A running program. In a struct it stands before the directory that it works in: fields end in their order.
pub struct Guarded(Child);

impl Guarded {
    /// Starts a program; what it says is lost.
    pub fn start(command: &Command) -> Guarded {
        let mut guard = Command::new("sh");
        guard
            .args(["-c", GUARD, "bed"])
            .arg(command.get_program())
            .args(command.get_args())
            .envs(
                command
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        Guarded(guard.spawn().unwrap())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// An address of this machine where nobody listens by now.
pub fn free() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap()
}

/// Waits until a server listens.
pub fn listens(there: SocketAddr, what: &str) {
    until(what, || TcpStream::connect(there).is_ok());
}

/// Waits until a server is so far.
pub fn until(what: &str, ready: impl Fn() -> bool) {
    let began = Instant::now();
    while !ready() {
        assert!(
            began.elapsed() < START,
            "{what} does not start: `cargo xtask install` installs it"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}
