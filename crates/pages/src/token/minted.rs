//! The page after minting or regenerating: the secret, once, and how to use it.

use super::told::owner_name;
use super::{CLASSIC, PATH, path_of};
use crate::access::rights::Rights;
use crate::directory::package::host;
use crate::look::button::{Tone, link};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::list::facts;
use crate::look::{Markup, code, html, name, time};
use crate::visit::{Area, Frame, Visit};
use bailiwick_authority::token::view::OwnerView;
use bailiwick_authority::token::{GrantView, Minted, TokenView};
use bailiwick_gate::Reply;
use bailiwick_model::TokenKind;

/// The page. It is the answer to the POST itself: the secret is kept nowhere, so there is nothing to redirect to.
pub fn page(visit: &Visit, made: &Minted, title: &str) -> Reply {
    let view = &made.view;
    let (list, path) = if view.row.kind == TokenKind::Classic {
        (
            ("Tokens (classic)", CLASSIC),
            format!("{CLASSIC}/{}", view.row.id),
        )
    } else {
        (("Fine-grained tokens", PATH), path_of(view.row.id))
    };
    let main = html! {
        (heading(&Heading {
            title: html! { (title) ": " (name::name(&view.row.name)) },
            ..Heading::default()
        }))
        (code::secret(
            "secret",
            "Your token",
            made.secret.reveal(),
            "Copy it now. It is shown this once and stored nowhere: if you lose it, regenerate it.",
        ))
        (standing(view))
        (facts(&[
            ("Expires", match view.row.expires_at {
                Some(end) => html! { (time::date(end)) },
                None => html! { "Never. Delete it when you no longer need it." },
            }),
            ("Keep it", html! { "In a password manager, or as a secret of your CI. Never in a repository, an image or a chat." }),
        ]))
        (part(&Part { title: "Use it", lede: html! { "The commands read the token from the environment, so that it is in no history and no file." }, ..Part::default() }, &commands(visit, view)))
        div.buttons {
            (link("View this token", &path, Tone::Primary))
            (link("All tokens", list.1, Tone::Plain))
        }
    };
    visit.page(
        &Frame {
            title,
            area: Area::Own,
            crumbs: &[list],
            ..Frame::default()
        },
        &main,
    )
}

/// What works at once and what waits for whom.
fn standing(view: &TokenView) -> Markup {
    if view.row.kind == TokenKind::Classic {
        return callout(
            Weight::Good,
            "Ready to use",
            &html! { p { "It works at once wherever you have access and the owner allows classic tokens." } },
        );
    }
    let (pending, others): (Vec<&GrantView>, Vec<&GrantView>) =
        view.grants.iter().partition(|grant| grant.is_pending());
    let active: Vec<&GrantView> = others.into_iter().filter(|grant| grant.row.active).collect();
    html! {
        @if !active.is_empty() {
            (callout(Weight::Good, "Ready to use", &html! {
                @for grant in &active {
                    p { "At " (name::name(owner_name(&grant.owner).0)) ": " (super::told::short(&Rights::held(grant))) "." }
                }
            }))
        }
        @if view.grants.is_empty() {
            (callout(Weight::Info, "It reads public resources only", &html! { p { "No resource owner was chosen. Edit the token to add one." } }))
        }
        @if !pending.is_empty() {
            (callout(Weight::Warn, "Waiting for approval", &html! {
                @for grant in &pending {
                    @let (owner, _, organization) = owner_name(&grant.owner);
                    p {
                        "The owners of " (name::name(owner)) " decide"
                        @if organization { ", or whom they made token approvers" }
                        ". Until then it reads only what is public there"
                        @if grant.row.active { ", and keeps what was approved before" }
                        ". You see their answer on the token's page."
                    }
                }
            }))
        }
    }
}

/// A repository that the token is for, to make the examples fit.
fn example(view: &TokenView) -> String {
    view.grants
        .iter()
        .flat_map(|grant| {
            grant
                .repositories
                .iter()
                .chain(grant.request.iter().flat_map(|request| &request.repositories))
        })
        .map(|repository| repository.full_name())
        .next()
        .or_else(|| {
            view.grants
                .first()
                .map(|grant| format!("{}/REPOSITORY", owner_name(&grant.owner).0))
        })
        .unwrap_or_else(|| String::from("OWNER/REPOSITORY"))
}

fn commands(visit: &Visit, view: &TokenView) -> Markup {
    let base = &visit.base_url;
    let repository = example(view);
    let shell = "read -rs BAILIWICK_TOKEN && export BAILIWICK_TOKEN   # paste the token, then Enter";
    // Kept in the clone's configuration: where the token is read from, never the token.
    let clone = format!(
        "git clone -c credential.helper= \\\n    -c credential.helper='!f() {{ echo username=x-access-token; echo \"password=$BAILIWICK_TOKEN\"; }}; f' \\\n    {base}/{repository}.git"
    );
    let curl = format!("curl -H \"Authorization: Bearer $BAILIWICK_TOKEN\" {base}/api/v3/repos/{repository}");
    let ci = format!(
        "# Store the token as the secret BAILIWICK_TOKEN of your CI, then:\nenv:\n  BAILIWICK_TOKEN: ${{{{ secrets.BAILIWICK_TOKEN }}}}\nrun: |\n  {}",
        clone.replace('\n', "\n  ")
    );
    let contents = view.grants.iter().any(|grant| holds(grant, "contents"));
    let packages = owners_of_packages(view);
    let docker = format!(
        "echo \"$BAILIWICK_TOKEN\" | docker login {} -u {} --password-stdin",
        host(base),
        visit.login.as_deref().unwrap_or("token")
    );
    html! {
        (code::block("use-shell", "In your shell", shell))
        @if contents { (code::block("use-git", "Git", &clone)) }
        (code::block("use-curl", "curl", &curl))
        @if contents { (code::block("use-ci", "CI", &ci)) }
        @if !packages.is_empty() {
            (code::block("use-docker", "Container images, where this server has a registry of them", &docker))
            p {
                "The commands for npm, pip, Maven and NuGet stand with each package:"
                @for (login, path) in &packages { " " a href=(path) { "packages of " (name::name(login)) } }
                "."
            }
        }
    }
}

/// Whether a grant has a permission, or asks for it.
fn holds(grant: &GrantView, permission: &str) -> bool {
    let asked = grant.request.iter().map(Rights::asked);
    std::iter::once(Rights::held(grant))
        .chain(asked)
        .any(|rights| rights.permissions.contains_key(permission))
}

/// The owners whose packages the token is for, with the path of their packages.
fn owners_of_packages(view: &TokenView) -> Vec<(&str, String)> {
    let of_packages = |grant: &&GrantView| holds(grant, "packages") || holds(grant, "organization_packages");
    view.grants
        .iter()
        .filter(of_packages)
        .filter_map(|grant| match &grant.owner {
            OwnerView::Account(_, login, "Organization") => {
                Some((login.as_str(), format!("/orgs/{login}/packages")))
            }
            OwnerView::Account(_, login, _) => Some((login.as_str(), format!("/users/{login}/packages"))),
            OwnerView::Enterprise(..) => None,
        })
        .collect()
}
