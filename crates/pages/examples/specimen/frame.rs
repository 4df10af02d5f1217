//! The top bar, the side navigation and the instant that every mock page shares.

use bailiwick_model::Timestamp;
use bailiwick_pages::look::Markup;
use bailiwick_pages::look::callout::Flash;
use bailiwick_pages::look::navigation::{Group, Link, Side};
use bailiwick_pages::look::shell::{self, Shell, Viewer};

/// The present of the mock pages.
pub const NOW: Timestamp = Timestamp(1_795_242_208_000_000);

pub const fn link<'a>(label: &'a str, current: bool) -> Link<'a> {
    Link {
        label,
        href: "#",
        current,
        count: None,
    }
}

/// A page of the person's own settings.
pub fn mine(title: &str, invalid: bool, flashes: &[Flash<'_>], main: &Markup) -> Markup {
    let personal = [
        link("Profile", false),
        link("Security", false),
        link("Sessions", false),
        link("Security log", false),
    ];
    let developer = [
        Link {
            count: Some(7),
            ..link("Fine-grained tokens", true)
        },
        Link {
            count: Some(2),
            ..link("Tokens (classic)", false)
        },
    ];
    let groups = [
        Group {
            title: "Account",
            links: &personal,
        },
        Group {
            title: "Developer settings",
            links: &developer,
        },
    ];
    let side = Side {
        title: "alice",
        kind: "Your settings",
        organization: false,
        groups: &groups,
    };
    whole(
        title,
        invalid,
        flashes,
        side,
        &[link("Settings", false), link(title, true)],
        main,
    )
}

/// A page of an organization's settings.
pub fn organization(title: &str, main: &Markup) -> Markup {
    let general = [
        link("Overview", false),
        link("People", false),
        link("Teams", false),
        link("Repositories", false),
    ];
    let tokens = [
        link("Policy", false),
        Link {
            count: Some(4),
            ..link("Pending requests", title == "Pending requests")
        },
        link("Active tokens", false),
        link("Classic tokens", false),
    ];
    let records = [link("Audit log", title == "Audit log")];
    let groups = [
        Group {
            title: "Organization",
            links: &general,
        },
        Group {
            title: "Personal access tokens",
            links: &tokens,
        },
        Group {
            title: "Records",
            links: &records,
        },
    ];
    let side = Side {
        title: "acme",
        kind: "Organization settings",
        organization: true,
        groups: &groups,
    };
    whole(
        title,
        false,
        &[],
        side,
        &[link("acme", false), link("Settings", false), link(title, true)],
        main,
    )
}

fn whole(
    title: &str,
    invalid: bool,
    flashes: &[Flash<'_>],
    side: Side<'_>,
    crumbs: &[Link<'_>],
    main: &Markup,
) -> Markup {
    let nav = [
        link("Repositories", false),
        link("Organizations", false),
        link("Explain", false),
        link("Permissions", false),
    ];
    let menu = [
        link("Your tokens", false),
        link("Security", false),
        link("Sessions", false),
        link("Administration", false),
    ];
    let viewer = Viewer {
        login: "alice",
        csrf: "token",
        menu: &menu,
    };
    let shell = Shell {
        title,
        invalid,
        viewer: Some(viewer),
        nav: &nav,
        crumbs,
        side: Some(side),
        flashes,
    };
    shell::page(&shell, main)
}
