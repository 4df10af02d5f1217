//! Clone and fetch: advertisements, packs, and memory that does not grow with them.

use std::time::{Duration, Instant};

use bailiwick_git::{Oid, ProtocolVersion, Repository, Service};
use bailiwick_wire::pktline;
use tokio::io::AsyncReadExt;

use crate::world::{World, commit, create};

fn filled(world: &World) -> (Repository, Oid) {
    let repository = world.repository();
    let first = commit(&repository, &[], &[("a", "1")]);
    let names = ["refs/heads/main", "refs/bailiwick/hidden"];
    repository
        .update_refs(&names.map(|name| create(name, first)))
        .unwrap();
    (repository, first)
}

fn want(oid: Oid) -> Vec<u8> {
    let mut body = Vec::new();
    pktline::encode(
        format!("want {oid} ofs-delta no-progress\n").as_bytes(),
        &mut body,
    )
    .unwrap();
    body.extend_from_slice(pktline::FLUSH);
    pktline::encode(b"done\n", &mut body).unwrap();
    body
}

#[tokio::test]
async fn advertisements_follow_the_version() {
    let world = World::new();
    let (repository, first) = filled(&world);
    let text = async |service, version| {
        String::from_utf8_lossy(&repository.advertise(service, version).await.unwrap()).into_owned()
    };
    let v0 = text(Service::UploadPack, ProtocolVersion::V0).await;
    assert!(v0.starts_with("001e# service=git-upload-pack\n0000"), "{v0}");
    assert!(v0.contains(&format!("{first} refs/heads/main")));
    assert!(!v0.contains("refs/bailiwick"), "hidden");
    assert!(
        text(Service::UploadPack, ProtocolVersion::V1)
            .await
            .contains("version 1")
    );
    let v2 = text(Service::UploadPack, ProtocolVersion::V2).await;
    assert!(v2.starts_with("000eversion 2\n"), "{v2}");
    assert!(v2.contains("filter"), "partial clone");
    let push = text(Service::ReceivePack, ProtocolVersion::V2).await;
    assert!(push.starts_with("001f# service=git-receive-pack\n0000"), "{push}");
    assert!(
        push.contains("report-status") && !push.contains("push-options") && !push.contains("refs/bailiwick")
    );
}

#[tokio::test]
async fn a_pack_is_served_and_an_unknown_want_is_not() {
    let world = World::new();
    let (repository, first) = filled(&world);
    let input = std::io::Cursor::new(want(first));
    let mut transfer = repository.upload_pack(ProtocolVersion::V0, input).unwrap();
    let mut answer = Vec::new();
    transfer.read_to_end(&mut answer).await.unwrap();
    assert!(transfer.finish().await.unwrap().success());
    assert!(answer.starts_with(b"0008NAK\nPACK"));
    let hidden = commit(&repository, &[], &[("secret", "x")]);
    let input = std::io::Cursor::new(want(hidden));
    let mut transfer = repository.upload_pack(ProtocolVersion::V0, input).unwrap();
    answer.clear();
    transfer.read_to_end(&mut answer).await.unwrap();
    assert!(!transfer.finish().await.unwrap().success());
    assert!(!answer.windows(4).any(|window| window == b"PACK"));
}

fn resident_peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_large_pack_streams_with_flat_memory() {
    const SIZE: usize = 64 << 20;
    let world = World::new();
    let repository = world.repository();
    // Bytes that do not compress, written by a loop so that this process never holds them.
    let path = world.path("large");
    {
        use std::io::Write;
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..SIZE / 8 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            file.write_all(&state.to_le_bytes()).unwrap();
        }
    }
    let blob = crate::world::git(
        repository.directory(),
        &["hash-object", "-w", path.to_str().unwrap()],
    );
    let entry = Some((bailiwick_git::Mode::File, blob.trim().parse().unwrap()));
    let change = bailiwick_git::TreeChange {
        path: "large".into(),
        entry,
    };
    let tree = repository.create_tree(None, &[change]).unwrap();
    let person = crate::world::alice();
    let first = repository
        .create_commit(tree, &[], "large", &person, &person)
        .unwrap();
    repository
        .update_refs(&[create("refs/heads/main", first)])
        .unwrap();

    let before = resident_peak_kib();
    let input = std::io::Cursor::new(want(first));
    let mut transfer = repository.upload_pack(ProtocolVersion::V0, input).unwrap();
    let mut buffer = vec![0; 64 << 10];
    let mut total = 0;
    loop {
        let read = transfer.read(&mut buffer).await.unwrap();
        if read == 0 {
            break;
        }
        total += read;
    }
    assert!(transfer.finish().await.unwrap().success());
    assert!(total > SIZE, "{total}");
    // Other tests may run in this process at the same time; a copy of the pack would show all the same.
    let grown = resident_peak_kib() - before;
    assert!(grown < 40 << 10, "{grown} KiB for {total} bytes");
}

#[tokio::test]
async fn a_dropped_or_killed_clone_ends_at_once() {
    let world = World::new();
    let (repository, _) = filled(&world);
    let (client, server) = tokio::io::duplex(64);
    let transfer = repository.upload_pack(ProtocolVersion::V0, server).unwrap();
    let started = Instant::now();
    transfer.handle().kill();
    assert!(transfer.finish().await.unwrap().killed);
    assert!(started.elapsed() < Duration::from_secs(20));
    let (other_client, server) = tokio::io::duplex(64);
    drop(repository.upload_pack(ProtocolVersion::V0, server).unwrap());
    // Nobody holds its directory any more once it has ended.
    for _ in 0..2000 {
        if !running_in(repository.directory()) {
            drop((client, other_client));
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the dropped transfer still runs");
}

fn running_in(directory: &std::path::Path) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap();
    processes
        .flatten()
        .any(|entry| std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == directory))
}
