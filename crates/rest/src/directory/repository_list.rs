//! Lists of repositories.

use super::{page_since, since, word};
use crate::view::repository::{listed_repository, minimal_repository};
use bailiwick_authority::Fault;
use bailiwick_authority::directory::repository::{
    Affiliations, Cut, RepositoryKind, RepositoryList, RepositorySort, RepositoryView,
};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes, encode};
use bailiwick_model::{RepositoryId, Timestamp};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::REPOS_LIST_FOR_AUTHENTICATED_USER, own)
        .on(op::REPOS_LIST_FOR_ORG, of_organization)
        .on(op::REPOS_LIST_FOR_USER, of_user)
        .on(op::REPOS_LIST_PUBLIC, public)
        .on(op::REPOS_LIST_FORKS, forks);
}

fn sort(text: &str) -> Option<RepositorySort> {
    match text {
        "created" => Some(RepositorySort::Created),
        "updated" => Some(RepositorySort::Updated),
        "pushed" => Some(RepositorySort::Pushed),
        "full_name" => Some(RepositorySort::FullName),
        _ => None,
    }
}

/// Sorting and paging; by name lists ascend unless told otherwise, by time they descend.
fn order(request: &Request, kind: RepositoryKind, default: RepositorySort) -> Result<RepositoryList, Fault> {
    let sort = word(request, "sort", sort)?.unwrap_or(default);
    let ascending = word(request, "direction", |text| match text {
        "asc" => Some(true),
        "desc" => Some(false),
        _ => None,
    })?;
    let page = request.page();
    Ok(RepositoryList {
        kind,
        since: word(request, "since", Timestamp::parse)?,
        before: word(request, "before", Timestamp::parse)?,
        sort,
        ascending: ascending.unwrap_or(sort == RepositorySort::FullName),
        cut: Cut {
            offset: page.offset(),
            size: page.size,
        },
    })
}

fn answer(call: &Call, path: &str, (views, more): (Vec<RepositoryView>, bool)) -> Answer {
    let items = views
        .iter()
        .map(|view| listed_repository(&call.request.base_url, view))
        .collect();
    Ok(Reply::page(&call.request, path, call.request.page(), items, more))
}

const ALL: Affiliations = Affiliations {
    owner: true,
    collaborator: true,
    organization_member: true,
};
const NONE: Affiliations = Affiliations {
    owner: false,
    collaborator: false,
    organization_member: false,
};

fn own(call: Call) -> Answer {
    let query = &call.request.query;
    let by_type = query.get("type").is_some_and(|text| !text.is_empty());
    if by_type && (query.get("visibility").is_some() || query.get("affiliation").is_some()) {
        let message = "If you specify visibility or affiliation, you cannot specify type.";
        return Err(Fault::invalid("Query", "type", "invalid", message));
    }
    let (kind, affiliations) = if by_type {
        word(&call.request, "type", |text| match text {
            "all" => Some((RepositoryKind::All, ALL)),
            "owner" => Some((RepositoryKind::All, Affiliations { owner: true, ..NONE })),
            "public" => Some((RepositoryKind::Public, ALL)),
            "private" => Some((RepositoryKind::Private, ALL)),
            "member" => Some((RepositoryKind::All, Affiliations { owner: false, ..ALL })),
            _ => None,
        })?
        .unwrap_or((RepositoryKind::All, ALL))
    } else {
        let kind = word(&call.request, "visibility", |text| match text {
            "all" => Some(RepositoryKind::All),
            "public" => Some(RepositoryKind::Public),
            "private" => Some(RepositoryKind::Private),
            _ => None,
        })?;
        (kind.unwrap_or_default(), affiliations(&call.request)?)
    };
    let list = order(&call.request, kind, RepositorySort::FullName)?;
    let found = call
        .authority
        .own_repositories(&call.permit, affiliations, &list)?;
    answer(&call, "/api/v3/user/repos", found)
}

fn affiliations(request: &Request) -> Result<Affiliations, Fault> {
    let words = request.query.list("affiliation");
    if words.is_empty() {
        return Ok(ALL);
    }
    let mut chosen = NONE;
    for one in words {
        match one.trim() {
            "owner" => chosen.owner = true,
            "collaborator" => chosen.collaborator = true,
            "organization_member" => chosen.organization_member = true,
            _ => {
                let message = "use owner, collaborator and organization_member";
                return Err(Fault::invalid("Query", "affiliation", "invalid", message));
            }
        }
    }
    Ok(chosen)
}

fn of_organization(call: Call) -> Answer {
    let kind = word(&call.request, "type", |text| match text {
        "all" | "member" => Some(RepositoryKind::All),
        "public" => Some(RepositoryKind::Public),
        "private" => Some(RepositoryKind::Private),
        "internal" => Some(RepositoryKind::Internal),
        "forks" => Some(RepositoryKind::Forks),
        "sources" => Some(RepositoryKind::Sources),
        _ => None,
    })?;
    let list = order(&call.request, kind.unwrap_or_default(), RepositorySort::Created)?;
    let login = call.permit.owner()?.login.clone();
    let found = call.authority.repositories_of(&call.permit, &login, &list)?;
    answer(&call, &format!("/api/v3/orgs/{}/repos", encode(&login)), found)
}

fn of_user(call: Call) -> Answer {
    let kind = word(&call.request, "type", |text| match text {
        "all" | "owner" => Some(RepositoryKind::All),
        "member" => Some(RepositoryKind::Member),
        _ => None,
    })?;
    let list = order(&call.request, kind.unwrap_or_default(), RepositorySort::FullName)?;
    let login = call.request.parameter("username");
    let found = call.authority.repositories_of(&call.permit, login, &list)?;
    answer(&call, &format!("/api/v3/users/{}/repos", encode(login)), found)
}

fn forks(call: Call) -> Answer {
    let newest = word(&call.request, "sort", |text| match text {
        "newest" | "stargazers" | "watchers" => Some(false),
        "oldest" => Some(true),
        _ => None,
    })?;
    let page = call.request.page();
    let list = RepositoryList {
        kind: RepositoryKind::All,
        since: None,
        before: None,
        sort: RepositorySort::Created,
        ascending: newest.unwrap_or(false),
        cut: Cut {
            offset: page.offset(),
            size: page.size,
        },
    };
    let name = format!(
        "{}/{}",
        encode(call.request.parameter("owner")),
        encode(call.request.parameter("repo"))
    );
    let found = call.authority.forks(&call.permit, &list)?;
    answer(&call, &format!("/api/v3/repos/{name}/forks"), found)
}

fn public(call: Call) -> Answer {
    let size = call.request.page().size;
    let after = RepositoryId(since(&call.request));
    let (views, more) = call.authority.public_repositories(&call.permit, after, size)?;
    let last = views.last().filter(|_| more).map(|view| view.row.id.0);
    let base_url = &call.request.base_url;
    let items = views
        .iter()
        .map(|view| minimal_repository(base_url, &view.row, &view.owner, view.role))
        .collect();
    Ok(page_since(
        &call.request,
        "/api/v3/repositories",
        items,
        last,
        size,
    ))
}
