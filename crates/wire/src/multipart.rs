//! Forms with files (RFC 7578), read piece by piece as they come: fields are kept, the bytes of a file are handed on.

/// The longest head of a part, in bytes.
const HEAD_BYTES_MAX: usize = 8 << 10;
/// Parts at the most.
const PARTS_MAX: usize = 512;

/// What a form says that it brings next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The field.
    pub name: String,
    /// The file's name, where it is a file.
    pub file: Option<String>,
}

/// Something that was read of a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// A part begins.
    Part(Part),
    /// More of its bytes.
    Bytes(Vec<u8>),
    /// The part ends.
    EndOfPart,
    /// The form ends.
    End,
}

/// The form cannot be read in one way alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Malformed;

/// The boundary that a content type names.
pub fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut found = None;
    for parameter in parameters.split(';') {
        let (name, value) = parameter.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("boundary") || found.is_some() {
            return None;
        }
        let value = value.trim();
        let value = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'))
            .unwrap_or(value);
        found = Some(value);
    }
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    found.filter(|text| !text.is_empty() && text.len() <= 200 && text.bytes().all(inner))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Start,
    Head,
    Bytes,
    Ended,
}

/// A form as it is read.
pub struct Form {
    delimiter: Vec<u8>,
    buffer: Vec<u8>,
    state: State,
    parts: usize,
}

impl Form {
    /// One with a boundary.
    pub fn new(boundary: &str) -> Form {
        Form {
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            // The first delimiter has no line before it.
            buffer: b"\r\n".to_vec(),
            state: State::Start,
            parts: 0,
        }
    }

    /// Reads more.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, Malformed> {
        self.buffer.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        while self.step(&mut pieces)? {}
        Ok(pieces)
    }

    /// Whether it ended as forms end.
    pub fn is_over(&self) -> bool {
        self.state == State::Ended
    }

    fn step(&mut self, pieces: &mut Vec<Piece>) -> Result<bool, Malformed> {
        match self.state {
            State::Start => {
                if self.buffer.len() < self.delimiter.len() + 2 {
                    return Ok(false);
                }
                // SECURITY: nothing before the first part, as nothing after the last: another reader might read it.
                if !self.buffer.starts_with(&self.delimiter) {
                    return Err(Malformed);
                }
                self.delimited(pieces)
            }
            State::Head => self.head(pieces),
            State::Bytes => self.bytes(pieces),
            State::Ended if self.buffer.iter().all(|byte| matches!(byte, b'\r' | b'\n')) => {
                self.buffer.clear();
                Ok(false)
            }
            State::Ended => Err(Malformed),
        }
    }

    /// At a delimiter, of which what follows is in the buffer.
    fn delimited(&mut self, pieces: &mut Vec<Piece>) -> Result<bool, Malformed> {
        let end = self.delimiter.len();
        match self.buffer.get(end..end + 2) {
            Some(b"\r\n") => self.state = State::Head,
            Some(b"--") => {
                self.state = State::Ended;
                pieces.push(Piece::End);
            }
            _ => return Err(Malformed),
        }
        self.buffer.drain(..end + 2);
        Ok(true)
    }

    fn head(&mut self, pieces: &mut Vec<Piece>) -> Result<bool, Malformed> {
        let Some(end) = find(&self.buffer, b"\r\n\r\n") else {
            return if self.buffer.len() > HEAD_BYTES_MAX {
                Err(Malformed)
            } else {
                Ok(false)
            };
        };
        self.parts += 1;
        if end > HEAD_BYTES_MAX || self.parts > PARTS_MAX {
            return Err(Malformed);
        }
        let head = self.buffer.get(..end).unwrap_or_default();
        let part = part(std::str::from_utf8(head).map_err(|_| Malformed)?)?;
        pieces.push(Piece::Part(part));
        // The line end before a delimiter is its own, also where no byte is between.
        self.buffer.drain(..end + 2);
        self.buffer.drain(..2);
        if self
            .buffer
            .starts_with(self.delimiter.get(2..).unwrap_or_default())
        {
            return Err(Malformed);
        }
        self.state = State::Bytes;
        Ok(true)
    }

    fn bytes(&mut self, pieces: &mut Vec<Piece>) -> Result<bool, Malformed> {
        if let Some(at) = find(&self.buffer, &self.delimiter) {
            if self.buffer.len() < at + self.delimiter.len() + 2 {
                return Ok(false);
            }
            let bytes: Vec<u8> = self.buffer.drain(..at).collect();
            if !bytes.is_empty() {
                pieces.push(Piece::Bytes(bytes));
            }
            pieces.push(Piece::EndOfPart);
            return self.delimited(pieces);
        }
        // What could be the start of a delimiter is kept.
        let sure = self.buffer.len().saturating_sub(self.delimiter.len());
        if sure > 0 {
            pieces.push(Piece::Bytes(self.buffer.drain(..sure).collect()));
        }
        Ok(false)
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    let first = what.first()?;
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let at = from + rest.iter().position(|byte| byte == first)?;
        if text.get(at..)?.starts_with(what) {
            return Some(at);
        }
        from = at + 1;
    }
}

fn part(head: &str) -> Result<Part, Malformed> {
    let mut disposition = None;
    for line in head.split("\r\n") {
        let (name, value) = line.split_once(':').ok_or(Malformed)?;
        match name.trim().to_ascii_lowercase().as_str() {
            "content-disposition" if disposition.is_none() => disposition = Some(value.trim()),
            "content-type" | "content-length" => {}
            // A coding, or the same again.
            _ => return Err(Malformed),
        }
    }
    let rest = disposition
        .and_then(|text| text.strip_prefix("form-data"))
        .ok_or(Malformed)?;
    let (mut name, mut file) = (None, None);
    let mut rest = rest.trim_start();
    while let Some(parameter) = rest.strip_prefix(';') {
        let (key, behind) = parameter.split_once('=').ok_or(Malformed)?;
        // SECURITY: a name with a quote or an escape in it ends elsewhere for other readers.
        let (value, behind) = behind
            .strip_prefix('"')
            .and_then(|quoted| quoted.split_once('"'))
            .ok_or(Malformed)?;
        if value.contains(['\\', '\0', '\r', '\n']) {
            return Err(Malformed);
        }
        let slot = match key.trim() {
            "name" => &mut name,
            "filename" => &mut file,
            _ => return Err(Malformed),
        };
        if slot.replace(value.to_owned()).is_some() {
            return Err(Malformed);
        }
        rest = behind.trim_start();
    }
    match name {
        Some(name) if rest.is_empty() => Ok(Part { name, file }),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests;
