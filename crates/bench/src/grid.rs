//! A table of words and figures as they are, for measurements of whole programs; ratios are cells like any other.

use std::fmt::{self, Display, Formatter};

/// Rows under a head, printed in columns as wide as they need to be.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// What was measured.
    pub title: String,
    /// How it was measured.
    pub about: String,
    /// What the columns hold; the first one names the contenders.
    pub columns: Vec<String>,
    /// The contenders.
    pub rows: Vec<Vec<String>>,
    /// What to know when reading it.
    pub notes: Vec<String>,
}

impl Grid {
    /// An empty table.
    pub fn new(title: &str, about: &str, columns: &[&str]) -> Grid {
        Grid {
            title: title.to_owned(),
            about: about.to_owned(),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            ..Grid::default()
        }
    }

    /// Adds a contender.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl Display for Grid {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "\n{}\n{}\n", self.title, self.about)?;
        let mut widths = vec![0; self.columns.len()];
        for cells in self.rows.iter().chain([&self.columns]) {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = cell.chars().count().max(*width);
            }
        }
        for cells in [&self.columns].into_iter().chain(&self.rows) {
            for (place, (width, cell)) in widths.iter().zip(cells).enumerate() {
                match place {
                    0 => write!(out, "{cell:<width$}")?,
                    _ => write!(out, "  {cell:>width$}")?,
                }
            }
            writeln!(out)?;
        }
        for note in &self.notes {
            writeln!(out, "\n{note}")?;
        }
        Ok(())
    }
}
