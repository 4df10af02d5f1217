//! The command list that opens a `git-receive-pack` request (gitprotocol-pack, "Reference Update Request"),
//! read piece by piece as the body arrives. The pack behind it is never looked at here.

use core::fmt;
use std::collections::BTreeSet;

use crate::oid::Oid;
use crate::pktline::{self, PACKET_BYTES_MAX, Packet, PacketFault};
use crate::refname::{self, RefNameFault};

/// The most ref updates in one push.
pub const COMMANDS_MAX: usize = 20_000;
/// The most bytes a command list may take, push options included.
pub const COMMAND_LIST_BYTES_MAX: usize = 8 << 20;
/// The most push options in one push.
pub const PUSH_OPTIONS_MAX: usize = 64;

/// One ref update a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushCommand {
    /// Where the client saw the ref; nothing where it wants to create it.
    pub old: Option<Oid>,
    /// Where the ref shall point; nothing where it shall be deleted.
    pub new: Option<Oid>,
    /// The full name of the ref, already checked.
    pub name: String,
}

/// What a push asks for, before its pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushRequest {
    /// The ref updates, each ref once; empty in the probe that clients send before a large body.
    pub commands: Vec<PushCommand>,
    /// The capabilities the client chose.
    pub capabilities: Vec<String>,
    /// Commits at which the client's history is cut off.
    pub shallow: Vec<Oid>,
    /// The options given with `git push -o`.
    pub push_options: Vec<String>,
}

impl PushRequest {
    /// Whether the client chose this capability.
    #[must_use]
    pub fn has(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|chosen| chosen == capability)
    }

    /// An answer that refuses every command with one reason, in the form the client can read; nothing can be said
    /// this way to a client without `report-status`.
    #[must_use]
    pub fn refusal(&self, reason: &str) -> Vec<u8> {
        let mut report = Vec::new();
        let reason = pktline::one_line(reason, 1000);
        let mut line = |text: String| {
            // Ref names and reasons are bounded far below a packet.
            let _fits = pktline::encode(text.as_bytes(), &mut report);
        };
        line(String::from("unpack ok\n"));
        for command in &self.commands {
            line(format!("ng {} {reason}\n", command.name));
        }
        report.extend_from_slice(pktline::FLUSH);
        if !self.has("side-band-64k") {
            return report;
        }
        let mut out = Vec::new();
        pktline::encode_band(pktline::Band::Data, &report, &mut out);
        out.extend_from_slice(pktline::FLUSH);
        out
    }
}

/// Why a command list is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushFault {
    /// The framing is broken.
    Packet(PacketFault),
    /// A delimiter or response-end packet, which have no place here.
    UnexpectedPacket,
    /// A line that is not `old new ref`.
    MalformedCommand,
    /// The old or new id is not forty hexadecimal digits.
    MalformedOid,
    /// The ref name is not text or breaks the rules.
    RefName(RefNameFault),
    /// The ref name is not UTF-8.
    RefNameNotText,
    /// The same ref twice: which one wins would be a guess.
    DuplicateRef,
    /// Neither an old nor a new id.
    NoChange,
    /// Capabilities after the first command, or not as printable text.
    Capabilities,
    /// A signed push, which is not offered.
    PushCertificate,
    /// An object format other than SHA-1.
    ObjectFormat,
    /// A push option that is not printable text.
    PushOption,
    /// More commands, options or bytes than the limits allow.
    TooMany,
    /// The body ended inside the command list.
    Truncated,
    /// Bytes were fed after the list was complete.
    AlreadyComplete,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Commands,
    PushOptions,
    Complete,
}

/// The incremental parser: [`feed`](Self::feed) it bytes until it is complete.
#[derive(Debug)]
pub struct PushParser {
    section: Section,
    // A packet that is not complete yet, never longer than one packet.
    partial: Vec<u8>,
    consumed_bytes: usize,
    names: BTreeSet<String>,
    request: PushRequest,
}

/// How far one call of [`PushParser::feed`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fed {
    /// How many of the given bytes belong to the command list; the rest is the pack.
    pub consumed: usize,
    /// Whether the command list is complete.
    pub complete: bool,
}

impl Default for PushParser {
    fn default() -> Self {
        Self::new()
    }
}

impl PushParser {
    /// A parser at the start of a request body.
    #[must_use]
    pub fn new() -> Self {
        Self {
            section: Section::Commands,
            partial: Vec::new(),
            consumed_bytes: 0,
            names: BTreeSet::new(),
            request: PushRequest::default(),
        }
    }

    /// Takes the next bytes of the body and says how many of them it used.
    pub fn feed(&mut self, input: &[u8]) -> Result<Fed, PushFault> {
        if self.section == Section::Complete {
            return Err(PushFault::AlreadyComplete);
        }
        let mut rest = input;
        while self.section != Section::Complete {
            let Some(taken) = self.take_packet(rest)? else {
                break;
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
        let complete = self.section == Section::Complete;
        Ok(Fed {
            consumed: if complete {
                input.len() - rest.len()
            } else {
                input.len()
            },
            complete,
        })
    }

    /// The request, once the list is complete.
    pub fn finish(self) -> Result<PushRequest, PushFault> {
        match self.section {
            Section::Complete => Ok(self.request),
            Section::Commands | Section::PushOptions => Err(PushFault::Truncated),
        }
    }

    /// Handles one packet and says how many bytes of `input` it took; nothing while it is incomplete.
    fn take_packet(&mut self, input: &[u8]) -> Result<Option<usize>, PushFault> {
        if self.partial.is_empty() {
            let Some((packet, length)) = pktline::decode(input).map_err(PushFault::Packet)? else {
                self.partial.extend_from_slice(input);
                return Ok(None);
            };
            self.packet(packet, length)?;
            return Ok(Some(length));
        }
        let mut joined = core::mem::take(&mut self.partial);
        let before = joined.len();
        let take = input.len().min(PACKET_BYTES_MAX - before.min(PACKET_BYTES_MAX));
        joined.extend_from_slice(input.get(..take).unwrap_or_default());
        let Some((packet, length)) = pktline::decode(&joined).map_err(PushFault::Packet)? else {
            self.partial = joined;
            return Ok(None);
        };
        self.packet(packet, length)?;
        Ok(Some(length.saturating_sub(before)))
    }

    fn packet(&mut self, packet: Packet<'_>, length: usize) -> Result<(), PushFault> {
        self.consumed_bytes += length;
        if self.consumed_bytes > COMMAND_LIST_BYTES_MAX {
            return Err(PushFault::TooMany);
        }
        match (packet, self.section) {
            (Packet::Flush, Section::Commands) => {
                let options_follow = !self.request.commands.is_empty() && self.request.has("push-options");
                self.section = if options_follow {
                    Section::PushOptions
                } else {
                    Section::Complete
                };
                Ok(())
            }
            (Packet::Flush, _) => {
                self.section = Section::Complete;
                Ok(())
            }
            (Packet::Data(line), Section::Commands) => self.command_line(chomp(line)),
            (Packet::Data(line), _) => self.push_option(chomp(line)),
            (Packet::Delimiter | Packet::ResponseEnd, _) => Err(PushFault::UnexpectedPacket),
        }
    }

    fn command_line(&mut self, line: &[u8]) -> Result<(), PushFault> {
        if let Some(id) = line.strip_prefix(b"shallow ") {
            if self.request.shallow.len() >= COMMANDS_MAX {
                return Err(PushFault::TooMany);
            }
            self.request
                .shallow
                .push(Oid::parse(id).map_err(|_| PushFault::MalformedOid)?);
            return Ok(());
        }
        if line.starts_with(b"push-cert") {
            return Err(PushFault::PushCertificate);
        }
        let mut halves = line.splitn(2, |byte| *byte == 0);
        let command = halves.next().unwrap_or_default();
        if let Some(capabilities) = halves.next() {
            self.capabilities(capabilities)?;
        }
        let command = parse_command(command)?;
        if self.request.commands.len() >= COMMANDS_MAX {
            return Err(PushFault::TooMany);
        }
        if !self.names.insert(command.name.clone()) {
            return Err(PushFault::DuplicateRef);
        }
        self.request.commands.push(command);
        Ok(())
    }

    fn capabilities(&mut self, list: &[u8]) -> Result<(), PushFault> {
        // SECURITY: git reads capabilities from any line, so a second list would let a later line change
        // what was decided on the first.
        let text = core::str::from_utf8(list).map_err(|_| PushFault::Capabilities)?;
        if !self.request.commands.is_empty() || text.chars().any(char::is_control) {
            return Err(PushFault::Capabilities);
        }
        for capability in text.split(' ').filter(|capability| !capability.is_empty()) {
            if capability
                .strip_prefix("object-format=")
                .is_some_and(|format| format != "sha1")
            {
                return Err(PushFault::ObjectFormat);
            }
            self.request.capabilities.push(capability.to_owned());
        }
        Ok(())
    }

    fn push_option(&mut self, option: &[u8]) -> Result<(), PushFault> {
        let text = core::str::from_utf8(option).map_err(|_| PushFault::PushOption)?;
        if text.chars().any(char::is_control) {
            return Err(PushFault::PushOption);
        }
        if self.request.push_options.len() >= PUSH_OPTIONS_MAX {
            return Err(PushFault::TooMany);
        }
        self.request.push_options.push(text.to_owned());
        Ok(())
    }
}

fn chomp(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}

/// Reads `old new ref`; also the form in which a `pre-receive` hook is told of it.
pub fn parse_command(line: &[u8]) -> Result<PushCommand, PushFault> {
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let (Some(old), Some(new), Some(name)) = (words.next(), words.next(), words.next()) else {
        return Err(PushFault::MalformedCommand);
    };
    let old = Oid::parse(old).map_err(|_| PushFault::MalformedOid)?.non_zero();
    let new = Oid::parse(new).map_err(|_| PushFault::MalformedOid)?.non_zero();
    let name = core::str::from_utf8(name).map_err(|_| PushFault::RefNameNotText)?;
    refname::check(name).map_err(PushFault::RefName)?;
    if old.is_none() && new.is_none() {
        return Err(PushFault::NoChange);
    }
    Ok(PushCommand {
        old,
        new,
        name: name.to_owned(),
    })
}

impl fmt::Display for PushFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Packet(fault) => return fault.fmt(f),
            Self::RefName(fault) => return fault.fmt(f),
            Self::UnexpectedPacket => "a delimiter packet has no place in a push",
            Self::MalformedCommand => "a command is not of the form old new ref",
            Self::MalformedOid => "an object id is not forty hexadecimal digits",
            Self::RefNameNotText => "a ref name is not UTF-8",
            Self::DuplicateRef => "a ref is updated twice",
            Self::NoChange => "a command neither creates nor updates nor deletes",
            Self::Capabilities => "capabilities are malformed or repeated",
            Self::PushCertificate => "signed pushes are not supported",
            Self::ObjectFormat => "only the object format sha1 is supported",
            Self::PushOption => "a push option is not printable text",
            Self::TooMany => "the push has too many commands",
            Self::Truncated => "the body ends inside the command list",
            Self::AlreadyComplete => "the command list is already complete",
        })
    }
}

impl core::error::Error for PushFault {}
