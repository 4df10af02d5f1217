//! Arrival: the stages that read a request, from its path to the names in it. Nothing is looked up yet.

use crate::classify::classify;
use crate::message::Received;
use crate::page;
use crate::passage::Passage;
use crate::pipeline::Gate;
use crate::{identify, intake, registry};
use bailiwick_authority::{Caller, Fault, Names, Presented};
use bailiwick_catalogue::Door;
use bailiwick_upstream::Fields;
use http::Method;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A request as it was read, before anything is looked up.
pub(crate) struct Arrived {
    pub passage: Box<Passage>,
    pub presented: Presented,
    /// What it names, or why that cannot be told.
    pub names: Result<Arc<Names>, Fault>,
    /// What a client of images is told of tokens.
    pub challenge: Option<String>,
    /// The visit that begins with the answer.
    pub visit: Option<String>,
}

impl Gate {
    /// Everything that is read of a request before anything is looked up.
    pub(crate) async fn arrive(&self, caller: &Caller, request: Received) -> Arrived {
        let Received { mut head, body } = request;
        let method = if head.method == Method::HEAD {
            "GET"
        } else {
            head.method.as_str()
        };
        // Which carriers count depends on the door, so the path is read first.
        let intent = classify(method, head.uri.path(), head.uri.query(), self.mounts());
        let door = intent.door();
        let protocol = intent.protocol(caller.asked_by.is_some());
        crate::api_key::take(&mut head.headers, protocol);
        let read = registry::read_form(&intent, body).await;
        let identified = identify::identify(
            &self.authority,
            (door, protocol),
            &head.headers,
            head.uri.query(),
            self.cookies(),
            read.form,
        );
        let browser = (door == Door::Page && caller.asked_by.is_none())
            .then(|| self.browser(&head.headers, identified.session.as_deref().map(String::as_str)));
        identify::strip(&mut head.headers);
        // In a box: it goes from stage to stage.
        let mut passage = Box::new(Passage {
            protocol,
            door,
            foreign: identified.foreign,
            body: read.body,
            by_cookie: identified.by_cookie,
            asked_by: caller.asked_by.clone(),
            ..Passage::unread(head, self.settings.base_url.clone())
        });
        if let Some(browser) = &browser {
            passage.request.csrf.clone_from(&browser.csrf);
            passage.request.visit.clone_from(&browser.visit);
        }
        let taken = intake::take(&mut passage, intent, browser.as_ref(), &self.settings.base_url).await;
        let mut names = read.fault.map_or(taken, Err);
        let brought = (identified.presented, identified.narrowed.is_some());
        if let Ok(names) = &mut names
            && identified.narrowed.is_some()
        {
            Arc::make_mut(names).narrowed = identified.narrowed;
        }
        let cacheable = passage
            .operation
            .is_some_and(|operation| operation.id == "web/asset");
        Arrived {
            presented: identified.presented,
            names,
            challenge: registry::challenge(&self.settings.base_url, &passage, brought),
            visit: browser
                .and_then(|browser| browser.new_visit)
                .filter(|_| !cacheable),
            passage,
        }
    }

    /// What a page needs to know of the browser: the guard of its forms, and a visit where it has none.
    fn browser(&self, headers: &Fields, session: Option<&str>) -> page::Browser {
        let kept = page::cookie(headers, self.cookies().visit).ok().flatten();
        let kept = kept.filter(|visit| page::is_visit(visit));
        let visit = Zeroizing::new(kept.map_or_else(
            || {
                let mut bytes = [0_u8; page::VISIT_BYTES];
                self.authority.fill_random(&mut bytes);
                page::hex(&bytes)
            },
            str::to_owned,
        ));
        let guard = page::Guard::of(&visit, session);
        page::Browser {
            csrf: page::masked(&self.authority, &guard),
            guard,
            new_visit: kept.is_none().then(|| visit.to_string()),
            visit,
        }
    }
}
