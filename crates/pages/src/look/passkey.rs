//! Passkeys: a form whose button asks the browser's authenticator and sends what it answers. Needs the script.

use super::icon::{Icon, icon};
use super::{Markup, form, html};

/// What the authenticator is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ceremony {
    /// To make a new credential.
    Create,
    /// To prove an existing one.
    Get,
}

/// A passkey form.
#[derive(Clone, Debug)]
pub struct Passkey<'a> {
    /// Where it goes.
    pub action: &'a str,
    /// The token against forgery.
    pub csrf: &'a str,
    /// What is asked.
    pub ceremony: Ceremony,
    /// The options as JSON (`PublicKeyCredential…Options`, binary as base64url).
    pub options: &'a str,
    /// The button's label.
    pub label: &'a str,
    /// More fields: a name for the new passkey, where to go after.
    pub fields: Markup,
}

/// The form. The answer is JSON in the hidden field `credential`, binary as base64url.
pub fn passkey(passkey: &Passkey<'_>) -> Markup {
    let ceremony = match passkey.ceremony {
        Ceremony::Create => "create",
        Ceremony::Get => "get",
    };
    html! {
        form.form.passkey method="post" action=(passkey.action) {
            (form::csrf(passkey.csrf))
            (passkey.fields)
            input type="hidden" name="credential" value="";
            button.button.plain.wide.js-only type="button" data-passkey=(ceremony) data-options=(passkey.options) {
                (icon(Icon::Key)) span { (passkey.label) }
            }
            p.error role="alert" data-passkey-error hidden {}
            noscript { p.hint { "Passkeys need JavaScript in this browser." } }
        }
    }
}
