//! Packet lines of the Git protocol (gitprotocol-common): framing, sidebands, refusals, and the
//! `Git-Protocol` header. Wrong lengths are precise errors, never guesses.

use core::fmt;

use crate::oid::hex_digit;

/// The longest packet, its four length digits included.
pub const PACKET_BYTES_MAX: usize = 65_520;
/// The longest payload of a packet.
pub const PAYLOAD_BYTES_MAX: usize = PACKET_BYTES_MAX - 4;
/// The flush packet, which ends a section.
pub const FLUSH: &[u8; 4] = b"0000";
/// The delimiter packet of protocol version 2.
pub const DELIMITER: &[u8; 4] = b"0001";

/// One packet as it lies in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// `0000`.
    Flush,
    /// `0001`.
    Delimiter,
    /// `0002`.
    ResponseEnd,
    /// A payload, possibly empty.
    Data(&'a [u8]),
}

/// Why the input is not a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketFault {
    /// The four length bytes are not hexadecimal digits.
    NotHex([u8; 4]),
    /// The length 3 is shorter than its own digits and means nothing.
    Reserved,
    /// The length is above [`PACKET_BYTES_MAX`].
    TooLong(usize),
}

/// A payload longer than [`PAYLOAD_BYTES_MAX`] was to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadTooLong(pub usize);

/// Reads the packet at the start of `input` with the number of bytes it takes; nothing while it is incomplete.
pub fn decode(input: &[u8]) -> Result<Option<(Packet<'_>, usize)>, PacketFault> {
    let Some((digits, rest)) = input.split_first_chunk::<4>() else {
        // A prefix that can never become a length is refused at once, so a peer cannot stall us with it.
        return match input.iter().all(|byte| hex_digit(*byte).is_some()) {
            true => Ok(None),
            false => Err(PacketFault::NotHex(pad(input))),
        };
    };
    let length = digits
        .iter()
        .try_fold(0_usize, |value, digit| {
            Some(value << 4 | usize::from(hex_digit(*digit)?))
        })
        .ok_or(PacketFault::NotHex(*digits))?;
    match length {
        0 => Ok(Some((Packet::Flush, 4))),
        1 => Ok(Some((Packet::Delimiter, 4))),
        2 => Ok(Some((Packet::ResponseEnd, 4))),
        3 => Err(PacketFault::Reserved),
        PACKET_BYTES_MAX.. if length > PACKET_BYTES_MAX => Err(PacketFault::TooLong(length)),
        _ => Ok(rest
            .get(..length - 4)
            .map(|payload| (Packet::Data(payload), length))),
    }
}

fn pad(input: &[u8]) -> [u8; 4] {
    let mut digits = [0; 4];
    digits.iter_mut().zip(input).for_each(|(to, from)| *to = *from);
    digits
}

/// Appends one packet with this payload.
pub fn encode(payload: &[u8], out: &mut Vec<u8>) -> Result<(), PayloadTooLong> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(PayloadTooLong(payload.len()));
    }
    out.extend_from_slice(format!("{:04x}", payload.len() + 4).as_bytes());
    out.extend_from_slice(payload);
    Ok(())
}

/// A channel of the `side-band-64k` capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Band {
    /// The pack or the report.
    Data = 1,
    /// Text the client prints after `remote: `.
    Progress = 2,
    /// A fatal error the client prints and ends with.
    Error = 3,
}

/// Appends `data` on a sideband, in as many packets as it needs.
pub fn encode_band(band: Band, data: &[u8], out: &mut Vec<u8>) {
    for chunk in data.chunks(PAYLOAD_BYTES_MAX - 1) {
        out.extend_from_slice(format!("{:04x}", chunk.len() + 5).as_bytes());
        out.push(band as u8);
        out.extend_from_slice(chunk);
    }
}

/// A whole sideband answer that refuses: the message on the error band, then a flush.
#[must_use]
pub fn band_error(message: &str) -> Vec<u8> {
    let mut out = Vec::new();
    encode_band(
        Band::Error,
        one_line(message, PAYLOAD_BYTES_MAX - 2).as_bytes(),
        &mut out,
    );
    out.extend_from_slice(FLUSH);
    out
}

/// An `ERR` packet, which a client prints as `fatal: remote error: …` in place of an advertisement or answer.
#[must_use]
pub fn error_packet(message: &str) -> Vec<u8> {
    let text = format!("ERR {}", one_line(message, PAYLOAD_BYTES_MAX - 8));
    let mut out = Vec::with_capacity(text.len() + 4);
    // The text was cut to fit above.
    let _fits = encode(text.as_bytes(), &mut out);
    out
}

/// The `# service=…` lines that open an advertisement in protocol versions 0 and 1.
#[must_use]
pub fn service_header(service: Service) -> Vec<u8> {
    let mut out = Vec::new();
    // A constant far below the limit.
    let _fits = encode(format!("# service={}\n", service.name()).as_bytes(), &mut out);
    out.extend_from_slice(FLUSH);
    out
}

/// Replaces control characters, so that a message can neither forge packets' lines nor drive a terminal, and cuts it.
pub(crate) fn one_line(message: &str, bytes_max: usize) -> String {
    let mut end = message.len().min(bytes_max);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    let text = message.get(..end).unwrap_or_default();
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The two services of smart HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// `git-upload-pack`: clone and fetch.
    UploadPack,
    /// `git-receive-pack`: push.
    ReceivePack,
}

impl Service {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UploadPack => "git-upload-pack",
            Self::ReceivePack => "git-receive-pack",
        }
    }

    /// The service of this exact name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "git-upload-pack" => Some(Self::UploadPack),
            "git-receive-pack" => Some(Self::ReceivePack),
            _ => None,
        }
    }
}

/// The protocol version a client asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ProtocolVersion {
    /// No header, or `version=0`.
    #[default]
    V0,
    /// `version=1`.
    V1,
    /// `version=2`.
    V2,
}

/// The `Git-Protocol` header is not exactly `version=0`, `version=1` or `version=2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownProtocol;

impl ProtocolVersion {
    /// Reads the value of a `Git-Protocol` header; only the three known values are let through to git.
    pub fn parse(header: Option<&[u8]>) -> Result<Self, UnknownProtocol> {
        match header {
            None | Some(b"version=0") => Ok(Self::V0),
            Some(b"version=1") => Ok(Self::V1),
            Some(b"version=2") => Ok(Self::V2),
            Some(_) => Err(UnknownProtocol),
        }
    }
}

impl fmt::Display for PacketFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHex(digits) => write!(
                f,
                "packet length {:?} is not hexadecimal",
                digits.escape_ascii().to_string()
            ),
            Self::Reserved => f.write_str("packet length 3 is reserved"),
            Self::TooLong(length) => write!(f, "packet length {length} is above {PACKET_BYTES_MAX}"),
        }
    }
}

impl core::error::Error for PacketFault {}

impl fmt::Display for PayloadTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "payload of {} bytes does not fit in a packet", self.0)
    }
}

impl core::error::Error for PayloadTooLong {}

impl fmt::Display for UnknownProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Git-Protocol is not version=0, version=1 or version=2")
    }
}

impl core::error::Error for UnknownProtocol {}
