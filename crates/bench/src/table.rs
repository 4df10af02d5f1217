//! The table that a benchmark prints: one row for each contender, the ratios to ours beside the figures.

use crate::Sample;
use std::fmt::{self, Display, Formatter};

/// How wide a column is, in characters.
const WIDTH: usize = 30;

/// One contender with a figure for each column, as far as it takes part.
#[derive(Clone, Debug)]
pub struct Row {
    /// Who it is.
    pub name: String,
    /// Its figures.
    pub samples: Vec<Option<Sample>>,
}

/// A question and everybody's figures.
#[derive(Clone, Debug)]
pub struct Table {
    /// What was asked.
    pub title: String,
    /// What differs between the columns.
    pub columns: Vec<String>,
    /// The contenders.
    pub rows: Vec<Row>,
    /// The row that ratios are taken to.
    pub ours: usize,
    /// What to know when reading it.
    pub notes: Vec<String>,
}

impl Display for Table {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "\n{}\nmedian ns for one question (tenth to ninetieth percentile), and the ratio to ours\n",
            self.title
        )?;
        write!(out, "{:<34}", "")?;
        for column in &self.columns {
            write!(out, "  {column:>WIDTH$}")?;
        }
        writeln!(out)?;
        let ours = self
            .rows
            .get(self.ours)
            .map(|row| row.samples.as_slice())
            .unwrap_or_default();
        for row in &self.rows {
            write!(out, "{:<34}", row.name)?;
            for (place, sample) in row.samples.iter().enumerate() {
                let base = ours.get(place).copied().flatten();
                write!(out, "  {:>WIDTH$}", figure(*sample, base))?;
            }
            writeln!(out)?;
        }
        for note in &self.notes {
            writeln!(out, "\n{note}")?;
        }
        Ok(())
    }
}

fn figure(sample: Option<Sample>, ours: Option<Sample>) -> String {
    let Some(sample) = sample else {
        return String::from("-");
    };
    let ratio = ours.map_or(String::new(), |ours| {
        format!("× {}", short(sample.median / ours.median))
    });
    let (median, low, high) = (short(sample.median), short(sample.low), short(sample.high));
    format!("{median} ({low}–{high}) {ratio:>7}")
}

/// Three digits or more are precise enough as they are.
fn short(number: f64) -> String {
    if number < 100.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    }
}
