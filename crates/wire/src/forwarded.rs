//! Whose request it is behind proxies: networks, and the walk through `X-Forwarded-For`. No other header says anything
//! about the client: `Forwarded` and `X-Real-IP` are not read at all.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};

/// The bits that an IPv4 address has more in its form within IPv6.
const MAPPED_BITS: u8 = 96;

/// A network: every address that begins with the same bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// Why a text is no network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NetworkError {
    /// It is not an address, or an address and a number of bits.
    Form,
    /// The address has bits set beyond the network: it would be unclear which of both is meant.
    Beyond,
    /// It holds every address there is.
    Everyone,
}

impl fmt::Display for NetworkError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            NetworkError::Form => "write it like 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7",
            NetworkError::Beyond => "its address has bits beyond the network; write them as 0",
            NetworkError::Everyone => "it holds every address, so anybody could say whose request it is",
        })
    }
}

fn number(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    }
}

impl Network {
    /// Reads `10.0.0.0/8`, `2001:db8::/32`, or one address alone.
    pub fn parse(text: &str) -> Result<Network, NetworkError> {
        let (address, bits) = match text.split_once('/') {
            None => (text, None),
            Some((address, bits)) => (address, Some(bits)),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Form)?;
        let width = number(address).1;
        let bits = match bits {
            None => width,
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse::<u8>().map_err(|_| NetworkError::Form)?
            }
            Some(_) => return Err(NetworkError::Form),
        };
        if bits > width {
            return Err(NetworkError::Form);
        }
        // An IPv4 network in the form of IPv6 is that IPv4 network: peers are compared in their own form.
        let (address, bits) = match address.to_canonical() {
            IpAddr::V4(inner) if width == 128 && bits >= MAPPED_BITS => {
                (IpAddr::V4(inner), bits - MAPPED_BITS)
            }
            IpAddr::V4(_) if width == 128 => (address, bits),
            own => (own, bits),
        };
        if bits == 0 {
            return Err(NetworkError::Everyone);
        }
        let network = Network { address, bits };
        if network.start(address) != number(address).0 {
            return Err(NetworkError::Beyond);
        }
        Ok(network)
    }

    /// The number of an address without what lies beyond the network's bits.
    fn start(&self, address: IpAddr) -> u128 {
        let (number, width) = number(address);
        let beyond = u32::from(width.saturating_sub(self.bits));
        number.checked_shr(beyond).unwrap_or(0) << beyond.min(127)
    }

    /// Whether an address is inside; one of IPv4 also in its form within IPv6.
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && self.start(address) == number(self.address).0
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.bits)
    }
}

/// Whether any of some networks holds an address.
pub fn held(networks: &[Network], address: IpAddr) -> bool {
    networks.iter().any(|network| network.holds(address))
}

/// The client's address: the peer's, unless the peer is a trusted proxy. Then the values of `X-Forwarded-For`, in the
/// order in which they came, are walked from the right over every trusted proxy to the first address that is none.
///
/// SECURITY: whatever stands left of that address was written by somebody who is not trusted, and is not looked at.
/// What is no address ends the walk at the proxy that wrote it.
pub fn client<'a>(
    peer: IpAddr,
    values: impl DoubleEndedIterator<Item = &'a [u8]>,
    trusted: &[Network],
) -> IpAddr {
    let mut known = peer.to_canonical();
    let entries = values.rev().flat_map(|value| value.rsplit(|byte| *byte == b','));
    for entry in entries {
        if !held(trusted, known) {
            break;
        }
        match address(entry) {
            Some(address) => known = address,
            None => break,
        }
    }
    known
}

/// The address of one entry, perhaps with the port that some proxies add.
pub fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = core::str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    let address = if let Ok(address) = text.parse::<IpAddr>() {
        address
    } else if let Ok(address) = text.parse::<SocketAddrV4>() {
        IpAddr::V4(*address.ip())
    } else if let Ok(address) = text.parse::<SocketAddrV6>() {
        IpAddr::V6(*address.ip())
    } else {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        IpAddr::V6(inner.parse().ok()?)
    };
    let address = address.to_canonical();
    // Nobody asks from nowhere.
    let nowhere =
        address == IpAddr::V4(Ipv4Addr::UNSPECIFIED) || address == IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    (!nowhere).then_some(address)
}
