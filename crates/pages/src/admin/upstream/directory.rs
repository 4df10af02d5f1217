//! How the directory of an upstream is synchronised: what is read now, what the last time changed, what stopped it, and
//! having it done at once.

use super::{page, path_of};
use crate::admin::typed;
use crate::done;
use crate::errors::Errors;
use crate::look::badge::{Hue, badge};
use crate::look::button::{Button, Tone, link, post};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Part, part};
use crate::look::icon::Icon;
use crate::look::table::{column, table};
use crate::look::{Markup, html, list, time};
use crate::visit::Visit;
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::synchronise::SynchronisationView;
use bailiwick_authority::upstream::synchronise::guard::Removals;
use bailiwick_authority::upstream::synchronise::state::{Changes, Progress, Stand, Synchronisation};
use bailiwick_authority::upstream::view::UpstreamView;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::Timestamp;

pub(super) fn register(routes: &mut Routes) {
    routes
        .on(op::WEB_ADMIN_UPSTREAM_SYNCHRONISATION, show)
        .on(op::WEB_ADMIN_UPSTREAM_SYNCHRONISE, synchronise);
}

/// How it stands, in a word; nothing where the directory is kept here.
pub(super) fn stand_badge(view: &UpstreamView, now: Timestamp) -> Option<Markup> {
    view.settings.facts_seconds_max?;
    let state = Synchronisation::read(view.row.synchronisation.as_deref());
    let stale = view.settings.is_stale(view.row.synchronised_at, now);
    Some(badge_of(&state, stale))
}

fn badge_of(state: &Synchronisation, stale: bool) -> Markup {
    match (state.last(), stale) {
        (Stand::Stopped, _) => badge(Hue::Red, "Synchronisation stopped"),
        (Stand::Never, _) => badge(Hue::Amber, "Never synchronised"),
        (_, true) => badge(Hue::Red, "Facts too old"),
        (Stand::Failed, _) => badge(Hue::Amber, "Synchronisation failed"),
        _ if !state.unread.is_empty() => badge(Hue::Amber, "Partly read"),
        (Stand::Done | Stand::Reading, _) => badge(Hue::Green, "Synchronised"),
    }
}

struct Page {
    visit: Visit,
    view: UpstreamView,
    shown: SynchronisationView,
    errors: Errors,
}

impl Page {
    fn of(call: &Call) -> Result<Page, Fault> {
        let name = call.request.parameter("upstream");
        Ok(Page {
            visit: Visit::of(call),
            view: call.authority.upstream_view(&call.permit, name)?,
            shown: call.authority.synchronisation(&call.permit, name)?,
            errors: Errors::none(),
        })
    }

    fn path(&self) -> String {
        format!("{}/synchronisation", path_of(&self.view.row.name))
    }

    fn draw(&self) -> Reply {
        let body = if self.shown.synchronised {
            self.synchronised()
        } else {
            let settings = format!("{}/settings", path_of(&self.view.row.name));
            list::empty(
                Icon::Shield,
                "The directory is kept here",
                &html! {
                    "People, organizations, repositories and roles are as they are set here. Say in the settings how old "
                    "facts may be, and they are read from the server instead."
                },
                &link("Settings", &settings, Tone::Primary),
            )
        };
        page(&self.visit, &self.view, &self.errors, &body)
    }

    fn synchronised(&self) -> Markup {
        let state = &self.shown.state;
        html! {
            (self.warnings())
            (part(
                &Part {
                    title: "Directory",
                    lede: html! { "People, organizations, repositories and roles, as the server says. Ids count, names follow." },
                    actions: self.now(),
                    ..Part::default()
                },
                &self.facts(),
            ))
            @if !state.unread.is_empty() { (self.unread()) }
            @if state.conflicts_total > 0 { (self.conflicts()) }
        }
    }

    /// The button; nothing while the upstream does not want to be asked.
    fn now(&self) -> Markup {
        let held = self.shown.state.not_before.filter(|at| self.visit.now < *at);
        html! {
            @if held.is_none() {
                (post(&self.path(), &self.visit.csrf, &[], &Button {
                    label: "Synchronise now", tone: Tone::Primary, ..Button::default()
                }))
            }
        }
    }

    fn warnings(&self) -> Markup {
        let state = &self.shown.state;
        html! {
            @if let (Stand::Stopped, Some(removals)) = (state.last(), &state.removals) {
                (self.stopped(removals))
            }
            @if self.shown.stale {
                (callout(Weight::Danger, "What is known is too old", &html! {
                    p { "Requests for what lives there are refused until a synchronisation succeeds." }
                }))
            }
            @if let Some(error) = &state.error {
                (callout(Weight::Warn, "The last synchronisation failed", &html! {
                    p { (error.message) }
                    p {
                        @if let Some(at) = state.not_before.filter(|at| self.visit.now < *at) {
                            "It is tried again after " (time::moment(at)) "; the server does not want to be asked before."
                        } @else if state.failures > 1 {
                            "It has failed " (state.failures) " times in a row, and is tried again, later each time."
                        } @else { "It is tried again." }
                    }
                }))
            }
        }
    }

    /// What an administrator has to look at, and can let pass.
    fn stopped(&self, removals: &Removals) -> Markup {
        let total = removals.total();
        let label = format!("Remove {total} and go on");
        callout(
            Weight::Danger,
            &format!("Stopped: it would remove {total} things at once"),
            &html! {
                p { (list::words(&words_of(removals).iter().map(String::as_str).collect::<Vec<_>>())) }
                p {
                    "Nothing of it is applied. Look at the server first: a wrong credential or a fault there can make it "
                    "look empty. Grants for what is removed end for good."
                }
                (post(&self.path(), &self.visit.csrf, &[("confirm_removals", &total.to_string())], &Button {
                    label: &label, tone: Tone::Danger, ..Button::default()
                }))
            },
        )
    }

    fn facts(&self) -> Markup {
        let (state, now) = (&self.shown.state, self.visit.now);
        let reading = state.state == Stand::Reading;
        let mut facts = vec![("State", badge_of(state, self.shown.stale))];
        if reading {
            facts.push((
                "Running",
                html! {
                    @if let Some(at) = state.started_at { "Since " (time::relative(at, now)) ": " }
                    @if state.progress.second_look { "looking a second time for what is missing" } @else { "reading" }
                },
            ));
        }
        facts.push((
            if reading { "Read so far" } else { "Read last" },
            read_words(&state.progress),
        ));
        facts.push((
            "Last success",
            html! {
                @match self.shown.synchronised_at {
                    Some(at) => (time::relative(at, now)),
                    None => "None yet",
                }
            },
        ));
        if let Some(at) = state.finished_at {
            let how = state.last().word();
            facts.push(("Last ended", html! { (time::relative(at, now)) ": " (how) }));
        }
        facts.push(("It changed", html! { (changes_words(&state.changes)) }));
        if state.unlinked > 0 {
            facts.push((
                "Not linked",
                html! {
                    (state.unlinked) " memberships, places and roles there are of people who are "
                    a href={ (path_of(&self.view.row.name)) "/links" } { "not linked" }
                },
            ));
        }
        if state.kept_here > 0 {
            facts.push((
                "Kept here",
                html! { (counted(state.kept_here, "member is", "members are")) " not linked, and left as set here" },
            ));
        }
        list::facts(&facts)
    }

    fn unread(&self) -> Markup {
        let now = self.visit.now;
        let rows: Vec<Vec<Markup>> = self
            .shown
            .state
            .unread
            .iter()
            .map(|one| {
                vec![
                    html! { bdi { (one.name) } },
                    html! {
                        @match one.read_at { Some(at) => (time::relative(at, now)), None => "Never" }
                    },
                    html! { (one.message) },
                ]
            })
            .collect();
        part(
            &Part {
                title: "Could not be read",
                lede: html! { "Nothing there changes. Once what is known of it is too old, requests for it are refused; for others they are not." },
                ..Part::default()
            },
            &table(
                "What could not be read",
                &[column("What"), column("Last read"), column("Why")],
                &rows,
            ),
        )
    }

    fn conflicts(&self) -> Markup {
        let state = &self.shown.state;
        let rows: Vec<Vec<Markup>> = state
            .conflicts
            .iter()
            .map(|one| vec![html! { bdi { (one.thing) } }, html! { (one.message) }])
            .collect();
        let left = state.conflicts_total.saturating_sub(rows.len());
        part(
            &Part {
                title: "Left out",
                lede: html! { "What could not be taken over, and why." },
                ..Part::default()
            },
            &html! {
                (table("What was left out", &[column("What"), column("Why")], &rows))
                @if left > 0 { p.hint { "And " (left) " more." } }
            },
        )
    }
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// What is counted, as far as there is any.
fn some_of(all: &[(usize, &str, &str)]) -> Vec<String> {
    all.iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| counted(*number, one, many))
        .collect()
}

fn words_of(removals: &Removals) -> Vec<String> {
    some_of(&[
        (removals.owners, "owner", "owners"),
        (removals.repositories, "repository", "repositories"),
        (removals.members, "membership", "memberships"),
        (removals.teams, "team", "teams"),
        (removals.collaborators, "collaborator", "collaborators"),
        (removals.links, "link", "links"),
    ])
}

fn read_words(progress: &Progress) -> Markup {
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let all = some_of(&[
        (number(progress.owners), "owner", "owners"),
        (number(progress.repositories), "repository", "repositories"),
        (number(progress.teams), "team", "teams"),
        (number(progress.persons), "person", "persons"),
        (number(progress.requests), "request", "requests"),
    ]);
    html! {
        @if all.is_empty() { "Nothing yet" } @else { (all.join(", ")) }
    }
}

fn changes_words(changes: &Changes) -> String {
    let all = some_of(&[
        (changes.repositories_created, "repository new", "repositories new"),
        (
            changes.repositories_updated,
            "repository changed",
            "repositories changed",
        ),
        (
            changes.repositories_transferred,
            "repository moved",
            "repositories moved",
        ),
        (
            changes.repositories_removed,
            "repository gone",
            "repositories gone",
        ),
        (changes.owners_updated, "owner changed", "owners changed"),
        (changes.members_set, "membership set", "memberships set"),
        (changes.members_removed, "membership ended", "memberships ended"),
        (changes.teams_created, "team new", "teams new"),
        (changes.teams_updated, "team changed", "teams changed"),
        (changes.teams_removed, "team gone", "teams gone"),
        (changes.collaborators_set, "role set", "roles set"),
        (changes.collaborators_removed, "role ended", "roles ended"),
        (changes.links_updated, "link changed", "links changed"),
    ]);
    if all.is_empty() {
        return String::from("Nothing");
    }
    all.join(", ")
}

fn show(call: Call) -> Answer {
    Ok(Page::of(&call)?.draw())
}

fn synchronise(call: Call) -> Answer {
    let mut page = Page::of(&call)?;
    let confirmed = typed(&call.request, "confirm_removals").parse().ok();
    let name = page.view.row.name.clone();
    match call.authority.synchronise_ask(call.permit, &name, confirmed) {
        Ok(_) => {
            let code = match confirmed {
                Some(_) => "synchronise-confirmed",
                None => "synchronise-asked",
            };
            Ok(Reply::see_other(&done::after(&page.path(), code)))
        }
        Err(fault) => {
            page.errors = Errors::of(fault)?;
            Ok(page.draw())
        }
    }
}
