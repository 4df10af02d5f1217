//! Permission levels and the packed set of them that a grant holds.

use serde::{Deserialize, Serialize};

/// How much of a permission: none < read < write < admin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Level {
    /// Nothing.
    #[default]
    None = 0,
    /// Reading.
    Read = 1,
    /// Reading and writing.
    Write = 2,
    /// Reading, writing and administering.
    Admin = 3,
}

impl Level {
    /// The level's word in URLs, JSON and headers.
    pub const fn word(self) -> &'static str {
        match self {
            Level::None => "none",
            Level::Read => "read",
            Level::Write => "write",
            Level::Admin => "admin",
        }
    }

    /// The level of a word; `None` for any other text.
    pub fn parse(word: &str) -> Option<Level> {
        match word {
            "none" => Some(Level::None),
            "read" => Some(Level::Read),
            "write" => Some(Level::Write),
            "admin" => Some(Level::Admin),
            _ => None,
        }
    }

    const fn from_bits(bits: u64) -> Level {
        match bits & 3 {
            0 => Level::None,
            1 => Level::Read,
            2 => Level::Write,
            _ => Level::Admin,
        }
    }
}

/// A permission's place in the catalogue. Meaningful within one build only: storage and wire use slugs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PermissionId(pub u8);

impl PermissionId {
    /// How many permissions a packed set can hold.
    pub const CAPACITY: usize = 128;
}

/// A level for each permission, two bits each. The default is none of everything.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Levels {
    // INVARIANT: permission p occupies bits 2·(p mod 32) of word p / 32.
    words: [u64; 4],
}

impl Levels {
    /// No permission at all.
    pub const NONE: Levels = Levels { words: [0; 4] };

    /// The level held for a permission; an id beyond the capacity holds nothing.
    #[inline]
    pub fn get(&self, permission: PermissionId) -> Level {
        let word = self
            .words
            .get(usize::from(permission.0 >> 5))
            .copied()
            .unwrap_or(0);
        Level::from_bits(word >> ((permission.0 & 31) * 2))
    }

    /// Sets one permission's level; an id beyond the capacity changes nothing.
    pub fn set(&mut self, permission: PermissionId, level: Level) {
        let shift = u32::from(permission.0 & 31) * 2;
        if let Some(word) = self.words.get_mut(usize::from(permission.0 >> 5)) {
            *word = (*word & !(3 << shift)) | ((level as u64) << shift);
        }
    }

    /// Whether no permission is held.
    pub fn is_empty(&self) -> bool {
        self.words == [0; 4]
    }

    /// Every permission held above none, in id order.
    pub fn iter(&self) -> impl Iterator<Item = (PermissionId, Level)> + '_ {
        (0..PermissionId::CAPACITY as u8)
            .map(PermissionId)
            .filter_map(|id| match self.get(id) {
                Level::None => None,
                level => Some((id, level)),
            })
    }

    /// Whether every level here is at most the one there.
    pub fn within(&self, wider: &Levels) -> bool {
        self.iter().all(|(id, level)| level <= wider.get(id))
    }
}

impl FromIterator<(PermissionId, Level)> for Levels {
    fn from_iter<I: IntoIterator<Item = (PermissionId, Level)>>(pairs: I) -> Levels {
        let mut levels = Levels::NONE;
        for (id, level) in pairs {
            levels.set(id, level);
        }
        levels
    }
}
