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
