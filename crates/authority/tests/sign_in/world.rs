//! An installation in a temporary directory, with a clock that moves when told and requests without a wire.

use bailiwick_authority::factor::RecoveryCodes;
use bailiwick_authority::names::Names;
use bailiwick_authority::session::{SignIn, SignedIn};
use bailiwick_authority::{Authority, Caller, Clock, Fault, Permit, Presented, Random, Settings, decide};
use bailiwick_catalogue::operation;
use bailiwick_model::{AccountId, Timestamp};
use bailiwick_store::audit::{Query, search};
use bailiwick_store::{AccountKind, AccountRow, EventRow, Secret, Store, Target, account};
use ring::hmac;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

pub const PASSWORD: &str = "seven quiet herons";
pub const NOW: Timestamp = Timestamp(1_760_000_000_000_000);

/// The hash of [`PASSWORD`], so that only the tests about hashing hash.
static HASH: std::sync::LazyLock<String> =
    std::sync::LazyLock::new(|| bailiwick_authority::password::hash(PASSWORD, &Chance::new()).unwrap());

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Predictable bytes, different at each call.
pub struct Chance(AtomicU64);

impl Chance {
    pub fn new() -> Chance {
        Chance(AtomicU64::new(1))
    }
}

impl Random for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut word = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            word ^= word >> 29;
            word = word.wrapping_mul(0xBF58_476D_1CE4_E5B9);
            *byte = (word >> 32) as u8;
        }
    }
}

pub struct World {
    pub authority: Authority,
    pub store: Store,
    clock: Arc<Hand>,
    directory: tempfile::TempDir,
}

impl World {
    /// An installation without anybody.
    pub fn empty() -> World {
        World::at("http://localhost:8417")
    }

    pub fn at(base_url: &str) -> World {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(Target::Sqlite(directory.path().join("bailiwick.sqlite"))).unwrap();
        let clock = Arc::new(Hand(AtomicI64::new(NOW.0)));
        let root = directory.path().join("repositories");
        let git = bailiwick_git::Repositories::new(root, "/bin/false".into()).unwrap();
        let settings = Settings {
            prefixes: vec![String::from("bwk")],
            base_url: base_url.to_owned(),
            node: String::from("test"),
        };
        let chance = Arc::new(Chance::new());
        let authority = Authority::new(store.clone(), git, clock.clone(), chance, settings).unwrap();
        World {
            authority,
            store,
            clock,
            directory,
        }
    }

    /// The same after a restart with other sealing keys.
    pub fn sealed_with(self, seal: bailiwick_authority::seal::Seal) -> World {
        World {
            authority: self.authority.with_seal(seal),
            ..self
        }
    }

    /// alice, bob and mallory, each with the same password.
    pub fn new() -> World {
        let world = World::empty();
        world.people();
        world
    }

    pub fn people(&self) {
        for login in ["alice", "bob", "mallory"] {
            let mut row = AccountRow::new(login, AccountKind::User, NOW);
            row.password_hash = Some(Secret(HASH.clone()));
            self.store.write(|tx| account::insert(tx, row)).unwrap();
        }
    }

    pub fn id(&self, login: &str) -> AccountId {
        self.row(login).id
    }

    pub fn row(&self, login: &str) -> AccountRow {
        self.store
            .read(|tx| account::by_login(tx, login))
            .unwrap()
            .unwrap()
    }

    pub fn now(&self) -> Timestamp {
        self.authority.now()
    }

    pub fn forward(&self, seconds: i64) {
        self.clock
            .0
            .fetch_add(seconds * bailiwick_model::time::SECOND, Ordering::SeqCst);
    }

    /// A request of a visitor.
    pub fn visit(&self, id: &str) -> Permit {
        self.ask(id, Presented::Nothing).expect("a visitor may")
    }

    /// A request with a session.
    pub fn with(&self, session: &SignedIn, id: &str) -> Permit {
        self.try_with(session, id).expect("the session may")
    }

    /// The same, or the reason why not.
    pub fn try_with(&self, session: &SignedIn, id: &str) -> Result<Permit, &'static str> {
        self.ask(id, self.authority.present(session.secret.reveal()))
    }

    pub fn ask(&self, id: &str, presented: Presented) -> Result<Permit, &'static str> {
        let operation = bailiwick_catalogue::by_id(id).unwrap_or_else(|| panic!("{id} is no operation"));
        let gathered = self
            .authority
            .gather(&presented, Some(operation), &Arc::new(Names::default()))
            .unwrap();
        let caller = Caller {
            request_id: "1".into(),
            address: Some([192, 0, 2, 7].into()),
            user_agent: Some("tests".into()),
            ..Caller::default()
        };
        decide(Some(operation), gathered, caller, self.now()).map_err(|refused| refused.deny.reason.code())
    }

    /// Gives the password.
    pub fn password(&self, login: &str, password: &str) -> Result<SignIn, Fault> {
        let permit = self.visit("bailiwick/create-session");
        self.authority.session_create(permit, login, password)
    }

    /// A session of somebody without a second factor.
    pub fn session(&self, login: &str) -> SignedIn {
        match self.password(login, PASSWORD).unwrap() {
            SignIn::Done(session) => *session,
            SignIn::SecondFactor(_) => panic!("{login} has a second factor"),
        }
    }

    /// The secret of a sign-in of somebody with a second factor.
    pub fn pending(&self, login: &str) -> String {
        match self.password(login, PASSWORD).unwrap() {
            SignIn::Done(_) => panic!("{login} has no second factor"),
            SignIn::SecondFactor(pending) => pending.secret.to_string(),
        }
    }

    /// Enables an authenticator app and gives its seed and the recovery codes.
    pub fn enable_totp(&self, session: &SignedIn) -> (Vec<u8>, RecoveryCodes) {
        let setup = self
            .authority
            .totp_begin(&self.with(session, "web/totp-form"))
            .unwrap();
        let seed = unbase32(&setup.seed);
        let code = code_at(&seed, self.now());
        let permit = self.with(session, "web/totp-enable");
        let codes = self.authority.totp_enable(permit, &setup.sealed, &code).unwrap();
        // The code that enabled it is used: the next step's is the next one.
        self.forward(30);
        (
            seed,
            codes.expect("the first second factor comes with recovery codes"),
        )
    }

    /// Every event, oldest first.
    pub fn events(&self) -> Vec<EventRow> {
        let query = Query {
            ascending: true,
            ..Query::new(Vec::new(), 1000)
        };
        self.store.read(|tx| search(tx, &query)).unwrap()
    }

    pub fn last_event(&self) -> EventRow {
        self.events().pop().expect("there is an event")
    }

    /// All bytes of the database, to see that a secret is not among them.
    pub fn database(&self) -> Vec<u8> {
        let copy = self.directory.path().join("copy.sqlite");
        let _former = std::fs::remove_file(&copy);
        self.store.backup(&copy).unwrap();
        std::fs::read(copy).unwrap()
    }
}

/// The operation of an id, as tests name it.
pub fn sudo_needed(id: &str) -> bool {
    let index = bailiwick_catalogue::by_id(id).unwrap().index;
    operation(index).unwrap().sudo
}

/// The code that an app shows.
pub fn code_at(seed: &[u8], now: Timestamp) -> String {
    let step = now.0 / 30_000_000;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 15);
    let word = u32::from_be_bytes(tag.as_ref()[offset..offset + 4].try_into().unwrap());
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

fn unbase32(text: &str) -> Vec<u8> {
    let mut bits = String::new();
    for letter in text.chars().filter(|letter| *letter != ' ') {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
        bits.push_str(&format!("{value:05b}"));
    }
    bits.as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect()
}
