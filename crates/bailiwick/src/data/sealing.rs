//! The sealing keys: a file of the data directory, beside the database and not in it. One key a line, the newest
//! first; a new line on top changes the key, and what older ones sealed still opens. Backups do not hold it.

use super::DataDirectory;
use crate::failure::Failure;
use bailiwick_authority::Random;
use bailiwick_authority::seal::Seal;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use zeroize::Zeroizing;

/// Bytes of a key.
const KEY_BYTES: usize = 32;

impl DataDirectory {
    /// Reads the keys; makes the first where there are none.
    pub fn seal(&self, random: &dyn Random) -> Result<Seal, Failure> {
        let file = self.sealing_file();
        let failed = |error: std::io::Error| Failure::local(file.display(), error);
        let text = match fs::read_to_string(&file) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.first_key(random)?,
            Err(error) => return Err(failed(error)),
        };
        let keys = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(parse)
            .collect::<Option<Vec<_>>>()
            .filter(|keys| !keys.is_empty())
            .ok_or_else(|| {
                Failure::Local(format!(
                    "{} must hold one key of 64 hexadecimal digits on each line",
                    file.display()
                ))
            })?;
        Seal::new(&keys).map_err(|fault| Failure::local(file.display(), fault))
    }

    fn first_key(&self, random: &dyn Random) -> Result<Zeroizing<String>, Failure> {
        let file = self.sealing_file();
        let failed = |error: std::io::Error| Failure::local(file.display(), error);
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        random.fill(&mut *key);
        let mut text: Zeroizing<String> =
            Zeroizing::new(key.iter().map(|byte| format!("{byte:02x}")).collect());
        text.push('\n');
        // SECURITY: created closed to others; changing the mode afterwards would leave a moment to open it.
        let mut out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file)
            .map_err(failed)?;
        out.write_all(text.as_bytes())
            .and_then(|()| out.sync_all())
            .map_err(failed)?;
        // Before anything is sealed with it: a seed whose key a crash took is lost.
        File::open(self.path())
            .and_then(|directory| directory.sync_all())
            .map_err(failed)?;
        Ok(text)
    }
}

fn parse(line: &str) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    if line.len() != 2 * KEY_BYTES || !line.is_ascii() {
        return None;
    }
    let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
    for (place, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(line.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(key)
}
