//! The track of a decision: the stages in their order, and where it stopped.

use super::icon::{Icon, icon};
use super::{Markup, html};

/// How a stage went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It was passed.
    Passed,
    /// It stopped the request.
    Stopped,
    /// It was not reached, or had nothing to say.
    Skipped,
}

/// One stage.
#[derive(Clone, Copy, Debug)]
pub struct Stop<'a> {
    /// Its word: `live`, `grant`, `level`.
    pub word: &'a str,
    /// What it asks, in a few words: "An approved grant exists".
    pub asks: &'a str,
    /// How it went.
    pub outcome: Outcome,
}

/// The nine stages with what each asks, for pages that fill in outcomes.
pub const STAGES: [(&str, &str); 9] = [
    ("live", "The credential is in force"),
    ("mapped", "The operation is known"),
    ("anonymous", "Anyone may do it"),
    ("grant", "An approved grant exists"),
    ("policy", "The owner's policy permits it"),
    ("selection", "The repository is selected"),
    ("level", "The permission's level suffices"),
    ("role", "The person could do it"),
    ("limits", "Within the token's limits"),
];

/// The nine stages of a refusal: passed up to `stopped`, which is one of their words.
pub fn stopped_at(stopped: &str) -> Vec<Stop<'static>> {
    let place = STAGES.iter().position(|(word, _)| *word == stopped);
    let stop = |(index, (word, asks)): (usize, &(&'static str, &'static str))| {
        let outcome = match place {
            Some(place) if index == place => Outcome::Stopped,
            Some(place) if index > place => Outcome::Skipped,
            // That not anybody may do it is no obstacle: the token's own rights are asked next.
            _ if *word == "anonymous" => Outcome::Skipped,
            _ => Outcome::Passed,
        };
        Stop { word, asks, outcome }
    };
    STAGES.iter().enumerate().map(stop).collect()
}

/// The track.
pub fn track(stops: &[Stop<'_>]) -> Markup {
    html! {
        div.track-frame {
            ol.track aria-label="Stages of the decision" {
                @for stop in stops {
                    @let (class, word) = match stop.outcome {
                        Outcome::Passed => ("passed", "passed"),
                        Outcome::Stopped => ("stopped", "stopped here"),
                        Outcome::Skipped => ("skipped", "not asked"),
                    };
                    li.(class) aria-current=[(stop.outcome == Outcome::Stopped).then_some("step")] {
                        span.track-dot {
                            @match stop.outcome {
                                Outcome::Passed => (icon(Icon::Check)),
                                Outcome::Stopped => (icon(Icon::Cross)),
                                Outcome::Skipped => {},
                            }
                        }
                        span.track-text {
                            span.track-word { (stop.word) span.unseen { ": " (word) "." } }
                            span.track-asks { (stop.asks) }
                        }
                    }
                }
            }
        }
    }
}
