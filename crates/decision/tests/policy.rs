//! Inheritance: an organization never loosens what its enterprise set.

use bailiwick_decision::policy::{default_policy, resolve};
use bailiwick_model::limit::TOKEN_LIFETIME_DAYS_MAX;
use bailiwick_model::policy::SetBy;
use bailiwick_model::{KindPolicy, Policy, ResolvedKindPolicy, ResolvedPolicy};
use proptest::option;
use proptest::prelude::*;

fn kind() -> impl Strategy<Value = KindPolicy> {
    let yes_or_no = || option::of(any::<bool>());
    (
        yes_or_no(),
        yes_or_no(),
        option::of(1..=400_i64),
        yes_or_no(),
        yes_or_no(),
    )
        .prop_map(
            |(allowed, approval_required, lifetime_days_max, lifetime_unlimited, exempt_administrators)| {
                KindPolicy {
                    allowed,
                    approval_required,
                    lifetime_days_max,
                    lifetime_unlimited,
                    exempt_administrators,
                }
            },
        )
}

fn policy() -> impl Strategy<Value = Policy> {
    (
        kind(),
        kind(),
        option::of(any::<bool>()),
        option::of(any::<bool>()),
        option::of(any::<bool>()),
    )
        .prop_map(
            |(fine_grained, classic, several_owners_allowed, owners_need_approval, planting)| Policy {
                fine_grained,
                classic,
                several_owners_allowed,
                owners_need_approval,
                planting,
                ..Policy::default()
            },
        )
}

/// `None` is longest.
fn days(limit: Option<i64>) -> i64 {
    limit.unwrap_or(i64::MAX)
}

/// Whether `one` is at most as loose as `other` in everything that the enterprise of `other` spoke of.
fn kind_within(one: &ResolvedKindPolicy, other: &ResolvedKindPolicy, set: &KindPolicy) -> bool {
    let spoke_of_lifetime = set.lifetime_days_max.is_some() || set.lifetime_unlimited == Some(false);
    (set.allowed.is_none() || one.allowed <= other.allowed)
        && (set.approval_required.is_none() || one.approval_required >= other.approval_required)
        && (!spoke_of_lifetime || days(one.lifetime_days_max) <= days(other.lifetime_days_max))
        // Whoever is exempt from a limit is exempt from the enterprise's too: only the enterprise may say so, and
        // then only for its own owners.
        && (!spoke_of_lifetime
            || other.lifetime_days_max.is_none()
            || !one.exempt_administrators
            || other.exempt_administrators && one.lifetime_by == SetBy::Enterprise)
}

fn within(one: &ResolvedPolicy, other: &ResolvedPolicy, set: &Policy) -> bool {
    kind_within(&one.fine_grained, &other.fine_grained, &set.fine_grained)
        && kind_within(&one.classic, &other.classic, &set.classic)
        && (set.several_owners_allowed.is_none()
            || one.several_owners_allowed <= other.several_owners_allowed)
        && (set.owners_need_approval.is_none() || one.owners_need_approval >= other.owners_need_approval)
        && (set.planting.is_none() || one.planting <= other.planting)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn an_organization_never_loosens_what_its_enterprise_set(enterprise in policy(), own in policy()) {
        let alone = resolve(Some(&enterprise), None);
        let both = resolve(Some(&enterprise), Some(&own));
        prop_assert!(within(&both, &alone, &enterprise), "{alone:#?} {both:#?}");
    }

    #[test]
    fn what_the_enterprise_leaves_open_is_the_organizations_own(own in policy()) {
        prop_assert_eq!(resolve(Some(&Policy::default()), Some(&own)), resolve(None, Some(&own)));
        prop_assert_eq!(resolve(Some(&own), None).fine_grained.allowed, own.fine_grained.allowed.unwrap_or(true));
    }

    #[test]
    fn whoever_set_a_value_is_named(enterprise in policy(), own in policy()) {
        let both = resolve(Some(&enterprise), Some(&own)).fine_grained;
        let (above, below) = (enterprise.fine_grained, own.fine_grained);
        let by = |above: Option<bool>, below: Option<bool>| match (above, below) {
            (Some(_), _) => SetBy::Enterprise,
            (None, Some(_)) => SetBy::Organization,
            (None, None) => SetBy::Default,
        };
        prop_assert_eq!(both.allowed_by, by(above.allowed, below.allowed));
        prop_assert_eq!(both.approval_by, by(above.approval_required, below.approval_required));
        let source = match both.lifetime_by {
            SetBy::Enterprise => above,
            SetBy::Organization => below,
            SetBy::Default => KindPolicy { lifetime_days_max: Some(TOKEN_LIFETIME_DAYS_MAX), ..KindPolicy::default() },
        };
        let lifted = source.lifetime_unlimited == Some(true) && both.lifetime_days_max.is_none();
        let by_refusal = source.lifetime_unlimited == Some(false) && both.lifetime_days_max == Some(TOKEN_LIFETIME_DAYS_MAX);
        prop_assert!(lifted || by_refusal || both.lifetime_days_max == source.lifetime_days_max);
    }
}

#[test]
fn the_defaults_are_githubs() {
    let policy = default_policy();
    assert!(policy.fine_grained.allowed && policy.classic.allowed && policy.fine_grained.approval_required);
    assert_eq!(policy.fine_grained.lifetime_days_max, Some(366));
    assert_eq!(policy.classic.lifetime_days_max, None);
    assert!(policy.several_owners_allowed && !policy.owners_need_approval);
}

#[test]
fn planting_is_refused_until_somebody_opens_it_and_nobody_above_forbids_it() {
    let set = |planting| Policy {
        planting,
        ..Policy::default()
    };
    for (enterprise, own, expected) in [
        (None, None, (false, SetBy::Default)),
        (None, Some(true), (true, SetBy::Organization)),
        (None, Some(false), (false, SetBy::Organization)),
        (Some(true), None, (true, SetBy::Enterprise)),
        (Some(true), Some(true), (true, SetBy::Organization)),
        (Some(true), Some(false), (false, SetBy::Organization)),
        (Some(false), None, (false, SetBy::Enterprise)),
        (Some(false), Some(true), (false, SetBy::Enterprise)),
        (Some(false), Some(false), (false, SetBy::Enterprise)),
    ] {
        let holds = resolve(Some(&set(enterprise)), Some(&set(own)));
        assert_eq!(
            (holds.planting, holds.planting_by),
            expected,
            "{enterprise:?} {own:?}"
        );
    }
    assert!(!default_policy().planting);
}

#[test]
fn an_enterprise_that_keeps_the_default_limit_keeps_it_for_all() {
    let keep = KindPolicy {
        lifetime_unlimited: Some(false),
        ..KindPolicy::default()
    };
    let lift = KindPolicy {
        lifetime_unlimited: Some(true),
        exempt_administrators: Some(true),
        ..KindPolicy::default()
    };
    let enterprise = Policy {
        fine_grained: keep,
        ..Policy::default()
    };
    let own = Policy {
        fine_grained: lift,
        ..Policy::default()
    };
    assert_eq!(
        resolve(Some(&enterprise), Some(&own))
            .fine_grained
            .lifetime_days_max,
        Some(366)
    );
    assert_eq!(resolve(None, Some(&own)).fine_grained.lifetime_days_max, None);
}

#[test]
fn an_exemption_below_does_not_reach_the_limit_above() {
    let limit = |days, exempt| KindPolicy {
        lifetime_days_max: Some(days),
        exempt_administrators: Some(exempt),
        ..KindPolicy::default()
    };
    let enterprise = Policy {
        classic: limit(90, true),
        ..Policy::default()
    };
    let own = Policy {
        classic: limit(30, true),
        ..Policy::default()
    };
    let both = resolve(Some(&enterprise), Some(&own)).classic;
    assert_eq!(
        (both.lifetime_days_max, both.exempt_administrators),
        (Some(30), false)
    );
    let alone = resolve(None, Some(&own)).classic;
    assert_eq!(
        (alone.lifetime_days_max, alone.exempt_administrators),
        (Some(30), true)
    );
}
