//! What every page has around it: who looks, where they are, what was just done. Made from the decided request.

use crate::done;
use crate::look::Markup;
use crate::look::callout::{Flash, Weight};
use crate::look::navigation::{Group, Link, Side};
use crate::look::shell::{Shell, Viewer, page};
use bailiwick_authority::{Permit, rows::AccountKind};
use bailiwick_gate::{Call, Reply, Request};
use bailiwick_model::Timestamp;
use http::StatusCode;
use zeroize::Zeroizing;

/// Which settings a page belongs to.
#[derive(Clone, Copy, Debug, Default)]
pub enum Area<'a> {
    /// None.
    #[default]
    None,
    /// The person's own.
    Own,
    /// An organization's, by login.
    Organization(&'a str),
    /// An organization's, by login, for a member who decides nothing there.
    Membership(&'a str),
    /// An enterprise's, by slug.
    Enterprise(&'a str),
    /// The installation's.
    Administration,
}

/// The frame of one page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame<'a> {
    /// The page's title.
    pub title: &'a str,
    /// The settings that it belongs to.
    pub area: Area<'a>,
    /// Breadcrumbs before the page itself, as label and path; without any there are none.
    pub crumbs: &'a [(&'a str, &'a str)],
    /// The form on it was refused.
    pub invalid: bool,
}

/// Who looks at a page, and how. Taken from the call before the permit is used up.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The person's login; nobody is signed in.
    pub login: Option<String>,
    /// Whether they administer the installation.
    pub administrator: bool,
    /// The guard that each form on the page carries as `csrf`.
    pub csrf: Zeroizing<String>,
    /// The server's address as clients write it.
    pub base_url: String,
    /// The page's path.
    pub path: String,
    /// The instant of the request.
    pub now: Timestamp,
    done: Option<&'static str>,
}

impl Visit {
    /// From a decided request.
    pub fn of(call: &Call) -> Visit {
        Visit::from(&call.permit, &call.request)
    }

    /// From its parts.
    pub fn from(permit: &Permit, request: &Request) -> Visit {
        let person = permit
            .gathered()
            .principal_record()
            .filter(|record| record.row.kind == AccountKind::User);
        Visit {
            login: person.map(|record| record.row.login.clone()),
            administrator: person.is_some_and(|record| record.row.site_administrator),
            csrf: request.csrf.clone(),
            base_url: request.base_url.to_string(),
            path: request.uri.path().to_owned(),
            now: permit.now(),
            done: request.query.get("done").and_then(done::text),
        }
    }

    /// The page as an answer with 200.
    pub fn page(&self, frame: &Frame<'_>, main: &Markup) -> Reply {
        self.page_with(StatusCode::OK, frame, main)
    }

    /// The page as an answer.
    pub fn page_with(&self, status: StatusCode, frame: &Frame<'_>, main: &Markup) -> Reply {
        Reply::html(status, self.draw(frame, main).into_string())
    }

    fn draw(&self, frame: &Frame<'_>, main: &Markup) -> Markup {
        let menu = self.menu();
        let menu: Vec<Link<'_>> = menu.iter().map(|(label, href)| self.link(label, href)).collect();
        let bar: Vec<Link<'_>> = self
            .login
            .iter()
            .flat_map(|_| {
                [
                    ("Repositories", "/repositories"),
                    ("Organizations", "/organizations"),
                    ("Tokens", "/settings/personal-access-tokens"),
                ]
            })
            .chain([("Explain", "/explain"), ("Permissions", "/permissions")])
            .map(|(label, href)| self.link(label, href))
            .collect();
        let mut crumbs: Vec<Link<'_>> = frame
            .crumbs
            .iter()
            .map(|(label, href)| Link {
                label,
                href,
                ..Link::default()
            })
            .collect();
        if !crumbs.is_empty() {
            crumbs.push(Link {
                label: frame.title,
                current: true,
                ..Link::default()
            });
        }
        let flashes: Vec<Flash<'_>> = self
            .done
            .iter()
            .map(|text| Flash {
                weight: Weight::Good,
                text,
            })
            .collect();
        let area = areas(frame.area);
        // A page below another belongs to the nearest one that the side names.
        let nearest = area
            .iter()
            .flat_map(|area| &area.groups)
            .flat_map(|(_, links)| links)
            .map(|(_, href)| href.as_str())
            .filter(|href| is_below(&self.path, href))
            .max_by_key(|href| href.len());
        let groups: Vec<(&str, Vec<Link<'_>>)> = area
            .iter()
            .flat_map(|area| &area.groups)
            .map(|(title, links)| {
                let links = links
                    .iter()
                    .map(|(label, href)| Link {
                        current: nearest == Some(href.as_str()),
                        ..self.link(label, href)
                    })
                    .collect();
                (*title, links)
            })
            .collect();
        let groups: Vec<Group<'_>> = groups
            .iter()
            .map(|(title, links)| Group { title, links })
            .collect();
        let shell = Shell {
            title: frame.title,
            invalid: frame.invalid,
            viewer: self.login.as_deref().map(|login| Viewer {
                login,
                csrf: &self.csrf,
                menu: &menu,
            }),
            nav: &bar,
            crumbs: &crumbs,
            side: area.as_ref().map(|area| Side {
                title: match frame.area {
                    Area::Own => self.login.as_deref().unwrap_or("Settings"),
                    Area::Organization(name) | Area::Membership(name) | Area::Enterprise(name) => name,
                    Area::Administration | Area::None => "Administration",
                },
                kind: area.kind,
                organization: !matches!(frame.area, Area::Own),
                groups: &groups,
            }),
            flashes: &flashes,
        };
        page(&shell, main)
    }

    /// A link, marked where the page is it or lies below it.
    fn link<'a>(&self, label: &'a str, href: &'a str) -> Link<'a> {
        Link {
            label,
            href,
            current: self.path == href,
            count: None,
        }
    }

    fn menu(&self) -> Vec<(&'static str, String)> {
        let Some(login) = &self.login else {
            return Vec::new();
        };
        let mut menu = vec![
            ("Your profile", format!("/{login}")),
            ("Your repositories", String::from("/repositories")),
            ("Your organizations", String::from("/organizations")),
            (
                "Personal access tokens",
                String::from("/settings/personal-access-tokens"),
            ),
            ("Settings", String::from("/settings/security")),
        ];
        if self.administrator {
            menu.push(("Administration", String::from("/admin")));
        }
        menu
    }
}

/// Whether a path is a page or lies below it.
fn is_below(path: &str, page: &str) -> bool {
    path.strip_prefix(page)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The side navigation of an area.
struct Ways {
    kind: &'static str,
    groups: Vec<(&'static str, Vec<(&'static str, String)>)>,
}

fn areas(area: Area<'_>) -> Option<Ways> {
    let below = |base: &str, links: &[(&'static str, &str)]| {
        links
            .iter()
            .map(|(label, path)| (*label, format!("{base}{path}")))
            .collect::<Vec<_>>()
    };
    match area {
        Area::None => None,
        Area::Own => Some(Ways {
            kind: "Your settings",
            groups: vec![
                (
                    "Access",
                    below(
                        "/settings",
                        &[
                            ("Password and authentication", "/security"),
                            ("Sessions", "/sessions"),
                            ("Linked accounts", "/linked-accounts"),
                            ("Security log", "/security-log"),
                        ],
                    ),
                ),
                (
                    "Developer settings",
                    below(
                        "/settings",
                        &[
                            ("Fine-grained tokens", "/personal-access-tokens"),
                            ("Tokens (classic)", "/tokens"),
                            ("Planted credentials", "/planted-credentials"),
                        ],
                    ),
                ),
            ],
        }),
        Area::Membership(login) => {
            let mut ways = areas(Area::Organization(login))?;
            ways.groups.truncate(1);
            // Only owners are told who collaborates from outside.
            for (_, links) in &mut ways.groups {
                links.retain(|(_, href)| !href.ends_with("/outside-collaborators"));
            }
            Some(ways)
        }
        Area::Organization(login) => {
            let settings = format!("/organizations/{login}/settings");
            Some(Ways {
                kind: "Organization",
                groups: vec![
                    (
                        "Organization",
                        below(
                            &format!("/orgs/{login}"),
                            &[
                                ("Overview", ""),
                                ("Repositories", "/repositories"),
                                ("People", "/people"),
                                ("Outside collaborators", "/outside-collaborators"),
                                ("Teams", "/teams"),
                                ("Packages", "/packages"),
                            ],
                        ),
                    ),
                    (
                        "Personal access tokens",
                        below(
                            &settings,
                            &[
                                ("Pending requests", "/personal-access-token-requests"),
                                ("Active tokens", "/personal-access-tokens/active"),
                                ("Classic tokens", "/personal-access-tokens/classic"),
                                ("Policy", "/personal-access-tokens"),
                                ("Approvers and auditors", "/personal-access-token-roles"),
                                ("Service accounts", "/service-accounts"),
                                ("Planted credentials", "/planted-credentials"),
                                ("Incident", "/personal-access-tokens/incident"),
                            ],
                        ),
                    ),
                    ("Archive", below(&settings, &[("Audit log", "/audit-log")])),
                ],
            })
        }
        Area::Enterprise(slug) => Some(Ways {
            kind: "Enterprise",
            groups: vec![
                (
                    "Enterprise",
                    below(&format!("/enterprises/{slug}"), &[("Overview", "")]),
                ),
                (
                    "Personal access tokens",
                    below(
                        &format!("/enterprises/{slug}/settings"),
                        &[
                            ("Inventory", "/personal-access-tokens/inventory"),
                            ("Pending requests", "/personal-access-token-requests"),
                            ("Policies", "/personal-access-tokens"),
                            ("Incident", "/personal-access-tokens/incident"),
                        ],
                    ),
                ),
                (
                    "Archive",
                    below(
                        &format!("/enterprises/{slug}/settings"),
                        &[("Audit log", "/audit-log")],
                    ),
                ),
            ],
        }),
        Area::Administration => Some(Ways {
            kind: "Installation",
            groups: vec![(
                "Installation",
                below(
                    "/admin",
                    &[
                        ("People", ""),
                        ("Organizations", "/organizations"),
                        ("Enterprises", "/enterprises"),
                        ("Upstreams", "/upstreams"),
                        ("Checks", "/checks"),
                    ],
                ),
            )],
        }),
    }
}
