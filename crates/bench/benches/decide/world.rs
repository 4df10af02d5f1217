//! The grants that every decider is given, in plain data, and the questions about them.

/// Permissions that a token holds.
pub const PERMISSIONS: u8 = 50;
/// Repositories that a token has selected.
pub const SELECTED: usize = 20;
/// Repositories that exist.
pub const REPOSITORIES: usize = 2_000;
/// Tokens that one person holds.
const TOKENS_PER_PERSON: usize = 50;
/// Questions asked in turn: enough that no branch predictor learns them by heart, few enough to stay in cache.
const HOT: usize = 1_000;

/// Tokens with their people and repositories.
pub struct World {
    /// How many tokens there are.
    pub tokens: usize,
}

/// One question, with the answer that is right.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// Which token.
    pub token: usize,
    /// Which permission, to read.
    pub permission: u8,
    /// Which repository.
    pub repository: usize,
    /// Whether it is allowed.
    pub expected: bool,
}

impl World {
    /// A world of so many tokens.
    pub fn new(tokens: usize) -> World {
        World { tokens }
    }

    /// How many people hold them.
    pub fn people(&self) -> usize {
        self.tokens.div_ceil(TOKENS_PER_PERSON)
    }

    /// Who holds a token.
    pub fn person_of(&self, token: usize) -> usize {
        token / TOKENS_PER_PERSON
    }

    /// The repositories that a token has selected.
    pub fn selected(&self, token: usize) -> impl Iterator<Item = usize> {
        // 97 is no divisor of 2,000: twenty different ones for each token.
        (0..SELECTED).map(move |place| (token * 31 + place * 97) % REPOSITORIES)
    }

    /// Questions whose answers are all the same: about selected repositories, or about one that is not.
    pub fn questions(&self, expected: bool) -> Vec<Asking> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        let count = if self.tokens == 1 { HOT } else { self.tokens };
        (0..count)
            .map(|_| {
                let token = random(self.tokens);
                let place = random(SELECTED);
                let beside = usize::from(!expected);
                Asking {
                    token,
                    permission: random(usize::from(PERMISSIONS)) as u8,
                    repository: self
                        .selected(token)
                        .nth(place)
                        .map_or(0, |id| (id + beside) % REPOSITORIES),
                    expected,
                }
            })
            .collect()
    }
}
