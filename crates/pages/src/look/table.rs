//! Tables. Below 640 pixels each row becomes a card, its cells labelled; the roles keep it a table for those
//! who hear it, since changing `display` would drop them.

use super::{Markup, html};

/// A column.
#[derive(Clone, Copy, Debug, Default)]
pub struct Column<'a> {
    /// Its heading.
    pub title: &'a str,
    /// Its heading is heard but not seen: actions.
    pub quiet: bool,
    /// Numbers, aligned at their end.
    pub number: bool,
}

/// A column of text.
pub fn column(title: &str) -> Column<'_> {
    Column {
        title,
        ..Default::default()
    }
}

/// A column of numbers.
pub fn number(title: &str) -> Column<'_> {
    Column {
        title,
        number: true,
        ..Default::default()
    }
}

/// A column of buttons.
pub fn actions(title: &str) -> Column<'_> {
    Column {
        title,
        quiet: true,
        ..Default::default()
    }
}

/// A table; the first cell of a row names the row.
pub fn table(caption: &str, columns: &[Column<'_>], rows: &[Vec<Markup>]) -> Markup {
    html! {
        // The last resort of a table that is too wide is to scroll by itself, not with the page.
        div.table-frame { table.table role="table" {
            caption.unseen { (caption) }
            thead role="rowgroup" {
                tr role="row" {
                    @for column in columns {
                        th scope="col" role="columnheader" .number[column.number] {
                            span.unseen[column.quiet] { (column.title) }
                        }
                    }
                }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    tr role="row" {
                        @for (index, (cell, column)) in row.iter().zip(columns).enumerate() {
                            @if index == 0 {
                                th scope="row" role="rowheader" { (cell) }
                            } @else {
                                td role="cell" data-label=[(!column.quiet).then_some(column.title)]
                                    .number[column.number] .acts[column.quiet] { (cell) }
                            }
                        }
                    }
                }
            }
        }}
    }
}
