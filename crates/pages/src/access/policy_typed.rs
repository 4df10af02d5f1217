//! What a policy form holds: read from a form or from what is set, and made into a policy again. What somebody
//! above has fixed is not in the form and stays as it is set.

use super::place::Place;
use crate::errors::Errors;
use bailiwick_authority::access::policy::PolicyAbove;
use bailiwick_gate::Query;
use bailiwick_model::{KindPolicy, Policy};

/// The fields of one kind of token.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KindTyped {
    /// `allow`, `block`, or `free`: organizations decide.
    pub allowed: String,
    /// `required`, `none`, or `free`.
    pub approval: String,
    /// `default`, `days` or `none`.
    pub lifetime: String,
    /// The days, as typed.
    pub days: String,
    /// Whether administrators are exempt from the lifetime.
    pub exempt: bool,
}

/// The fields of a policy.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Typed {
    /// For fine-grained tokens.
    pub fine_grained: KindTyped,
    /// For classic tokens.
    pub classic: KindTyped,
    /// Whether a token may have several resource owners.
    pub several_owners: bool,
    /// Whether owners need another approver.
    pub owners_need_approval: bool,
    /// `allow`, `refuse`, or `free`: whoever is below, or above, decides. Empty if nothing is set.
    pub planting: String,
}

/// What the enterprise above has fixed for organizations.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fixed {
    /// Whether fine-grained tokens, or classic ones, are allowed.
    pub allowed: [bool; 2],
    /// Whether access needs approval.
    pub approval: bool,
    /// The longest life that cannot be exceeded, by kind.
    pub days: [Option<i64>; 2],
    /// Several owners are forbidden.
    pub several_owners: bool,
    /// Owners need another approver.
    pub owners_need_approval: bool,
    /// Planting by tokens is forbidden.
    pub planting: bool,
    /// Planting by tokens is open where an organization says nothing.
    pub planting_open: bool,
}

impl Fixed {
    /// By the enterprise above, if there is one.
    pub fn by(above: Option<&PolicyAbove>) -> Fixed {
        let Some(above) = above else {
            return Fixed::default();
        };
        let policy = &above.policy;
        Fixed {
            allowed: [
                policy.fine_grained.allowed.is_some(),
                policy.classic.allowed.is_some(),
            ],
            approval: policy.fine_grained.approval_required.is_some(),
            days: above.lifetime_days_max,
            several_owners: policy.several_owners_allowed == Some(false),
            owners_need_approval: policy.owners_need_approval == Some(true),
            planting: policy.planting == Some(false),
            planting_open: policy.planting == Some(true),
        }
    }
}

impl Typed {
    /// Of what is set.
    pub fn of(policy: &Policy, place: &Place) -> Typed {
        Typed {
            fine_grained: KindTyped::of(&policy.fine_grained, place),
            classic: KindTyped::of(&policy.classic, place),
            several_owners: policy.several_owners_allowed != Some(false),
            owners_need_approval: policy.owners_need_approval == Some(true),
            planting: String::from(match policy.planting {
                Some(true) => "allow",
                Some(false) => "refuse",
                None => "",
            }),
        }
    }

    /// Of a form.
    pub fn read(form: &Query) -> Typed {
        Typed {
            fine_grained: KindTyped::read(form, "fine_grained"),
            classic: KindTyped::read(form, "classic"),
            several_owners: form.get("several_owners_allowed").is_some(),
            owners_need_approval: form.get("owners_need_approval").is_some(),
            planting: form.get("planting").unwrap_or_default().to_owned(),
        }
    }

    /// The policy to set; `set` gives what the form does not hold.
    pub fn policy(&self, set: &Policy, place: &Place, fixed: &Fixed) -> Result<Policy, Errors> {
        let mut errors = Errors::none();
        let mut policy = *set;
        let kinds = [
            ("fine_grained", &self.fine_grained, &mut policy.fine_grained),
            ("classic", &self.classic, &mut policy.classic),
        ];
        for (at, (name, typed, kind)) in kinds.into_iter().enumerate() {
            if !fixed.allowed.get(at).copied().unwrap_or(false) {
                kind.allowed = choice(&typed.allowed, "allow", "block", place);
            }
            if name == "fine_grained" && !fixed.approval {
                kind.approval_required = choice(&typed.approval, "required", "none", place);
            }
            typed.lifetime(name, kind, &mut errors);
        }
        if !fixed.several_owners {
            policy.several_owners_allowed = (!self.several_owners).then_some(false);
        }
        if !fixed.owners_need_approval {
            policy.owners_need_approval = self.owners_need_approval.then_some(true);
        }
        if !fixed.planting {
            policy.planting = match self.planting.as_str() {
                "allow" => Some(true),
                // Refused is what holds without a word: saying nothing stays saying nothing.
                "refuse" if set.planting.is_none() && !place.enterprise && !fixed.planting_open => None,
                "refuse" => Some(false),
                "free" => None,
                _ => set.planting,
            };
        }
        // What is set says at least something: the first visit's questions are answered by saving.
        if policy == Policy::default() && !place.enterprise {
            policy.several_owners_allowed = Some(true);
        }
        if errors.is_empty() {
            Ok(policy)
        } else {
            Err(errors)
        }
    }
}

impl KindTyped {
    fn of(policy: &KindPolicy, place: &Place) -> KindTyped {
        let absent =
            |at_organization: &str| String::from(if place.enterprise { "free" } else { at_organization });
        KindTyped {
            allowed: match policy.allowed {
                Some(true) => String::from("allow"),
                Some(false) => String::from("block"),
                None => absent("allow"),
            },
            approval: match policy.approval_required {
                Some(true) => String::from("required"),
                Some(false) => String::from("none"),
                None => absent("required"),
            },
            lifetime: String::from(match (policy.lifetime_days_max, policy.lifetime_unlimited) {
                (Some(_), _) => "days",
                (None, Some(true)) => "none",
                (None, _) => "default",
            }),
            days: policy
                .lifetime_days_max
                .map_or_else(String::new, |days| days.to_string()),
            exempt: policy.exempt_administrators == Some(true),
        }
    }

    fn read(form: &Query, name: &str) -> KindTyped {
        let value = |leaf: &str| {
            let text = form.get(&format!("{name}.{leaf}")).unwrap_or_default();
            text.trim().to_owned()
        };
        KindTyped {
            allowed: value("allowed"),
            approval: value("approval_required"),
            lifetime: value("lifetime"),
            days: value("lifetime_days_max"),
            exempt: form.get(&format!("{name}.exempt_administrators")).is_some(),
        }
    }

    fn lifetime(&self, name: &str, kind: &mut KindPolicy, errors: &mut Errors) {
        kind.lifetime_days_max = None;
        kind.lifetime_unlimited = None;
        kind.exempt_administrators = self.exempt.then_some(true);
        match self.lifetime.as_str() {
            "days" => match self.days.parse::<i64>() {
                Ok(days) => kind.lifetime_days_max = Some(days),
                Err(_) => errors.push(
                    &format!("{name}.lifetime_days_max"),
                    "Say how many days: a whole number from 1 to 366.",
                ),
            },
            "none" => kind.lifetime_unlimited = Some(true),
            _ => {}
        }
    }
}

/// Yes, no, or nothing said. An organization always says something; nothing sent is left to the default.
fn choice(typed: &str, yes: &str, no: &str, place: &Place) -> Option<bool> {
    match typed {
        "free" if place.enterprise => None,
        typed if typed == yes => Some(true),
        typed if typed == no => Some(false),
        _ => None,
    }
}
