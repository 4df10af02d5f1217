//! Paths inside a repository: what may be written, so that no checkout anywhere is led outside or into `.git`.

use std::fmt;

/// The longest path, in bytes.
pub const PATH_BYTES_MAX: usize = 4096;

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// Empty, or longer than 4,096 bytes.
    Length,
    /// An empty segment: a leading, trailing or doubled slash.
    EmptySegment,
    /// `.` or `..`.
    Dots,
    /// `.git`, also as a file system that ignores case, blanks or some characters would read it.
    DotGit,
    /// A NUL byte.
    Nul,
}

/// Checks a path that is to be written.
pub fn check_path(path: &str) -> Result<(), PathFault> {
    if path.is_empty() || path.len() > PATH_BYTES_MAX {
        return Err(PathFault::Length);
    }
    if path.contains('\0') {
        return Err(PathFault::Nul);
    }
    for segment in path.split('/') {
        if segment.is_empty() {
            return Err(PathFault::EmptySegment);
        }
        // SECURITY: on Windows a backslash separates too, and a colon opens a stream of the file before it.
        for piece in segment.split('\\') {
            if matches!(piece, "." | "..") {
                return Err(PathFault::Dots);
            }
            if is_dot_git(piece) {
                return Err(PathFault::DotGit);
            }
        }
    }
    Ok(())
}

fn is_dot_git(piece: &str) -> bool {
    // NTFS drops trailing blanks and dots, ignores case, knows the short name and streams.
    let name = piece
        .split(':')
        .next()
        .unwrap_or_default()
        .trim_end_matches([' ', '.']);
    name.eq_ignore_ascii_case(".git")
        || name.eq_ignore_ascii_case("git~1")
        || hfs_plain(piece).eq_ignore_ascii_case(".git")
}

/// The name without the characters that HFS+ ignores.
fn hfs_plain(name: &str) -> String {
    name.chars()
        .filter(|c| {
            !matches!(c,
                '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
        })
        .collect()
}

/// Whether a file of this name is read as `.gitmodules` by some file system.
pub(crate) fn is_dot_gitmodules(name: &str) -> bool {
    let plain = name
        .split(':')
        .next()
        .unwrap_or_default()
        .trim_end_matches([' ', '.'])
        .to_ascii_lowercase();
    let short = plain
        .strip_prefix("gitmod~")
        .or_else(|| plain.strip_prefix("gi7eba~"));
    plain == ".gitmodules"
        || hfs_plain(name).eq_ignore_ascii_case(".gitmodules")
        || short.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
}

impl fmt::Display for PathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "path is empty or too long",
            Self::EmptySegment => "path cannot start or end with a slash, or contain two in a row",
            Self::Dots => "path contains . or .. as a segment",
            Self::DotGit => "path contains .git or a name some file systems read as .git",
            Self::Nul => "path contains a NUL byte",
        })
    }
}

impl std::error::Error for PathFault {}

impl From<PathFault> for crate::Error {
    fn from(fault: PathFault) -> Self {
        Self::Invalid(fault.to_string())
    }
}
