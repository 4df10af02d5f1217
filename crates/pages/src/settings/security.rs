//! How a person signs in: password, authenticator app, passkeys, recovery codes.

use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Button, Tone, link, post, submit};
use crate::look::callout::{Weight, callout};
use crate::look::code::block;
use crate::look::field::{Field, code, password, text};
use crate::look::heading::{Heading, Part, disclosure, heading, part};
use crate::look::icon::Icon;
use crate::look::list::{Row, empty, rows};
use crate::look::passkey::{Ceremony, Passkey, passkey};
use crate::look::{Markup, form, html, name, time};
use crate::settings::picture::qr;
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::factor::{RecoveryCodes, Security, TotpSetup};
use bailiwick_authority::{Authority, Fault, Permit};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::PasskeyId;
use bailiwick_model::limit::PASSWORD_CHARS_MIN;

const PATH: &str = "/settings/security";

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_SECURITY, show)
        .on(op::WEB_PASSWORD, change_password)
        .on(op::WEB_TOTP_FORM, totp_form)
        .on(op::WEB_TOTP_ENABLE, totp_enable)
        .on(op::WEB_TOTP_DISABLE, totp_disable)
        .on(op::WEB_RECOVERY_CODES, recovery_codes)
        .on(op::WEB_PASSKEY_FORM, passkey_form)
        .on(op::WEB_PASSKEY_REGISTER, passkey_register)
        .on(op::WEB_PASSKEY_REMOVE, passkey_remove);
}

fn frame(title: &str, invalid: bool) -> Frame<'_> {
    Frame {
        title,
        area: Area::Own,
        crumbs: if title == TITLE { &[] } else { &[(TITLE, PATH)] },
        invalid,
    }
}

const TITLE: &str = "Password and authentication";

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    overview(&call.authority, &call.permit, &visit, &Errors::none())
}

fn overview(authority: &Authority, permit: &Permit, visit: &Visit, errors: &Errors) -> Answer {
    let security = authority.security(permit)?;
    let main = html! {
        (heading(&Heading {
            title: html! { (TITLE) },
            lede: html! { "Whoever signs in as you can mint and approve tokens. Make that hard." },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        (second_factors(&security, visit))
        (password_part(visit, errors))
    };
    Ok(visit.page_with(errors.status(), &frame(TITLE, !errors.is_empty()), &main))
}

fn second_factors(security: &Security, visit: &Visit) -> Markup {
    let app = match &security.totp {
        Some(totp) => Row {
            title: html! { "Authenticator app" },
            badges: badge(Hue::Green, "On"),
            meta: vec![
                html! { "Set up " (time::relative(totp.created_at, visit.now)) },
                time::last_used(totp.last_used_at, visit.now),
            ],
            actions: post(
                &format!("{PATH}/totp/disable"),
                &visit.csrf,
                &[],
                &Button {
                    label: "Turn off",
                    about: "the authenticator app",
                    tone: Tone::Danger,
                    small: true,
                    ..Button::default()
                },
            ),
            ..Row::default()
        },
        None => Row {
            title: html! { "Authenticator app" },
            badges: badge(Hue::Grey, "Off"),
            text: html! { "A code of six digits from your phone, after the password." },
            actions: link("Set up", &format!("{PATH}/totp"), Tone::Plain),
            ..Row::default()
        },
    };
    let codes = Row {
        title: html! { "Recovery codes" },
        badges: badge(
            if security.recovery_codes_left > 2 {
                Hue::Green
            } else {
                Hue::Amber
            },
            &format!("{} left", security.recovery_codes_left),
        ),
        text: html! { "Each lets you in once when your phone or key is gone." },
        actions: post(
            &format!("{PATH}/recovery-codes"),
            &visit.csrf,
            &[],
            &Button {
                label: "Make new ones",
                about: "recovery codes",
                small: true,
                ..Button::default()
            },
        ),
        ..Row::default()
    };
    let has_factor = security.totp.is_some() || !security.passkeys.is_empty();
    let mut factors = vec![app];
    if has_factor {
        factors.push(codes);
    }
    let keys: Vec<Row> = security
        .passkeys
        .iter()
        .map(|key| Row {
            title: name::name(&key.name),
            badges: if key.backed_up {
                badge(Hue::Blue, "Synchronised")
            } else {
                html! {}
            },
            meta: vec![
                html! { "Added " (time::relative(key.created_at, visit.now)) },
                time::last_used(key.last_used_at, visit.now),
            ],
            actions: post(
                &format!("{PATH}/passkeys/{}/delete", key.id.0),
                &visit.csrf,
                &[],
                &Button {
                    label: "Remove",
                    about: &key.name,
                    tone: Tone::Danger,
                    small: true,
                    ..Button::default()
                },
            ),
            ..Row::default()
        })
        .collect();
    let add = if security.passkeys_offered {
        link("Add a passkey", &format!("{PATH}/passkeys/new"), Tone::Plain)
    } else {
        html! {}
    };
    html! {
        @if !has_factor {
            (callout(Weight::Warn, "Only a password protects this account", &html! {
                p { "Add a passkey or an authenticator app, so that a stolen password is not enough." }
            }))
        }
        (part(&Part { title: "Two-factor authentication", ..Part::default() }, &rows("Second factors", &factors)))
        (part(
            &Part {
                title: "Passkeys",
                lede: html! { "Sign in with a fingerprint, a face or a key instead of the password. Nobody can phish it." },
                actions: add.clone(),
                ..Part::default()
            },
            &if !keys.is_empty() {
                rows("Passkeys", &keys)
            } else if security.passkeys_offered {
                empty(Icon::Key, "No passkeys yet", &html! { "Your browser makes one in a few seconds." }, &add)
            } else {
                empty(
                    Icon::Key,
                    "Passkeys need a host name",
                    &html! { "Browsers make them only for sites with a host name behind https (or for localhost). Open this server that way to add one." },
                    &html! {},
                )
            },
        ))
    }
}

fn password_part(visit: &Visit, errors: &Errors) -> Markup {
    part(
        &Part {
            title: "Change password",
            ..Part::default()
        },
        &form::form(
            &form::Form {
                action: &format!("{PATH}/password"),
                csrf: &visit.csrf,
                ..Default::default()
            },
            &html! {
                input type="hidden" name="login" value=(visit.login.as_deref().unwrap_or_default()) autocomplete="username";
                (password(
                    &Field { name: "old_password", label: "Present password", error: errors.at("old_password"), ..Field::default() },
                    "current-password",
                ))
                (password(
                    &Field {
                        name: "password", label: "New password", error: errors.at("password"),
                        hint: html! { "At least " (PASSWORD_CHARS_MIN) " characters. Every other session of yours ends." },
                        ..Field::default()
                    },
                    "new-password",
                ))
                (form::actions(&submit("Change password", Tone::Plain)))
            },
        ),
    )
}

fn change_password(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let looking = call.permit.also(op::WEB_SECURITY)?;
    let field = |name: &str| call.request.form.get(name).unwrap_or("");
    match call
        .authority
        .password_change(call.permit, field("old_password"), field("password"))
    {
        Ok(_) => Ok(Reply::see_other(&done::after(PATH, "password-changed"))),
        Err(fault) => overview(&call.authority, &looking, &visit, &Errors::of(fault)?),
    }
}

fn totp_form(call: Call) -> Answer {
    let setup = call.authority.totp_begin(&call.permit)?;
    Ok(totp_page(&Visit::of(&call), &setup, &Errors::none()))
}

fn totp_page(visit: &Visit, setup: &TotpSetup, errors: &Errors) -> Reply {
    const TITLE: &str = "Set up an authenticator app";
    let main = html! {
        (heading(&Heading {
            title: html! { (TITLE) },
            lede: html! { "Scan the picture with the app, then type the code that it shows." },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        (part(&Part { title: "1. Scan", ..Part::default() }, &html! {
            (qr(&setup.uri))
            (disclosure("No camera?", false, &block("seed", "Type this into the app", &setup.seed)))
        }))
        (part(&Part { title: "2. Prove that it works", ..Part::default() }, &form::form(
            &form::Form { action: &format!("{PATH}/totp"), csrf: &visit.csrf, ..Default::default() },
            &html! {
                (form::hidden("sealed", &setup.sealed))
                (code(&Field { name: "code", label: "Code from the app", error: errors.at("code"), ..Field::default() }))
                (form::actions(&html! { (submit("Turn on", Tone::Primary)) (link("Cancel", PATH, Tone::Quiet)) }))
            },
        )))
    };
    visit.page_with(errors.status(), &frame(TITLE, !errors.is_empty()), &main)
}

fn totp_enable(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let field = |name: &str| call.request.form.get(name).unwrap_or("");
    // A form that is too old has nothing to go on with: its own page says so.
    let setup = call.authority.totp_resume(&call.permit, field("sealed"))?;
    match call
        .authority
        .totp_enable(call.permit, field("sealed"), field("code"))
    {
        Ok(Some(codes)) => Ok(codes_page(&visit, &codes)),
        Ok(None) => Ok(Reply::see_other(&done::after(PATH, "totp-enabled"))),
        Err(fault) => Ok(totp_page(&visit, &setup, &Errors::of(fault)?)),
    }
}

fn totp_disable(call: Call) -> Answer {
    call.authority.totp_disable(call.permit)?;
    Ok(Reply::see_other(&done::after(PATH, "totp-disabled")))
}

fn recovery_codes(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let codes = call.authority.recovery_codes_regenerate(call.permit)?;
    Ok(codes_page(&visit, &codes))
}

fn codes_page(visit: &Visit, codes: &RecoveryCodes) -> Reply {
    const TITLE: &str = "Your recovery codes";
    let text = codes
        .0
        .iter()
        .map(|code| code.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    let main = html! {
        (heading(&Heading {
            title: html! { (TITLE) },
            lede: html! { "Keep them where you keep what matters: each signs you in once when everything else is gone." },
            ..Heading::default()
        }))
        (callout(Weight::Warn, "Shown only now", &html! { p { "Only their digests are stored. Codes from before no longer work." } }))
        (block("codes", "Recovery codes", &text))
        (link("I have kept them", PATH, Tone::Primary))
    };
    visit.page(&frame(TITLE, false), &main)
}

fn passkey_form(call: Call) -> Answer {
    let visit = Visit::of(&call);
    passkey_page(&call.authority, &call.permit, &visit, "", &Errors::none())
}

fn passkey_page(
    authority: &Authority,
    permit: &Permit,
    visit: &Visit,
    typed: &str,
    errors: &Errors,
) -> Answer {
    const TITLE: &str = "Add a passkey";
    let options = authority
        .passkey_creation_options(permit)?
        .ok_or_else(Fault::not_found)?;
    let main = html! {
        (heading(&Heading {
            title: html! { (TITLE) },
            lede: html! { "Name it after the device that keeps it; your browser asks for the rest." },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        (passkey(&Passkey {
            action: &format!("{PATH}/passkeys"),
            csrf: &visit.csrf,
            ceremony: Ceremony::Create,
            options: &options.to_string(),
            label: "Add the passkey",
            fields: text(&Field { name: "name", label: "Name", value: typed, error: errors.at("name"), ..Field::default() }),
        }))
        (link("Cancel", PATH, Tone::Quiet))
    };
    Ok(visit.page_with(errors.status(), &frame(TITLE, !errors.is_empty()), &main))
}

fn passkey_register(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let looking = call.permit.also(op::WEB_PASSKEY_FORM)?;
    let field = |name: &str| call.request.form.get(name).unwrap_or("");
    let typed = field("name").trim().to_owned();
    let errors = match call
        .authority
        .passkey_register(call.permit, &typed, field("credential"))
    {
        Ok(registered) => {
            return Ok(match registered.recovery_codes {
                Some(codes) => codes_page(&visit, &codes),
                None => Reply::see_other(&done::after(PATH, "passkey-added")),
            });
        }
        Err(fault) if matches!(fault.code, "passkey.refused" | "passkey.challenge_over") => {
            Errors::one("", "The passkey could not be checked: try again.")
        }
        Err(fault) => Errors::of(fault)?,
    };
    passkey_page(&call.authority, &looking, &visit, &typed, &errors)
}

fn passkey_remove(call: Call) -> Answer {
    let id = call.request.id("passkey_id")?;
    call.authority.passkey_remove(call.permit, PasskeyId(id))?;
    Ok(Reply::see_other(&done::after(PATH, "passkey-removed")))
}
