//! Repositories on disk: objects, refs and running the system's git safely.
//!
//! Objects and refs are blocking calls (run them on blocking threads); the smart-HTTP services stream on tokio.
//! Nothing here knows who asks: the caller has decided before it calls.

mod archive;
mod blob;
mod command;
mod commit;
mod compare;
mod diff;
mod error;
mod file;
mod history;
pub mod hook;
mod import;
mod lfs;
mod listener;
mod mirror;
mod outside;
mod path;
mod process;
mod reader;
mod receiving;
mod refs;
mod repositories;
mod repository;
mod signature;
mod transfer;
mod tree;
mod treebuild;
mod workflows;
mod write;

pub use archive::ArchiveFormat;
pub use bailiwick_wire::lfs::LfsOid;
pub use bailiwick_wire::oid::Oid;
pub use bailiwick_wire::pktline::{ProtocolVersion, Service};
pub use commit::{Commit, GpgSignature, Tag};
pub use compare::Comparison;
pub use diff::{FileChange, FileStatus};
pub use error::{Error, Result};
pub use file::{FileChangeKind, PreparedCommit};
pub use history::{HistoryQuery, Page};
pub use import::ImportSource;
pub use lfs::{LfsReceived, LfsUpload};
pub use listener::{HookFault, HookListener, PendingPush, PushProposal, Verdict};
pub use path::{PathFault, check_path};
pub use reader::{Kind, Object};
pub use refs::{Ref, RefUpdate};
pub use repositories::Repositories;
pub use repository::{Quarantine, Repository};
pub use signature::Signature;
pub use transfer::{Session, Transfer, TransferHandle, TransferOutcome};
pub use tree::{Entry, Mode, Tree, TreeEntry};
pub use treebuild::TreeChange;
pub use workflows::WorkflowTouch;
pub use write::NewTag;
