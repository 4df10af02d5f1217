//! Cookies, guards and origins.

use super::{Bad, Browser, Cookies, Guard, check, cookie, form, is_visit, origin_of};
use crate::request::Query;
use bailiwick_upstream::{Fields, HeaderValue};
use http::{HeaderName, Method, header};
use zeroize::Zeroizing;

const BASE: &str = "http://127.0.0.1:8080";

fn headers(pairs: &[(&'static str, &str)]) -> Fields {
    let mut all = Fields::default();
    for (name, value) in pairs {
        all.append(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    all
}

fn guard(visit: &str, session: Option<&str>) -> String {
    Guard::of(visit, session).masked([7; 32]).to_string()
}

fn browser() -> Browser {
    Browser {
        guard: Guard::of("00", Some("secret")),
        csrf: Zeroizing::default(),
        visit: Zeroizing::new(String::from("00")),
        new_visit: None,
    }
}

fn with(pairs: &[(&'static str, &str)], body: &str) -> Result<(), &'static str> {
    let form = Query::parse(Some(body)).unwrap();
    check(&headers(pairs), &form, &browser(), BASE).map_err(|fault| fault.code)
}

#[test]
fn a_form_of_this_page_and_session_is_taken() {
    let body = format!("name=x&csrf={}", guard("00", Some("secret")));
    let own = [("sec-fetch-site", "same-origin"), ("origin", BASE)];
    assert_eq!(with(&own, &body), Ok(()));
    assert_eq!(with(&[("origin", BASE)], &body), Ok(()));
}

#[test]
fn no_two_pages_carry_the_same_text() {
    let guard = Guard::of("00", Some("secret"));
    let (one, other) = (guard.masked([1; 32]), guard.masked([2; 32]));
    assert!(one != other && guard.is(&one) && guard.is(&other));
    assert!(!format!("{guard:?}").contains(&one[64..]));
}

#[test]
fn forged_replayed_and_missing_guards_are_refused() {
    let good = guard("00", Some("secret"));
    let own = [("sec-fetch-site", "same-origin"), ("origin", BASE)];
    for body in [
        String::from("name=x"),
        String::from("csrf="),
        format!("csrf={}", guard("00", Some("other"))),
        format!("csrf={}", guard("01", Some("secret"))),
        format!("csrf={}", guard("00", None)),
        format!("csrf={good}&csrf={good}"),
        format!("csrf={}", &good[1..]),
        format!("csrf={}", &good[64..]),
        format!("csrf={good}00"),
        format!("csrf={}", good.replace('0', "g")),
    ] {
        assert_eq!(with(&own, &body), Err("form.stale"), "{body}");
    }
}

#[test]
fn forms_from_elsewhere_are_refused_whatever_they_hold() {
    let body = format!("csrf={}", guard("00", Some("secret")));
    for pairs in [
        &[][..],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "cross-site"), ("origin", BASE)],
        &[("sec-fetch-site", "same-site"), ("origin", BASE)],
        &[("sec-fetch-site", "none"), ("origin", BASE)],
        &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        &[
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://127.0.0.1:8081"),
        ],
        &[("origin", "http://127.0.0.1:8080.example.org")],
    ] {
        assert_eq!(with(pairs, &body), Err("form.other_site"), "{pairs:?}");
    }
}

#[test]
fn a_cookie_given_twice_is_no_cookie() {
    let both = headers(&[("cookie", "a=1; b=2"), ("cookie", "c=3; b=4")]);
    assert_eq!(cookie(&both, "a"), Ok(Some("1")));
    assert_eq!(cookie(&both, "b"), Err(Bad));
    assert_eq!(cookie(&both, "d"), Ok(None));
    // The cookies of others on the same host are no reason to overlook ours; what is no text is bad, not none.
    let mut mixed = Fields::default();
    let bytes = |bytes: &[u8]| HeaderValue::from_bytes(bytes).unwrap();
    mixed.insert(header::COOKIE, bytes(b"other=caf\xe9; a=1"));
    assert_eq!(cookie(&mixed, "a"), Ok(Some("1")));
    mixed.insert(header::COOKIE, bytes(b"a=caf\xe9"));
    assert_eq!(cookie(&mixed, "a"), Err(Bad));
    assert!(is_visit("0123456789abcdef0123456789abcdef"));
    assert!(!is_visit("0123456789abcdef0123456789abcde;"));
}

#[test]
fn cookies_are_host_only_and_unreadable() {
    let secure = Cookies::of("https://git.example.org");
    let set = secure.set(secure.session, "x");
    assert!(set.starts_with("__Host-") && set.ends_with("HttpOnly; SameSite=Lax; Secure"));
    assert!(!Cookies::of(BASE).set("a", "x").contains("Domain"));
    assert!(Cookies::of(BASE).remove("a").ends_with("Max-Age=0"));
}

#[test]
fn only_plain_forms_are_read() {
    let plain = headers(&[("content-type", "application/x-www-form-urlencoded; charset=UTF-8")]);
    let read = form(&Method::POST, &plain, b"a=1&a=2&b=%C3%A9+x").unwrap();
    assert_eq!(read.list("a"), ["1", "2"]);
    assert_eq!(read.get("b"), Some("\u{e9} x"));
    for (kind, body) in [
        ("text/plain", &b"a=1"[..]),
        ("multipart/form-data; boundary=x", b"a=1"),
        ("application/json", b"{}"),
        ("application/x-www-form-urlencoded", b"a=\xff"),
        ("application/x-www-form-urlencoded", b"a=%00"),
    ] {
        assert!(
            form(&Method::POST, &headers(&[("content-type", kind)]), body).is_err(),
            "{kind}"
        );
    }
    assert_eq!(
        origin_of("https://a.example:8443/prefix"),
        "https://a.example:8443"
    );
}
