//! The reasons of the decision in words for people, by their stable codes. What a code means is the decision's
//! business; here is only how it is said.

/// What stopped a request: a headline and what it means. `place` is what it was about.
pub fn told(reason: &str, place: &str) -> (&'static str, String) {
    let place = if place.is_empty() { "its owner" } else { place };
    match reason {
        "credential.unknown" => (
            "There is no such token",
            "Nothing here knows this credential.".into(),
        ),
        "token.revoked" => (
            "The token was revoked",
            "It opens nothing any more. Make a new one.".into(),
        ),
        "token.expired" => (
            "The token has expired",
            "Regenerate it to go on with the same permissions, or make a new one.".into(),
        ),
        "session.ended" => ("The session is over", "Sign in again.".into()),
        "principal.inactive" => (
            "The account is suspended",
            "Every credential of a suspended account is refused. An administrator can lift that.".into(),
        ),
        "operation.unmapped" => (
            "There is no such request",
            "Nothing on this server answers to that method and path. Check both for a slip.".into(),
        ),
        "operation.closed" => (
            "No credential opens this request here",
            "It is known, and refused to everybody.".into(),
        ),
        "operation.kind_not_accepted" => (
            "Not with this kind of credential",
            "The request is open to other kinds: see below which.".into(),
        ),
        "session.sudo_required" => (
            "It needs your password again",
            "In a browser you would be asked to prove that it is you, and then it goes on.".into(),
        ),
        "credential.required" => ("It needs a credential", "Visitors may not do this.".into()),
        "target.missing" => (
            "Something that it names does not exist",
            "Check the names in the request.".into(),
        ),
        "package.unowned" => (
            "Nobody owns a package of this name, or it is hidden",
            "A site administrator can link the name to its owner or repository. A token needs an approved grant there."
                .into(),
        ),
        "grant.missing" => (
            "The token has no access there",
            format!("It was never granted anything at {place}."),
        ),
        "grant.inactive" => (
            "The access is not in force",
            format!("What the token asked for at {place} is not approved yet, was denied, or was revoked."),
        ),
        "policy.kind_blocked" => (
            "This kind of token is blocked",
            format!(
                "The policy at {place} does not accept it. Its owners can change that, or use another kind."
            ),
        ),
        "policy.lifetime" => (
            "The token lives too long",
            format!(
                "The policy at {place} accepts shorter lifetimes only. Regenerate the token with an earlier end."
            ),
        ),
        "policy.several_owners" => (
            "The token is for several owners",
            format!(
                "The policy at {place} accepts tokens of a single resource owner. Make one for it alone."
            ),
        ),
        "policy.planting" => (
            "No token may make this there",
            format!(
                "It makes something that can itself authenticate, and {place} has not allowed tokens to do that. Its owner can, or a person does it by hand."
            ),
        ),
        "selection.not_selected" => (
            "The repository is not selected",
            format!("The token has access to other repositories there, {place} is not among them."),
        ),
        "level.too_low" => (
            "The permission does not go far enough",
            format!("The token is approved at {place}, but at a lower level or without this permission."),
        ),
        "scope.missing" => (
            "The scope is missing",
            "None of the classic token's scopes covers this request.".into(),
        ),
        "role.too_low" => (
            "The person behind it could not do it",
            format!("A token never does more than its person, whose role at {place} is too low."),
        ),
        "repository.archived" => (
            "The repository is archived",
            "It can only be read until it is taken out of the archive.".into(),
        ),
        "rate.exceeded" => (
            "The hour's requests are used up",
            "Wait until the limit is reset.".into(),
        ),
        "limits.registry_scope" => (
            "It was handed out for less",
            "Ask the registry's token address for one whose scope holds this.".into(),
        ),
        _ => ("Refused", String::new()),
    }
}

/// What is missing of one term, beside its name.
pub fn lacking(reason: &str) -> &'static str {
    match reason {
        "grant.missing" => "No access granted there",
        "grant.inactive" => "Not approved, or revoked",
        "policy.kind_blocked" => "Kind of token blocked there",
        "policy.lifetime" => "Token lives too long",
        "policy.several_owners" => "Single-owner tokens only",
        "policy.planting" => "Planting not allowed there",
        "selection.not_selected" => "Repository not selected",
        "level.too_low" => "Level too low",
        "scope.missing" => "Scope missing",
        "role.too_low" => "Person's role too low",
        "repository.archived" => "Archived",
        "target.missing" => "Does not exist",
        "operation.kind_not_accepted" => "Wrong kind of credential",
        _ => "Missing",
    }
}
