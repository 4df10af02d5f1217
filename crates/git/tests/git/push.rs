//! Pushes through receive-pack with the hook asking back: accepted, refused, undecided, killed.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bailiwick_git::{
    HookFault, HookListener, Oid, PendingPush, ProtocolVersion, PushProposal, Repository, Session, Transfer,
    TransferOutcome, Verdict, hook,
};
use bailiwick_wire::pktline;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::world::{World, git, working_copy};

/// Git starts this test alone, as its hook. Started by a person, it shows that a hook without a server refuses.
#[test]
fn runs_as_the_hook() {
    if std::env::var_os(hook::NONCE_VARIABLE).is_some() {
        let accepted = hook::main() == std::process::ExitCode::SUCCESS;
        std::process::exit(i32::from(!accepted));
    }
    assert_ne!(hook::main(), std::process::ExitCode::SUCCESS);
    assert!(hook::is_hook("hooks/pre-receive".as_ref()));
    assert!(!hook::is_hook("/usr/bin/bailiwick".as_ref()));
}

struct Pusher {
    world: World,
    repository: Repository,
    copy: std::path::PathBuf,
    head: Oid,
    listener: HookListener,
}

impl Pusher {
    fn new() -> Self {
        let world = World::new();
        let repository = world.repository();
        let copy = working_copy(&world.path("copy"));
        let head = git(&copy, &["rev-parse", "HEAD"]).trim().parse().unwrap();
        let listener = HookListener::bind(&world.path("hook.socket")).unwrap();
        Self {
            world,
            repository,
            copy,
            head,
            listener,
        }
    }

    /// The body of a push that creates these refs.
    fn body(&self, names: &[&str]) -> Vec<u8> {
        let mut body = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let capabilities = if at == 0 { "\0report-status agent=test" } else { "" };
            let line = format!("{} {} {name}{capabilities}", Oid::ZERO, self.head);
            pktline::encode(line.as_bytes(), &mut body).unwrap();
        }
        body.extend_from_slice(pktline::FLUSH);
        body.extend(pack(&self.copy, &self.head.to_string()));
        body
    }

    fn start(&self, body: Vec<u8>, nonce: &str) -> (Transfer, PendingPush) {
        let pending = self.listener.register(nonce, &self.repository);
        (self.receive(body, nonce), pending)
    }

    fn receive(&self, body: Vec<u8>, nonce: &str) -> Transfer {
        let session = Session {
            socket: self.listener.path().into(),
            nonce: nonce.into(),
        };
        self.repository
            .receive_pack(ProtocolVersion::V0, std::io::Cursor::new(body), &session)
            .unwrap()
    }

    fn tip(&self) -> Option<Oid> {
        self.repository.resolve("main").unwrap()
    }

    fn leftovers(&self) -> usize {
        let objects = std::fs::read_dir(self.repository.directory().join("objects")).unwrap();
        objects
            .filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .file_name()
                    .to_str()
                    .unwrap()
                    .contains("incoming")
            })
            .count()
    }
}

fn pack(copy: &Path, revision: &str) -> Vec<u8> {
    let mut child = Command::new("git")
        .current_dir(copy)
        .args(["pack-objects", "--stdout", "--revs", "-q"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{revision}").unwrap();
    child.wait_with_output().unwrap().stdout
}

async fn end(mut transfer: Transfer) -> (String, TransferOutcome) {
    let mut answer = Vec::new();
    transfer.read_to_end(&mut answer).await.unwrap();
    (
        String::from_utf8_lossy(&answer).into_owned(),
        transfer.finish().await.unwrap(),
    )
}

#[tokio::test]
async fn an_accepted_push_moves_its_refs() {
    let pusher = Pusher::new();
    let (transfer, mut pending) = pusher.start(pusher.body(&["refs/heads/main", "refs/tags/v1"]), "n1");
    let PushProposal { updates, quarantine } = pending.wait().await.unwrap();
    assert_eq!(updates.len(), 2);
    assert_eq!(updates[0].new, Some(pusher.head));
    let quarantine = quarantine.unwrap();
    assert_eq!(
        pusher.repository.object_info(pusher.head).unwrap(),
        None,
        "not ours yet"
    );
    let view = pusher.repository.with_quarantine(&quarantine);
    assert_eq!(view.commit(pusher.head).unwrap().message, "first\n");
    assert_eq!(
        pusher
            .repository
            .touches_workflows(&updates, Some(&quarantine))
            .unwrap(),
        None
    );
    assert_eq!(pusher.tip(), None);
    pending.answer(Verdict::Accept).unwrap();
    let (answer, outcome) = end(transfer).await;
    assert!(outcome.success(), "{outcome:?}");
    assert!(answer.contains("ok refs/heads/main"), "{answer}");
    assert_eq!(pusher.tip(), Some(pusher.head));
    assert_eq!(pusher.repository.applied(&updates).unwrap(), updates);
}

#[tokio::test]
async fn a_rejected_push_leaves_nothing_and_says_why() {
    let pusher = Pusher::new();
    let mut body = pusher.body(&["refs/heads/main"]);
    let caps = body
        .windows(13)
        .position(|window| window == b"report-status")
        .unwrap();
    // Ask for the sideband, on which the client is shown the message.
    body.splice(caps..caps + 24, *b"report-status side-band-64k");
    let length = format!(
        "{:04x}",
        usize::from_str_radix(std::str::from_utf8(&body[..4]).unwrap(), 16).unwrap() + 3
    );
    body.splice(..4, length.into_bytes());
    let (transfer, mut pending) = pusher.start(body, "n1");
    let proposal = pending.wait().await.unwrap();
    pending
        .answer(Verdict::Reject("contents: write is missing\u{1b}[".into()))
        .unwrap();
    let (answer, _) = end(transfer).await;
    assert!(answer.contains("contents: write is missing["), "{answer}");
    assert!(
        answer.contains("ng refs/heads/main pre-receive hook declined"),
        "{answer}"
    );
    assert_eq!(pusher.tip(), None);
    assert!(pusher.repository.applied(&proposal.updates).unwrap().is_empty());
    assert_eq!(pusher.repository.object_info(pusher.head).unwrap(), None);
    assert_eq!(pusher.leftovers(), 0);
}

#[tokio::test]
async fn a_push_nobody_decides_on_is_refused() {
    let pusher = Pusher::new();
    let (answer, _) = end(pusher.receive(pusher.body(&["refs/heads/main"]), "unknown")).await;
    assert!(answer.contains("ng refs/heads/main"), "{answer}");

    let (transfer, pending) = pusher.start(pusher.body(&["refs/heads/main"]), "dropped");
    drop(pending);
    assert!(end(transfer).await.0.contains("ng refs/heads/main"));

    let (transfer, mut pending) = pusher.start(pusher.body(&["refs/heads/main"]), "dropped later");
    pending.wait().await.unwrap();
    drop(pending);
    assert!(end(transfer).await.0.contains("ng refs/heads/main"));

    let (transfer, mut pending) = pusher.start(pusher.body(&["refs/heads/main"]), "twice");
    let mut later = pusher.listener.register("twice", &pusher.repository);
    assert_eq!(
        pending.wait().await,
        Err(HookFault::Closed),
        "the former registration ends"
    );
    drop(pending);
    later.wait().await.unwrap();
    drop(later);
    assert!(end(transfer).await.0.contains("ng refs/heads/main"));
    assert_eq!(pusher.tip(), None);
}

#[tokio::test]
async fn a_push_without_a_listener_is_refused() {
    let pusher = Pusher::new();
    let session = Session {
        socket: pusher.world.path("nowhere"),
        nonce: "n".into(),
    };
    let body = std::io::Cursor::new(pusher.body(&["refs/heads/main"]));
    let transfer = pusher
        .repository
        .receive_pack(ProtocolVersion::V0, body, &session)
        .unwrap();
    assert!(end(transfer).await.0.contains("ng refs/heads/main"));
    assert_eq!(pusher.tip(), None);
}

#[tokio::test]
async fn a_nonce_works_once_and_for_one_repository() {
    let pusher = Pusher::new();
    let other = pusher.world.repositories.create(2, "main").unwrap();
    let mut pending = pusher.listener.register("n", &other);
    let transfer = pusher.receive(pusher.body(&["refs/heads/main"]), "n");
    assert_eq!(
        pending.wait().await,
        Err(HookFault::Closed),
        "its quarantine lies elsewhere"
    );
    assert!(end(transfer).await.0.contains("ng refs/heads/main"));
    let (transfer, mut pending) = pusher.start(pusher.body(&["refs/heads/main"]), "n");
    pending.wait().await.unwrap();
    pending.answer(Verdict::Accept).unwrap();
    assert!(end(transfer).await.0.contains("ok refs/heads/main"));
    let (answer, _) = end(pusher.receive(pusher.body(&["refs/heads/again"]), "n")).await;
    assert!(answer.contains("ng refs/heads/again"), "{answer}");
}

#[tokio::test]
async fn refs_of_our_own_cannot_be_pushed() {
    let pusher = Pusher::new();
    let names = ["refs/bailiwick/x", "refs/pull/1/head", "refs/heads/main"];
    let (transfer, mut pending) = pusher.start(pusher.body(&names), "n");
    let proposal = pending.wait().await.unwrap();
    assert_eq!(
        proposal.updates.len(),
        3,
        "git shows its hook all of them, and refuses the hidden ones after"
    );
    pending.answer(Verdict::Accept).unwrap();
    let (answer, _) = end(transfer).await;
    assert!(
        answer.contains("ng refs/bailiwick/x deny updating a hidden ref"),
        "{answer}"
    );
    assert!(answer.contains("ng refs/pull/1/head"), "{answer}");
    assert!(answer.contains("ok refs/heads/main"), "{answer}");
}

#[tokio::test]
async fn a_push_killed_while_it_is_decided_moves_nothing() {
    let pusher = Pusher::new();
    let (transfer, mut pending) = pusher.start(pusher.body(&["refs/heads/main"]), "n");
    pending.wait().await.unwrap();
    let handle = transfer.handle();
    handle.kill();
    let outcome = transfer.finish().await.unwrap();
    assert!(outcome.killed && !outcome.success(), "{outcome:?}");
    // The hook is dead: too late to accept.
    let _unheard = pending.answer(Verdict::Accept);
    assert_eq!(pusher.tip(), None);
    assert_eq!(pusher.leftovers(), 0, "the quarantine is gone");
    handle.kill();
}

#[tokio::test]
async fn clearing_up_after_one_push_spares_another() {
    let pusher = Pusher::new();
    let (slow, mut deciding) = pusher.start(pusher.body(&["refs/heads/main"]), "slow");
    deciding.wait().await.unwrap();
    let (killed, mut pending) = pusher.start(pusher.body(&["refs/heads/other"]), "killed");
    pending.wait().await.unwrap();
    killed.handle().kill();
    killed.finish().await.unwrap();
    assert_eq!(pusher.leftovers(), 2);
    deciding.answer(Verdict::Accept).unwrap();
    assert!(end(slow).await.1.success());
    assert_eq!(pusher.tip(), Some(pusher.head));
    assert_eq!(pusher.repository.commit(pusher.head).unwrap().message, "first\n");
    assert_eq!(pusher.leftovers(), 0, "the last one clears up");
}

#[tokio::test]
async fn a_push_killed_half_way_ends_although_the_client_waits() {
    let pusher = Pusher::new();
    let body = pusher.body(&["refs/heads/main"]);
    let (mut client, server) = tokio::io::duplex(1 << 16);
    let session = Session {
        socket: pusher.listener.path().into(),
        nonce: "n".into(),
    };
    let transfer = pusher
        .repository
        .receive_pack(ProtocolVersion::V0, server, &session)
        .unwrap();
    client.write_all(&body[..body.len() / 2]).await.unwrap();
    transfer.handle().kill();
    let outcome = tokio::time::timeout(Duration::from_secs(20), transfer.finish())
        .await
        .unwrap()
        .unwrap();
    assert!(outcome.killed);
    assert_eq!(pusher.tip(), None);
    assert_eq!(pusher.leftovers(), 0);
    drop(client);
}

#[tokio::test]
async fn a_pack_that_is_broken_or_holds_dot_git_is_refused_before_anybody_is_asked() {
    let pusher = Pusher::new();
    let mut body = pusher.body(&["refs/heads/main"]);
    let last = body.len() - 1;
    body[last] ^= 1;
    let (transfer, pending) = pusher.start(body, "n");
    let (answer, _) = end(transfer).await;
    assert!(!answer.contains("ok refs/heads/main"), "{answer}");
    drop(pending);

    let copy = &pusher.copy;
    let blob = git(copy, &["rev-parse", "HEAD:README"]);
    let file = pusher.world.path("tree");
    let mut tree = b"100644 .GIT\0".to_vec();
    tree.extend_from_slice(blob.trim().parse::<Oid>().unwrap().as_bytes());
    std::fs::write(&file, tree).unwrap();
    let tree = git(
        copy,
        &[
            "hash-object",
            "-w",
            "--literally",
            "-t",
            "tree",
            file.to_str().unwrap(),
        ],
    );
    let evil = git(copy, &["commit-tree", tree.trim(), "-m", "evil"]);
    let pusher = Pusher {
        head: evil.trim().parse().unwrap(),
        ..pusher
    };
    let (transfer, pending) = pusher.start(pusher.body(&["refs/heads/main"]), "n");
    let (answer, outcome) = end(transfer).await;
    assert!(!answer.contains("ok refs/heads/main"), "{answer} {outcome:?}");
    assert_eq!(pusher.tip(), None);
    drop(pending);
}

#[test]
fn the_socket_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = World::new();
    let _guard = runtime.enter();
    let path = world.path("hook.socket");
    let listener = HookListener::bind(&path).unwrap();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let again = HookListener::bind(&path).unwrap();
    drop(listener);
    drop(again);
    assert!(!path.exists());
}
