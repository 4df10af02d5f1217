//! The people of the demo, the same as in the tests and the documentation.

/// A person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Person {
    /// Owns the organizations and the enterprise, administers the installation.
    Alice,
    /// A member of acme.
    Bob,
    /// An outside collaborator on acme/site.
    Carol,
    /// A stranger.
    Mallory,
}

impl Person {
    /// Everybody.
    pub const ALL: [Person; 4] = [Person::Alice, Person::Bob, Person::Carol, Person::Mallory];

    /// The login.
    pub const fn login(self) -> &'static str {
        match self {
            Person::Alice => "alice",
            Person::Bob => "bob",
            Person::Carol => "carol",
            Person::Mallory => "mallory",
        }
    }

    /// The name shown.
    pub const fn name(self) -> &'static str {
        match self {
            Person::Alice => "Alice Adams",
            Person::Bob => "Bob Brown",
            Person::Carol => "Carol Clark",
            Person::Mallory => "Mallory Moss",
        }
    }

    /// What they are, for the list of passwords.
    pub const fn part(self) -> &'static str {
        match self {
            Person::Alice => "owns acme and acme-labs, administers the installation",
            Person::Bob => "member of acme",
            Person::Carol => "outside collaborator on acme/site",
            Person::Mallory => "stranger",
        }
    }

    /// The mail address.
    pub fn email(self) -> String {
        format!("{}@example.com", self.login())
    }
}
