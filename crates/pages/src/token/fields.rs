//! The fields of a token that are not about owners: what it is for, and when it ends.

use super::draft::{Draft, key_of};
use crate::errors::Errors;
use crate::look::expiry::{Expiry, Preset, expiry as expiry_fields};
use crate::look::field::{Field, Input, input, textarea};
use crate::look::time::date_text;
use crate::look::{Markup, html};
use bailiwick_authority::token::OwnerChoice;
use bailiwick_model::Timestamp;
use bailiwick_model::limit::{TOKEN_DESCRIPTION_CHARS_MAX, TOKEN_LIFETIME_DAYS_MAX, TOKEN_NAME_CHARS_MAX};

/// The lifetimes offered, in days.
pub const PRESETS: [i64; 5] = [7, 30, 60, 90, 365];

/// The day of an instant, as date fields write it.
pub fn day(at: Timestamp) -> String {
    at.rfc3339().get(..10).unwrap_or_default().to_owned()
}

/// Name and description.
pub fn about(name: &str, description: &str, errors: &Errors) -> Markup {
    html! {
        (input(
            &Field {
                name: "name",
                label: "Token name",
                hint: html! { "Read by the owners of what it reaches, and by anyone who holds it." },
                error: errors.at("name"),
                value: name,
                ..Field::default()
            },
            &Input { max: TOKEN_NAME_CHARS_MAX, counted: true, width: 32, autocomplete: "off", ..Input::default() },
        ))
        (textarea(
            &Field {
                name: "description",
                label: "Description",
                hint: html! { "What it is used for, and where it is kept." },
                error: errors.at("description"),
                value: description,
                optional: true,
                ..Field::default()
            },
            2,
            TOKEN_DESCRIPTION_CHARS_MAX,
        ))
    }
}

/// The longest life among owners, and whose it is.
pub fn strictest<'a>(choices: &'a [OwnerChoice], draft: &Draft) -> Option<(i64, &'a str)> {
    choices
        .iter()
        .filter(|choice| draft.has(&key_of(choice)))
        .filter_map(|choice| Some((choice.lifetime_days_max?, choice.name.as_str())))
        .min_by_key(|(days, _)| *days)
}

/// When it ends. `strictest` is the owner with the shortest limit, if there is one.
pub fn expiry(
    preset: &str,
    date: &str,
    strictest: Option<(i64, &str)>,
    errors: &Errors,
    now: Timestamp,
) -> Markup {
    let over = |days: i64| match strictest {
        Some((max, owner)) if days > max => format!(" ({owner} allows at most {max} days)"),
        _ => String::new(),
    };
    let mut texts: Vec<(String, String, String)> = PRESETS
        .iter()
        .map(|days| {
            let date = day(now.plus_days(*days));
            (days.to_string(), format!("{days} days{}", over(*days)), date)
        })
        .collect();
    texts.push((String::from("custom"), String::from("Custom"), String::new()));
    texts.push((
        String::from("none"),
        format!("No expiration{}", over(i64::MAX)),
        String::new(),
    ));
    let presets: Vec<Preset<'_>> = texts
        .iter()
        .map(|(value, label, date)| Preset {
            value,
            label,
            date,
            disabled: "",
        })
        .collect();
    let shown = match preset.parse::<i64>() {
        Ok(days) => day(now.plus_days(days)),
        Err(_) => date.to_owned(),
    };
    expiry_fields(&Expiry {
        preset: Field {
            name: "expires_in",
            label: "Expiration",
            error: errors.at("expires_in"),
            value: preset,
            ..Field::default()
        },
        date: Field {
            name: "expires_on",
            label: "Last day",
            error: errors.at("expires_on"),
            value: &shown,
            optional: true,
            ..Field::default()
        },
        presets: &presets,
        min: &day(now.plus_days(1)),
        max: &day(now.plus_days(TOKEN_LIFETIME_DAYS_MAX)),
    })
}

/// When it will end, as a sentence.
pub fn until(preset: &str, date: &str, now: Timestamp) -> String {
    match super::draft::expiry(preset, date, now) {
        Ok(bailiwick_authority::token::Expiry::Never) => String::from("Never expires."),
        Ok(bailiwick_authority::token::Expiry::At(at)) => format!("Ends on {}.", date_text(at)),
        Ok(bailiwick_authority::token::Expiry::Days(days)) => {
            format!("Ends on {}.", date_text(now.plus_days(days)))
        }
        Ok(bailiwick_authority::token::Expiry::Default) | Err(_) => String::new(),
    }
}
