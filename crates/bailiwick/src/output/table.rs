//! Columns for people: as wide as their widest cell, two spaces apart, no lines drawn, so that `awk` works too.

use super::{clean, field};
use serde_json::Value;

/// Rows under a head.
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with the names of its columns.
    pub fn new<const N: usize>(head: [&str; N]) -> Table {
        Table {
            head: head.iter().map(|name| name.to_uppercase()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// A table of the same fields of each value: `(column, JSON pointer)`.
    pub fn of<const N: usize>(values: &[Value], columns: [(&str, &str); N]) -> Table {
        let mut table = Table::new(columns.map(|(name, _)| name));
        for value in values {
            table.row(columns.map(|(_, pointer)| field::text(value, pointer)));
        }
        table
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The text, a line per row; `(none)` without rows.
    pub fn render(&self) -> String {
        if self.is_empty() {
            return String::from("(none)\n");
        }
        let cell = |text: &String| clean(text).replace('\n', " ");
        let lines: Vec<Vec<String>> = std::iter::once(&self.head)
            .chain(&self.rows)
            .map(|row| row.iter().map(cell).collect())
            .collect();
        let width = |column: usize| {
            lines
                .iter()
                .filter_map(|line| line.get(column))
                .map(|text| text.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let mut text = String::new();
        for line in &lines {
            let mut row = String::new();
            for (cell, width) in line.iter().zip(&widths) {
                row.push_str(cell);
                row.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
            }
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }

    /// Lines of `name  value`, for one thing.
    pub fn facts(facts: &[(&str, String)]) -> String {
        let width = facts
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        facts
            .iter()
            .map(|(name, value)| format!("{name:width$}  {}\n", clean(value).replace('\n', " ")))
            .collect()
    }
}
