//! The links to the pages before and after one of a list, with everything else that was asked kept.

use crate::look::Markup;
use crate::look::navigation::{Pages, pages};
use bailiwick_gate::{Page, Request, encode};

/// The address of this page with another number.
fn numbered(request: &Request, number: usize) -> String {
    let mut href = format!("{}?", request.uri.path());
    for (name, value) in request.query.pairs() {
        if name != "page" && name != "done" {
            href.push_str(&format!("{}={}&", encode(name), encode(value)));
        }
    }
    href.push_str(&format!("page={number}"));
    href
}

/// Links to the pages before and after in a list of so many; `what` is counted.
pub(crate) fn pager(request: &Request, total: usize, what: &str) -> Markup {
    let page = request.page();
    let end = page.offset().saturating_add(page.size).min(total);
    let told = format!("{}–{end} of {total} {what}", page.offset().saturating_add(1));
    links(request, page, end < total, &told)
}

/// The same where it is not known how many there are.
pub(crate) fn pager_more(request: &Request, more: bool) -> Markup {
    links(request, request.page(), more, "")
}

fn links(request: &Request, page: Page, more: bool, told: &str) -> Markup {
    let previous = if page.number > 1 {
        numbered(request, page.number - 1)
    } else {
        String::new()
    };
    let next = if more {
        numbered(request, page.number.saturating_add(1))
    } else {
        String::new()
    };
    pages(&Pages {
        page: page.number as u64,
        previous: &previous,
        next: &next,
        told,
    })
}
