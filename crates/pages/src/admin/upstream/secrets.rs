//! Fields of secrets: what is typed is never drawn again, and never travels through a sign-in page.

use crate::errors::Errors;
use crate::look::field::{Field, Input, input, password, textarea};
use crate::look::{Markup, html};
use bailiwick_authority::upstream::Secrets;
use bailiwick_gate::Request;
use zeroize::Zeroizing;

/// The start of the names of such fields.
// SECURITY: `kept.rs` drops every field of such a name.
pub(crate) const PREFIX: &str = "secret_";

/// One field for each secret; those that are set say so.
pub(crate) fn fields(names: &[&str], set: &[String], errors: &Errors) -> Markup {
    html! {
        @for (place, name) in names.iter().enumerate() {
            @let is_set = set.iter().any(|known| known == name);
            @let field_name = format!("{PREFIX}{name}");
            @let error = if place == 0 { errors.at("secrets") } else { "" };
            @let field = Field {
                name: &field_name, label: title(name), error, optional: true,
                hint: html! { @if is_set { "Is set. It cannot be shown; what is typed here replaces it." } @else { "Is not set." } },
                ..Field::default()
            };
            @match *name {
                "private_key" => (textarea(&field, 6, 0)),
                "username" => (input(&field, &Input { autocomplete: "off", mono: true, ..Input::default() })),
                _ => (password(&field, "off")),
            }
        }
    }
}

/// What was typed, without what is empty.
pub(crate) fn typed(request: &Request, names: &[&str]) -> Secrets {
    names
        .iter()
        .filter_map(|name| {
            let text = request.form.get(&format!("{PREFIX}{name}"))?;
            let text = text.replace("\r\n", "\n");
            (!text.is_empty()).then(|| ((*name).to_owned(), Zeroizing::new(text)))
        })
        .collect()
}

/// What a secret is called.
fn title(name: &str) -> &str {
    match name {
        "username" => "User name",
        "password" => "Password",
        "token" => "Token",
        "secret" => "Secret",
        "webhook_secret" => "Secret of the webhook",
        "private_key" => "Private key of the App (PEM)",
        "client_secret" => "Client secret of the App",
        other => other,
    }
}
