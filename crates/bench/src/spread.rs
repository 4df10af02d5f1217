//! The middle of a few runs of a whole program, and how far they lie apart.

use std::fmt::{self, Display, Formatter};

/// The figures of several runs.
#[derive(Clone, Debug, Default)]
pub struct Spread(Vec<f64>);

impl Spread {
    /// Adds a run.
    pub fn add(&mut self, figure: f64) {
        let place = self.0.partition_point(|known| *known < figure);
        self.0.insert(place, figure);
    }

    /// The middle run; not a number when there was none.
    pub fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        let upper = self.0.get(middle).copied().unwrap_or(f64::NAN);
        match self.0.len() % 2 {
            0 => (upper + self.0.get(middle.saturating_sub(1)).copied().unwrap_or(f64::NAN)) / 2.0,
            _ => upper,
        }
    }

    /// How many times the median of another this median is, with two digits.
    pub fn ratio_to(&self, other: &Spread) -> String {
        format!("× {:.2}", self.median() / other.median())
    }
}

/// `median (least–most)`; the precision of the formatter holds for all three.
impl Display for Spread {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let digits = out.precision().unwrap_or(0);
        let (least, most) = (self.0.first(), self.0.last());
        let (least, most) = (least.unwrap_or(&f64::NAN), most.unwrap_or(&f64::NAN));
        write!(
            out,
            "{:.digits$} ({least:.digits$}–{most:.digits$})",
            self.median()
        )
    }
}
