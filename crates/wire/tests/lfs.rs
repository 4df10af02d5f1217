//! LFS documents as real clients write them, and as nobody should.

#![allow(clippy::unwrap_used, reason = "tests")]

use bailiwick_wire::lfs::{
    Batch, BatchObject, LfsOid, ObjectFault, PathFault, UnlockRequest, check_lock_path,
};

const OID: &str = "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4";

#[test]
fn an_oid_has_one_spelling() {
    let oid = LfsOid::parse(OID).unwrap();
    assert_eq!(oid.fan_out(), ("98", "ea"));
    for bad in [
        "",
        "98ea",
        &OID.to_uppercase(),
        &format!("{OID}0"),
        &OID.replace('9', "g"),
        "../../../../etc/passwd",
    ] {
        assert!(LfsOid::parse(bad).is_err(), "{bad}");
    }
    assert!(oid.is_digest(&[
        0x98, 0xea, 0x6e, 0x4f, 0x21, 0x6f, 0x2f, 0xb4, 0xb6, 0x9f, 0xff, 0x9b, 0x3a, 0x44, 0x84, 0x2c, 0x38,
        0x68, 0x6c, 0xa6, 0x85, 0xf3, 0xf5, 0x5d, 0xc4, 0x8c, 0x5d, 0x3f, 0xb1, 0x10, 0x7b, 0xe4
    ]));
    assert!(!oid.is_digest(&[0x98]));
}

#[test]
fn a_batch_as_git_lfs_writes_it() {
    let text = format!(
        r#"{{"operation":"download","objects":[{{"oid":"{OID}","size":23}}],"transfers":["lfs-standalone-file","basic","ssh"],"ref":{{"name":"refs/heads/main"}},"hash_algo":"sha256"}}"#
    );
    let batch: Batch = serde_json::from_str(&text).unwrap();
    assert!(batch.takes_basic() && batch.is_sha256());
    assert_eq!(batch.objects.first().unwrap().checked(100).unwrap().1, 23);
    let batch: Batch =
        serde_json::from_str(r#"{"operation":"upload","objects":null,"transfers":null}"#).unwrap();
    assert!(batch.takes_basic() && batch.is_sha256() && batch.objects.is_empty());
    let batch: Batch =
        serde_json::from_str(r#"{"operation":"upload","transfers":["tus"],"hash_algo":"sha512"}"#).unwrap();
    assert!(!batch.takes_basic() && !batch.is_sha256());
    assert!(serde_json::from_str::<Batch>(r#"{"objects":[]}"#).is_err());
    assert!(serde_json::from_str::<UnlockRequest>("{}").is_ok_and(|unlock| !unlock.force));
}

#[test]
fn each_object_is_checked_alone() {
    let object = |oid: &str, size| BatchObject {
        oid: oid.into(),
        size,
    };
    assert_eq!(object("x", 1).checked(9), Err(ObjectFault::Oid));
    assert_eq!(object(OID, -1).checked(9), Err(ObjectFault::Size));
    assert_eq!(object(OID, 10).checked(9), Err(ObjectFault::TooLarge(9)));
    assert!(object(OID, 9).checked(9).is_ok());
}

#[test]
fn a_lock_path_has_one_spelling() {
    assert_eq!(check_lock_path("art/logo.psd", 100), Ok(()));
    assert_eq!(check_lock_path("ünï/ö", 100), Ok(()));
    for bad in ["/etc/passwd", "a//b", "a/../b", "./a", "a/", "..", "a\\b"] {
        assert_eq!(check_lock_path(bad, 100), Err(PathFault::Ambiguous), "{bad}");
    }
    assert_eq!(check_lock_path("", 100), Err(PathFault::Length));
    assert_eq!(check_lock_path("long", 3), Err(PathFault::Length));
    assert_eq!(check_lock_path("a\nb", 100), Err(PathFault::Control));
}
