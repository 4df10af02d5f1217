//! A bar chart over time by outcome, drawn on the server, with the same numbers as a table below it.

use super::table::{Column, number, table};
use super::{Markup, html};

/// The parts that bars are stacked of: their names, lowest first.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// Its name: "Allowed".
    pub name: &'a str,
    /// Its colour.
    pub hue: Fill,
}

/// The colour of a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fill {
    /// Allowed, done.
    Good,
    /// Refused.
    Refused,
    /// Failed for a reason of ours.
    Failed,
}

impl Fill {
    const fn class(self) -> &'static str {
        match self {
            Fill::Good => "fill-good",
            Fill::Refused => "fill-refused",
            Fill::Failed => "fill-failed",
        }
    }
}

/// One bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// The span of time that it counts: "21 Nov", "14:00".
    pub label: String,
    /// The numbers, one for each series.
    pub values: Vec<u64>,
}

/// The chart.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    /// Unique in the page.
    pub id: &'a str,
    /// What is counted: "Events by day".
    pub title: &'a str,
    /// What it shows, in a sentence.
    pub description: &'a str,
    /// The heading of the first column of the table: "Day".
    pub step: &'a str,
    /// The parts.
    pub series: &'a [Series<'a>],
    /// The bars.
    pub bars: &'a [Bar],
}

const HEIGHT: u64 = 120;
const STEP: usize = 12;
const WIDTH: usize = 9;

/// The smallest round number that is not below the highest bar.
fn ceiling(highest: u64) -> u64 {
    let mut power = 1_u64;
    while power.saturating_mul(10) <= highest {
        power = power.saturating_mul(10);
    }
    for factor in [1, 2, 5] {
        if power.saturating_mul(factor) >= highest {
            return power.saturating_mul(factor).max(1);
        }
    }
    power.saturating_mul(10)
}

/// The parts of one bar as (class, y, height), from the ground up. A part that counts something is visible.
fn parts(bar: &Bar, series: &[Series<'_>], top: u64) -> Vec<(&'static str, u64, u64)> {
    let mut ground = HEIGHT;
    let mut drawn = Vec::new();
    for (value, part) in bar.values.iter().zip(series) {
        if *value == 0 {
            continue;
        }
        let height = (value.saturating_mul(HEIGHT) / top.max(1)).max(2).min(ground);
        ground -= height;
        drawn.push((part.hue.class(), ground, height));
    }
    drawn
}

/// Draws it.
pub fn chart(chart: &Chart<'_>) -> Markup {
    let highest = chart
        .bars
        .iter()
        .map(|bar| bar.values.iter().sum::<u64>())
        .max()
        .unwrap_or(0);
    let top = ceiling(highest);
    let width = chart.bars.len().max(1) * STEP;
    html! {
        figure.chart {
            figcaption {
                span.chart-title { (chart.title) }
                ul.legend {
                    @for part in chart.series { li { span.swatch.(part.hue.class()) {} (part.name) } }
                }
            }
            div.plot {
                div.axis aria-hidden="true" { span { (top) } span { (top / 2) } span { "0" } }
                // The drawing is stretched to the page's width; words stand outside it, so that they are not.
                svg viewBox={ "0 0 " (width) " " (HEIGHT) } preserveAspectRatio="none" role="img"
                    aria-labelledby={ (chart.id) "-title " (chart.id) "-text" } {
                    title id={ (chart.id) "-title" } { (chart.title) }
                    desc id={ (chart.id) "-text" } { (chart.description) }
                    line.grid x1="0" x2=(width) y1="0.5" y2="0.5" {}
                    line.grid x1="0" x2=(width) y1=(HEIGHT / 2) y2=(HEIGHT / 2) {}
                    @for (index, bar) in chart.bars.iter().enumerate() { (drawn(chart, bar, index, top)) }
                    line.ground x1="0" x2=(width) y1=(HEIGHT) y2=(HEIGHT) {}
                }
                div.span aria-hidden="true" {
                    span { (chart.bars.first().map_or("", |bar| bar.label.as_str())) }
                    span { (chart.bars.last().map_or("", |bar| bar.label.as_str())) }
                }
            }
            details.disclosure { summary { "The numbers as a table" } (numbers(chart)) }
        }
    }
}

fn drawn(chart: &Chart<'_>, bar: &Bar, index: usize, top: u64) -> Markup {
    let told: Vec<String> = chart
        .series
        .iter()
        .zip(&bar.values)
        .map(|(part, value)| format!("{value} {}", part.name.to_lowercase()))
        .collect();
    html! {
        g {
            title { (bar.label) ": " (told.join(", ")) }
            rect.hit x=(index * STEP) y="0" width=(STEP) height=(HEIGHT) {}
            @for (class, y, height) in parts(bar, chart.series, top) {
                rect.(class) x=(index * STEP + 1) y=(y) width=(WIDTH) height=(height) {}
            }
        }
    }
}

fn numbers(chart: &Chart<'_>) -> Markup {
    let mut columns = vec![Column {
        title: chart.step,
        ..Default::default()
    }];
    columns.extend(chart.series.iter().map(|part| number(part.name)));
    let rows: Vec<Vec<Markup>> = chart
        .bars
        .iter()
        .map(|bar| {
            let mut row = vec![html! { (bar.label) }];
            row.extend(bar.values.iter().map(|value| html! { (value) }));
            row
        })
        .collect();
    table(chart.title, &columns, &rows)
}
