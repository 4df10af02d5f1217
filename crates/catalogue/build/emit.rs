//! Prints the rows as Rust statics.

use crate::names::{AccountName, RepositoryName, names};
use crate::parse::{Operation, Permission, Scopes};
use crate::requirement::{Needs, Term};
use crate::template::{Shape, params, plain};
use crate::trie::Node;
use crate::words::{self, find};
use std::fmt::Write;

/// An id as the name of a constant.
pub fn constant(id: &str) -> String {
    id.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect()
}

fn rust(table: &'static [(&'static str, &'static str)], word: &str) -> &'static str {
    find(table, word).map_or("compile_error!(\"unknown word\")", |(_, rust)| rust)
}

/// The table of permissions and the constants of their ids.
pub fn permissions(out: &mut String, rows: &[Permission]) -> std::fmt::Result {
    writeln!(out, "pub static PERMISSIONS: [Permission; {}] = [", rows.len())?;
    for (id, row) in rows.iter().enumerate() {
        let levels: Vec<&str> = row
            .levels
            .iter()
            .map(|level| rust(words::LEVELS, level))
            .collect();
        writeln!(
            out,
            "Permission {{ id: PermissionId({id}), slug: {:?}, kind: {}, title: {:?}, levels: &[{}], description: {:?} }},",
            row.slug,
            rust(words::KINDS, row.kind),
            row.title,
            levels.join(", "),
            row.description
        )?;
    }
    writeln!(
        out,
        "];\n/// The ids of permissions by name.\npub mod perm {{\nuse bailiwick_model::PermissionId;"
    )?;
    for (id, row) in rows.iter().enumerate() {
        writeln!(
            out,
            "/// `{}`.\npub const {}: PermissionId = PermissionId({id});",
            row.slug,
            constant(&row.slug)
        )?;
    }
    writeln!(out, "}}")
}

/// The table of operations, their parameters, what their paths name, and the constants of their indices.
pub fn operations(out: &mut String, rows: &[Operation]) -> std::fmt::Result {
    let count = rows.len();
    writeln!(out, "pub static OPERATIONS: [Operation; {count}] = [")?;
    for (index, row) in rows.iter().enumerate() {
        let yes = |flag: bool| if flag { "true" } else { "false" };
        writeln!(
            out,
            "Operation {{ id: {:?}, index: OperationIndex({index}), door: {}, method: {:?}, path: {:?}, \
             requirement: {}, anonymous: {}, scopes: {}, \
             kinds: Kinds {{ fine_grained: {}, classic: {}, session: {} }}, \
             writes: {}, bulk: {}, sudo: {}, plants: {}, spans: {}, action: {:?}, why: {:?} }},",
            row.id,
            match row.door.as_str() {
                "git" => "Door::Git",
                "root" => "Door::Root",
                "page" => "Door::Page",
                "gitea" => "Door::Gitea",
                "registry" => "Door::Registry",
                _ => "Door::Api",
            },
            row.method,
            plain(&row.segments),
            requirement(&row.needs),
            match row.anonymous {
                "always" => "Anonymous::Always",
                "public" => "Anonymous::IfPublic",
                _ => "Anonymous::Never",
            },
            scopes(&row.scopes),
            yes(row.kinds.0),
            yes(row.kinds.1),
            yes(row.kinds.2),
            yes(row.writes),
            yes(row.bulk),
            yes(row.sudo),
            yes(row.plants),
            yes(row.spans),
            row.action,
            row.why,
        )?;
    }
    writeln!(out, "];\npub static PARAMS: [&[&str]; {count}] = [")?;
    for row in rows {
        writeln!(out, "&{:?},", params(&row.segments))?;
    }
    writeln!(out, "];\npub static NAMES: [Names; {count}] = [")?;
    for row in rows {
        writeln!(out, "{},", name_of(row))?;
    }
    let mut order: Vec<(&str, usize)> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| (row.id.as_str(), at))
        .collect();
    order.sort_unstable();
    writeln!(out, "];\npub static BY_ID: [(&str, u16); {count}] = {order:?};")?;
    writeln!(
        out,
        "/// The places of operations by name.\npub mod op {{\nuse crate::OperationIndex;"
    )?;
    for (index, row) in rows.iter().enumerate() {
        writeln!(
            out,
            "/// `{}`.\npub const {}: OperationIndex = OperationIndex({index});",
            row.id,
            constant(&row.id)
        )?;
    }
    writeln!(out, "}}")
}

fn requirement(needs: &Needs) -> String {
    match needs {
        Needs::Live => "Requirement::Live".into(),
        Needs::Closed => "Requirement::Closed".into(),
        Needs::AnyOf(alternatives) => {
            let sets: Vec<String> = alternatives
                .iter()
                .map(|terms| format!("&[{}]", terms.iter().map(term).collect::<Vec<_>>().join(", ")))
                .collect();
            format!("Requirement::AnyOf(&[{}])", sets.join(", "))
        }
    }
}

fn term(term: &Term) -> String {
    format!(
        "Term {{ target: {}, permission: PermissionId({}), level: {}, role: {}, author_role: {}, when: {} }}",
        rust(words::TARGETS, term.target),
        term.permission,
        rust(words::LEVELS, term.level),
        term.role,
        term.author.map_or("None".into(), |role| format!("Some({role})")),
        term.when
            .map_or("When::Always", |when| rust(words::CONDITIONS, when)),
    )
}

fn scopes(alternatives: &[Scopes]) -> String {
    let sets: Vec<String> = alternatives
        .iter()
        .map(|(set, public)| {
            let members: String = set
                .iter()
                .map(|word| format!(".with(Scope::{})", camel(word)))
                .collect();
            format!("ScopeAlternative {{ set: ScopeSet::EMPTY{members}, public_only: {public} }}")
        })
        .collect();
    format!("&[{}]", sets.join(", "))
}

fn camel(word: &str) -> String {
    word.split([':', '_'])
        .map(|part| {
            let mut chars = part.chars();
            chars.next().map_or(String::new(), |first| {
                first.to_ascii_uppercase().to_string() + chars.as_str()
            })
        })
        .collect()
}

fn name_of(row: &Operation) -> String {
    let names = names(&row.segments);
    let repository = match &names.repository {
        None => "None".into(),
        Some(RepositoryName::OwnerAndName(owner, name)) => {
            format!("Some(RepositoryName::OwnerAndName({owner:?}, {name:?}))")
        }
        Some(RepositoryName::Id(param)) => format!("Some(RepositoryName::Id({param:?}))"),
        Some(RepositoryName::Fixed(..)) => "compile_error!(\"fixed\")".into(),
    };
    let account = match &names.organization {
        None => "None".into(),
        Some(AccountName::Login(param)) => format!("Some(AccountName::Login({param:?}))"),
        Some(AccountName::Id(param)) => format!("Some(AccountName::Id({param:?}))"),
        Some(AccountName::Team(param)) => format!("Some(AccountName::Team({param:?}))"),
        Some(AccountName::Fixed(..)) => "compile_error!(\"fixed\")".into(),
    };
    let enterprise = &names.enterprise;
    format!("Names {{ repository: {repository}, organization: {account}, enterprise: {enterprise:?} }}")
}

/// The tree of one door.
pub fn tree(out: &mut String, name: &str, nodes: &[Node]) -> std::fmt::Result {
    writeln!(out, "pub static {name}: [Node; {}] = [", nodes.len())?;
    for node in nodes {
        let literals: Vec<String> = node
            .literals
            .iter()
            .map(|(text, next)| format!("({}, Cow::Borrowed(b{text:?}), {next})", prefix(text)))
            .collect();
        let params: Vec<String> = node
            .params
            .iter()
            .map(|(shape, next)| format!("({}, {next})", shape_of(shape)))
            .collect();
        let methods: Vec<String> = node
            .methods
            .iter()
            .map(|(method, index)| format!("({method}, OperationIndex({index}))"))
            .collect();
        writeln!(
            out,
            "Node {{ literals: Cow::Borrowed(&[{}]), params: Cow::Borrowed(&[{}]), methods: Cow::Borrowed(&[{}]) }},",
            literals.join(", "),
            params.join(", "),
            methods.join(", ")
        )?;
    }
    writeln!(out, "];")
}

/// As in the router: the first eight bytes as a number that sorts like them. No literal holds a zero byte.
fn prefix(text: &str) -> u64 {
    text.bytes()
        .chain(std::iter::repeat(0))
        .take(8)
        .fold(0, |key, byte| key << 8 | u64::from(byte))
}

fn shape_of(shape: &Shape) -> String {
    match shape {
        Shape::Choice(words) => {
            let words: Vec<String> = words
                .iter()
                .map(|word| format!("Cow::Borrowed({word:?})"))
                .collect();
            format!("Shape::Choice(Cow::Borrowed(&[{}]))", words.join(", "))
        }
        Shape::Number => "Shape::Number".into(),
        Shape::One => "Shape::One".into(),
        Shape::Slash => "Shape::Slash".into(),
        Shape::Tail => "Shape::Tail".into(),
        Shape::TailOrNothing => "Shape::TailOrNothing".into(),
    }
}
