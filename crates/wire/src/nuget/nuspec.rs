//! The description inside a package: its id and version, read only where they stand once and plainly.

use super::{normal, version};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// The largest description that is read, in bytes.
pub const BYTES_MAX: u64 = 1 << 20;
/// How deep elements lie within each other at the most.
const DEPTH_MAX: usize = 64;

/// Who a package says that it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Described {
    /// The id as it is written.
    pub id: String,
    /// Its normal form.
    pub normal: String,
    /// The version in its normal form.
    pub version: String,
}

/// Reads a description. `None` for whatever two readers could read differently.
// SECURITY: a feed reads the same bytes with a parser of its own. Entities, other encodings, names with prefixes, and ids
// that come twice, in pieces or beside `metadata` would be two packages to two parsers.
pub fn read(bytes: &[u8]) -> Option<Described> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut state = State::default();
    loop {
        match reader.read_event().ok()? {
            Event::Decl(declaration) => {
                let encoding = declaration.encoding().transpose().ok()?;
                if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("utf-8")) {
                    return None;
                }
            }
            Event::Start(element) => state.open(&element)?,
            // An empty one holds nothing to read.
            Event::Empty(element) => {
                state.open(&element)?;
                state.close()?;
            }
            Event::End(_) => state.close()?,
            Event::Text(piece) => state.text(&piece)?,
            Event::CData(_) | Event::GeneralRef(_) | Event::PI(_) | Event::Comment(_) => state.other()?,
            Event::DocType(_) => return None,
            Event::Eof => break,
        }
    }
    state.described()
}

/// What is open, from the outside in: enough to know where an element stands.
#[derive(Default)]
struct State {
    open: Vec<String>,
    roots: usize,
    metadata: usize,
    id: Option<String>,
    version: Option<String>,
}

impl State {
    fn open(&mut self, element: &BytesStart<'_>) -> Option<()> {
        let name = element.name().0.to_owned();
        let lower = name.to_ascii_lowercase();
        let local = lower.rsplit(':').next().unwrap_or_default();
        match self.open.len() {
            0 => {
                self.roots += 1;
                if name != "package" || self.roots > 1 {
                    return None;
                }
            }
            1 if local == "metadata" => {
                self.metadata += 1;
                if name != "metadata" || self.metadata > 1 {
                    return None;
                }
            }
            2 if self.open.get(1).is_some_and(|outer| outer == "metadata")
                && matches!(local, "id" | "version") =>
            {
                // With attributes it could be in another namespace.
                if !element.attributes_raw().trim().is_empty() {
                    return None;
                }
                let place = match name.as_str() {
                    "id" => &mut self.id,
                    "version" => &mut self.version,
                    _ => return None,
                };
                if place.replace(String::new()).is_some() {
                    return None;
                }
            }
            // Nothing is within them.
            depth if self.field().is_some() || depth >= DEPTH_MAX => return None,
            _ => {}
        }
        self.open.push(name);
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        self.open.pop().map(drop)
    }

    /// The one of the two that is open.
    fn field(&self) -> Option<&str> {
        match self.open.as_slice() {
            [_, metadata, name] if metadata == "metadata" && (name == "id" || name == "version") => {
                Some(name)
            }
            _ => None,
        }
    }

    fn text(&mut self, piece: &str) -> Option<()> {
        let field = match self.field() {
            Some("id") => self.id.as_mut(),
            Some(_) => self.version.as_mut(),
            // Between elements of the outermost level there are blanks.
            None if self.open.is_empty() => return piece.trim().is_empty().then_some(()),
            None => return Some(()),
        };
        let field = field.filter(|field| field.is_empty())?;
        piece.clone_into(field);
        Some(())
    }

    fn other(&self) -> Option<()> {
        self.field().is_none().then_some(())
    }

    fn described(self) -> Option<Described> {
        let (id, written) = (self.id?, self.version?);
        if !self.open.is_empty() {
            return None;
        }
        Some(Described {
            normal: normal(&id)?,
            version: version::normal(&written)?,
            id,
        })
    }
}
