//! The fields of a policy, and what holds after inheritance. What the enterprise has decided is shown, disabled,
//! with the reason in words.

use super::place::Place;
pub use super::policy_typed::{Fixed, KindTyped, Typed};
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::choice::{Card, Cards, Check, cards, check};
use crate::look::field::{Field, Input, input};
use crate::look::form::{hidden, section, when};
use crate::look::list::facts;
use crate::look::{Markup, html};
use bailiwick_authority::access::policy::{PolicyAbove, PolicyView};
use bailiwick_gate::Query;
use bailiwick_model::limit::TOKEN_LIFETIME_DAYS_MAX;
use bailiwick_model::policy::SetBy;
use bailiwick_model::{Policy, ResolvedKindPolicy};

/// The form's contents.
#[derive(Debug)]
pub struct PolicyForm<'a> {
    /// Whose policy it is.
    pub place: &'a Place,
    /// What is set and what holds.
    pub view: &'a PolicyView,
    /// The enterprise above.
    pub above: Option<&'a PolicyAbove>,
    /// What the fields hold.
    pub typed: &'a Typed,
    /// What is wrong.
    pub errors: &'a Errors,
    /// Why nothing can be changed by who looks; empty if it can.
    pub locked: &'a str,
}

/// The mark of what was set when the form was drawn, to notice that somebody else changed it meanwhile.
pub fn mark(policy: &Policy) -> String {
    serde_json::to_string(policy).unwrap_or_default()
}

/// Whether the form was drawn on what is set now.
pub fn is_fresh(form: &Query, set: &Policy) -> bool {
    form.get("seen") == Some(mark(set).as_str())
}

/// The authority's errors in the words of this form.
pub fn beside(errors: &Errors) -> Errors {
    let mut mapped = Errors::none();
    for (field, message) in errors.list() {
        mapped.push(field, &message.replacen("Lifetime days max", "Days", 1));
    }
    mapped
}

impl PolicyForm<'_> {
    /// Every field.
    pub fn fields(&self) -> Markup {
        let fixed = Fixed::by(self.above);
        html! {
            (hidden("seen", &mark(&self.view.set)))
            (section("Fine-grained tokens", &html! { "Tokens limited to chosen repositories and permissions." }, &html! {
                (self.allowed(0, "fine_grained", &self.typed.fine_grained, &fixed))
                (self.approval(&fixed))
                (self.lifetime(0, "fine_grained", &self.typed.fine_grained, &fixed))
                (self.owners(&fixed))
            }))
            (section("Tokens (classic)", &html! { "Tokens that reach everything their person reaches, by broad scopes. Nobody approves them: allow them or block them." }, &html! {
                (self.allowed(1, "classic", &self.typed.classic, &fixed))
                (self.lifetime(1, "classic", &self.typed.classic, &fixed))
            }))
            (section("Planting", &html! { "Keys, webhooks, runners and tokens work on when the token that made them is gone. People make them by hand, in a session; tokens only where that is allowed." }, &self.planting(&fixed)))
        }
    }

    fn reason(&self, fixed: bool) -> String {
        match (fixed, self.above) {
            _ if !self.locked.is_empty() => self.locked.to_owned(),
            (true, Some(above)) => format!(
                "Set by the enterprise {}; organizations cannot change it.",
                above.name
            ),
            _ => String::new(),
        }
    }

    fn question(
        &self,
        legend: &str,
        name: &str,
        fixed: bool,
        choices: &[(&str, &str, String)],
        chosen: &str,
    ) -> Markup {
        let reason = self.reason(fixed);
        let drawn: Vec<Card<'_>> = choices
            .iter()
            .map(|(value, title, text)| Card {
                value,
                title: html! { (title) },
                text: html! { (text) },
                checked: *value == chosen,
                disabled: &reason,
                ..Card::default()
            })
            .collect();
        cards(
            &Cards {
                legend,
                name,
                error: self.errors.at(name),
                columns: true,
                ..Cards::default()
            },
            &drawn,
        )
    }

    fn allowed(&self, at: usize, name: &str, typed: &KindTyped, fixed: &Fixed) -> Markup {
        let fixed = fixed.allowed.get(at).copied().unwrap_or(false);
        let noun = self.place.noun();
        let (kind, holds) = if at == 0 {
            ("Fine-grained tokens", &self.view.resolved.fine_grained)
        } else {
            ("Classic tokens", &self.view.resolved.classic)
        };
        let chosen = match (fixed, holds.allowed) {
            (true, true) => "allow",
            (true, false) => "block",
            (false, _) => typed.allowed.as_str(),
        };
        let mut choices = Vec::new();
        if self.place.enterprise {
            choices.push((
                "free",
                "Let organizations decide",
                String::from("Each organization allows or blocks them."),
            ));
        }
        choices.push(("allow", "Allow", format!("{kind} may be used at this {noun}.")));
        choices.push((
            "block",
            "Block",
            format!("{kind} open nothing here but what is public. They are not ended: allow them again and they work again."),
        ));
        self.question("Access", &format!("{name}.allowed"), fixed, &choices, chosen)
    }

    fn approval(&self, fixed: &Fixed) -> Markup {
        let holds = self.view.resolved.fine_grained.approval_required;
        let chosen = match (fixed.approval, holds) {
            (true, true) => "required",
            (true, false) => "none",
            (false, _) => self.typed.fine_grained.approval.as_str(),
        };
        let mut choices = Vec::new();
        if self.place.enterprise {
            choices.push((
                "free",
                "Let organizations decide",
                String::from("Each organization says whether it approves."),
            ));
        }
        choices.push(("required", "Require approval", String::from("A new token waits until an owner or approver has read what it asks for. Until then it reads public things only.")));
        choices.push((
            "none",
            "No approval",
            String::from("A new token works at once, within what its person may do."),
        ));
        self.question(
            "Approval",
            "fine_grained.approval_required",
            fixed.approval,
            &choices,
            chosen,
        )
    }

    fn lifetime(&self, at: usize, name: &str, typed: &KindTyped, fixed: &Fixed) -> Markup {
        let limit = fixed.days.get(at).copied().flatten();
        let default = match (limit, at, self.place.enterprise) {
            (Some(days), _, _) => format!("The enterprise's: {days} days"),
            (None, 0, false) => format!("The default: {TOKEN_LIFETIME_DAYS_MAX} days"),
            (None, _, false) => String::from("The default: no limit"),
            (None, _, true) => String::from("Let organizations decide"),
        };
        let value = format!("{name}.lifetime");
        let beyond = limit.map_or_else(String::new, |days| {
            let whose = self.above.map_or("", |above| above.name.as_str());
            format!(
                "The enterprise {whose} allows at most {days} days; organizations can set fewer, never more."
            )
        });
        let card =
            |value: &'static str, title: &str, disabled: &'static str| (value, title.to_owned(), disabled);
        let mut choices = vec![
            card("default", &default, ""),
            card("days", "At most some days", ""),
        ];
        if at == 0 {
            choices.push(card("none", "No limit", "beyond"));
        }
        let drawn: Vec<Card<'_>> = choices
            .iter()
            .map(|(value, title, disabled)| Card {
                value,
                title: html! { (title) },
                checked: *value == typed.lifetime,
                disabled: match (self.locked, *disabled) {
                    ("", "beyond") => &beyond,
                    ("", _) => "",
                    (locked, _) => locked,
                },
                ..Card::default()
            })
            .collect();
        let days_name = format!("{name}.lifetime_days_max");
        let exempt_name = format!("{name}.exempt_administrators");
        let exempt_hint = if self.place.enterprise {
            "The enterprise's owners may use tokens that live longer."
        } else {
            "Owners of this organization may use tokens that live longer; a limit of the enterprise still binds them."
        };
        html! {
            (cards(&Cards {
                legend: "Longest life",
                name: &value,
                hint: html! { "Counted from when the token was made to when it ends. Tokens that live longer are refused here, not ended." },
                error: self.errors.at(&value),
                columns: true,
                ..Cards::default()
            }, &drawn))
            (when(&value, "days", &input(&Field {
                name: &days_name,
                label: "Days",
                hint: html! { "From 1 to " (limit.unwrap_or(TOKEN_LIFETIME_DAYS_MAX)) "." },
                error: self.errors.at(&days_name),
                value: &typed.days,
                disabled: !self.locked.is_empty(),
                optional: typed.lifetime != "days",
                ..Field::default()
            }, &Input { inputmode: "numeric", width: 8, ..Input::default() })))
            (check(&Check { name: &exempt_name, label: "Exempt administrators", hint: html! { (exempt_hint) }, checked: typed.exempt, disabled: self.locked, ..Check::default() }))
        }
    }

    fn owners(&self, fixed: &Fixed) -> Markup {
        let several = self.reason(fixed.several_owners);
        let need = self.reason(fixed.owners_need_approval);
        html! {
            (check(&Check {
                name: "several_owners_allowed",
                label: "Accept tokens that reach several owners",
                hint: html! { "One token may hold grants here and elsewhere. Each owner approves its own part." },
                checked: self.typed.several_owners && !fixed.several_owners,
                disabled: &several,
                ..Check::default()
            }))
            (check(&Check {
                name: "owners_need_approval",
                label: "Owners need another approver",
                hint: html! { "An owner's own token waits for another owner or approver too. With a single owner nobody is left to approve." },
                checked: self.typed.owners_need_approval || fixed.owners_need_approval,
                disabled: &need,
                ..Check::default()
            }))
        }
    }

    fn planting(&self, fixed: &Fixed) -> Markup {
        let free = self.place.enterprise || fixed.planting_open;
        let chosen = match (fixed.planting, self.typed.planting.as_str()) {
            (true, _) => "refuse",
            (false, "") if free => "free",
            (false, "") => "refuse",
            (false, typed) => typed,
        };
        let mut choices = Vec::new();
        if self.place.enterprise {
            choices.push((
                "free",
                "Let organizations decide",
                String::from("Refused at each organization until it allows it."),
            ));
        } else if free {
            choices.push((
                "free",
                "As the enterprise says",
                String::from("It allows tokens to plant."),
            ));
        }
        choices.push((
            "refuse",
            "Refuse",
            String::from("No token makes what can itself authenticate."),
        ));
        choices.push((
            "allow",
            "Allow",
            String::from("A token may, within its permissions. What it made is recorded under it and can be ended with it."),
        ));
        self.question("Planting by tokens", "planting", fixed.planting, &choices, chosen)
    }

    /// What holds now, and who set it.
    pub fn holds(&self) -> Markup {
        let resolved = &self.view.resolved;
        let kind = |policy: &ResolvedKindPolicy, approved: bool| {
            html! {
                p { (yes(policy.allowed, "Allowed", "Blocked")) " " (self.by(policy.allowed_by)) }
                @if approved && policy.allowed {
                    p { (yes(policy.approval_required, "Approval required", "No approval")) " " (self.by(policy.approval_by)) }
                }
                @if policy.allowed {
                    p {
                        @match policy.lifetime_days_max {
                            Some(days) => { (badge(Hue::Blue, &format!("At most {days} days"))) },
                            None => { (badge(Hue::Grey, "No limit of life")) },
                        }
                        " " (self.by(policy.lifetime_by))
                        @if policy.exempt_administrators { span.soft { "; administrators are exempt" } }
                    }
                }
            }
        };
        facts(&[
            ("Fine-grained tokens", kind(&resolved.fine_grained, true)),
            ("Tokens (classic)", kind(&resolved.classic, false)),
            (
                "Several owners in one token",
                yes(resolved.several_owners_allowed, "Accepted", "Refused"),
            ),
            (
                "Owners' own tokens",
                html! {
                    @if resolved.owners_need_approval { (badge(Hue::Blue, "Need another approver")) }
                    @else { (badge(Hue::Grey, "Need no approval")) }
                },
            ),
            (
                "Planting by tokens",
                html! { (yes(resolved.planting, "Allowed", "Refused")) " " (self.by(resolved.planting_by)) },
            ),
        ])
    }

    fn by(&self, by: SetBy) -> Markup {
        html! {
            span.soft {
                @match by {
                    SetBy::Default => "by default",
                    SetBy::Organization => "set here",
                    SetBy::Enterprise => {
                        @if self.place.enterprise { "set here" }
                        @else {
                            "set by the enterprise " bdi { (self.above.map_or("", |above| above.name.as_str())) }
                        }
                    },
                }
            }
        }
    }
}

fn yes(yes: bool, word: &str, otherwise: &str) -> Markup {
    if yes {
        badge(Hue::Green, word)
    } else {
        badge(Hue::Red, otherwise)
    }
}
