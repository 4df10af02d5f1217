//! Links to tarballs in the documents of a registry, led home. The document is walked once, byte by byte, and copied but
//! for those links: some are tens of megabytes.

use super::file_version;

/// How deep a document may be.
const DEPTH_MAX: usize = 96;
/// The members that lead to a link, in the document of a package and in that of a version. An empty one is any.
const LINKS: [&[&str]; 2] = [&["versions", "", "dist", "tarball"], &["dist", "tarball"]];

/// A document of a package or of a version with every tarball at `home`; `None` for what is no JSON.
// SECURITY: wherever a link leads, it leads here afterwards, and to a tarball of this package.
pub fn lead_home(document: &[u8], home: &str, name: &str) -> Option<Vec<u8>> {
    let mut walk = Walk {
        from: document,
        at: 0,
        copied: 0,
        out: Vec::with_capacity(document.len() + document.len() / 8),
        path: Vec::new(),
        home,
        name,
    };
    walk.blank();
    walk.value(0)?;
    walk.blank();
    if walk.at != document.len() {
        return None;
    }
    walk.out.extend_from_slice(document.get(walk.copied..)?);
    Some(walk.out)
}

struct Walk<'a> {
    from: &'a [u8],
    at: usize,
    copied: usize,
    out: Vec<u8>,
    path: Vec<String>,
    home: &'a str,
    name: &'a str,
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.from.get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        if self.peek() != Some(byte) {
            return None;
        }
        self.at += 1;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        if depth > DEPTH_MAX {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => {
                let start = self.at;
                self.string()?;
                if self.is_link() {
                    self.link(start)?;
                }
                Some(())
            }
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.take(b'{')?;
        self.blank();
        if self.take(b'}').is_some() {
            return Some(());
        }
        loop {
            self.blank();
            let start = self.at;
            self.string()?;
            let key = self.from.get(start..self.at)?;
            self.path.push(serde_json::from_slice(key).ok()?);
            self.blank();
            self.take(b':')?;
            self.blank();
            self.value(depth + 1)?;
            self.path.pop();
            self.blank();
            if self.take(b',').is_none() {
                return self.take(b'}');
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.take(b'[')?;
        self.blank();
        if self.take(b']').is_some() {
            return Some(());
        }
        // What is in an array is at no path that leads to a link.
        self.path.push(String::from("[]"));
        loop {
            self.blank();
            self.value(depth + 1)?;
            self.blank();
            if self.take(b',').is_none() {
                self.path.pop();
                return self.take(b']');
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        self.take(b'"')?;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.at += 2,
                0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
    }

    /// A number, or `true`, `false`, `null`.
    fn word(&mut self) -> Option<()> {
        let start = self.at;
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        while self.peek().is_some_and(inner) {
            self.at += 1;
        }
        let word = self.from.get(start..self.at).filter(|word| !word.is_empty())?;
        serde_json::from_slice::<serde_json::Value>(word).ok()?;
        Some(())
    }

    fn is_link(&self) -> bool {
        LINKS.iter().any(|link| {
            link.len() == self.path.len()
                && link
                    .iter()
                    .zip(&self.path)
                    .all(|(expected, found)| expected.is_empty() || expected == found)
        })
    }

    fn link(&mut self, start: usize) -> Option<()> {
        let link: String = serde_json::from_slice(self.from.get(start..self.at)?).ok()?;
        let path = link.split(['?', '#']).next().unwrap_or_default();
        let file = path.rsplit('/').next().unwrap_or_default();
        // What is no file of this package is at no address here.
        let file = match file_version(self.name, file) {
            Some(_) => file,
            None => "none",
        };
        let ours = format!("{}/{}/-/{file}", self.home, self.name);
        self.out.extend_from_slice(self.from.get(self.copied..start)?);
        self.out.extend_from_slice(&serde_json::to_vec(&ours).ok()?);
        self.copied = self.at;
        Some(())
    }
}

#[cfg(test)]
mod tests;
