//! The lock of the data directory.

use super::*;
use std::os::unix::fs::PermissionsExt;

#[test]
fn one_holder_at_a_time_and_closed_to_others() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a/b");
    assert_eq!(DataDirectory::take_existing(&path).err().unwrap().code(), 5);
    let first = DataDirectory::take(&path).unwrap();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o700
    );
    let second = DataDirectory::take(&path).err().unwrap();
    assert_eq!(second.code(), 6);
    assert!(second.words().contains("in use by another process"));
    drop(first);
    assert!(DataDirectory::take_existing(&path).is_ok());
}

#[test]
fn the_sealing_key_is_made_once_and_closed_to_others() {
    use crate::clock::SystemRandom;
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let directory = DataDirectory::take(root.path()).unwrap();
    let random = SystemRandom::new().unwrap();
    directory.seal(&random).unwrap();
    let file = directory.sealing_file();
    let first = std::fs::read_to_string(&file).unwrap();
    assert_eq!(first.trim().len(), 64);
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    directory.seal(&random).unwrap();
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        first,
        "the same key after a restart"
    );
    std::fs::write(&file, format!("{}\n{first}", "ab".repeat(32))).unwrap();
    directory.seal(&random).unwrap();
    for broken in ["", "\n", "short\n", &"zz".repeat(32), &format!("{first}oops\n")] {
        std::fs::write(&file, broken).unwrap();
        assert!(directory.seal(&random).is_err(), "{broken}");
    }
}
