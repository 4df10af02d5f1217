//! Mistakes in the data files are faults with their place.

use crate::{parse, same, trie};

const PERMISSIONS: &str = "\
contents repository read,write
  title Contents
  says Files.

workflows repository write
  title Workflows
  says Workflow files.

members organization read,write
  title Members
  says People.
";

fn fault(text: &str) -> String {
    let permissions = parse::permissions("p", PERMISSIONS).unwrap();
    parse::operations("o", text, &permissions)
        .map(|_| ())
        .unwrap_err()
        .to_string()
}

fn rows(text: &str) -> Vec<parse::Operation> {
    let permissions = parse::permissions("p", PERMISSIONS).unwrap();
    parse::operations("o", text, &permissions).unwrap()
}

const GOOD: &str = "\
# A comment.
a/b  GET /repos/{owner}/{repo}/x
  needs contents:read
  role repository:read
";

#[test]
fn the_smallest_row() {
    let rows = rows(GOOD);
    assert_eq!(rows[0].id, "a/b");
    assert_eq!(rows[0].kinds, (true, false, true));
    assert!(!rows[0].writes && rows[0].scopes.is_empty());
}

#[test]
fn every_mistake_names_its_line() {
    let head = "a/b  GET /repos/{owner}/{repo}/x\n";
    let cases = [
        ("  needs contents:read\n", "which role at `repository`?"),
        (
            "  needs contents:admin\n  role repository:read\n",
            "`contents` does not offer `admin`",
        ),
        (
            "  needs content:read\n  role repository:read\n",
            "no permission `content`",
        ),
        (
            "  needs contents:read?maybe\n  role repository:read\n",
            "no condition `maybe`",
        ),
        (
            "  needs members:read\n  role organization:king\n",
            "no role `king` at `organization`",
        ),
        (
            "  needs enterprise.members:read\n  role enterprise:owner\n",
            "the path names no enterprise",
        ),
        ("  needs nowhere.members:read\n", "no target `nowhere`"),
        (
            "  needs contents:read + workflows:write\n  role repository:read\n",
            "a decision by hand says `why`",
        ),
        ("  needs live\n", "a decision by hand says `why`"),
        ("  needs closed\n", "a decision by hand says `why`"),
        (
            "  needs contents:read |  | contents:read\n  role repository:read\n",
            "is not `permission:level`",
        ),
        ("  needs \n", "is not `permission:level`"),
        (
            "  needs contents:read\n  role repository:read\n  role repository:read\n",
            "`role` is said twice",
        ),
        (
            "  needs contents:read\n  role repository:read, organization:owner\n",
            "where nothing is needed",
        ),
        (
            "  needs contents:read\n  role repository:read\n  scopes repos\n",
            "no scope `repos`",
        ),
        (
            "  needs contents:read\n  role repository:read\n  anonymous sometimes\n",
            "no anonymous rule",
        ),
        (
            "  needs contents:read\n  role repository:read\n  anonymous always\n",
            "a decision by hand says `why`",
        ),
        (
            "  needs contents:read\n  role repository:read\n  kinds classic\n",
            "by which `scopes`",
        ),
        (
            "  needs contents:read\n  role repository:read\n  sudo yes\n",
            "`sudo` takes nothing",
        ),
        (
            "  needs contents:read\n  role repository:read\n  frobs\n",
            "no key `frobs`",
        ),
        ("  role repository:read\n", "`needs` is missing"),
        ("   needs contents:read\n", "indent by two blanks"),
        ("\tneeds contents:read\n", "tabs are not used here"),
    ];
    for (body, message) in cases {
        let found = fault(&format!("{head}{body}"));
        assert!(
            found.starts_with("o:") && found.contains(message),
            "{body:?} gave {found:?}"
        );
    }
    assert!(fault("a/b  FETCH /x\n").contains("no method `FETCH`"));
    assert!(fault("a/b  GET x\n").contains("a path starts with a slash"));
    assert!(fault("a/b  GET /{x*}/y\n").contains("a tail must be the last segment"));
    assert!(fault("a/b  GET /x{y}\n").contains("neither a literal nor a parameter"));
    assert!(fault("a/b\n").contains("a head is `id METHOD /path`"));
    assert!(fault("ab  GET /x\n").contains("an id is `category/name`"));
    assert!(fault("door back\n").contains("no door `back`"));
    assert!(fault("  needs live\n").contains("a line before any head"));
}

#[test]
fn two_operations_on_one_path() {
    let twice = format!(
        "{GOOD}\n{}",
        GOOD.replace("a/b", "a/c")
            .replace("{repo}", "{name}")
            .replace("# A comment.\n", "")
    );
    let twice = twice.replace("{owner}/{name}", "{owner}/{repo}");
    let found = trie::build(&rows(&twice), "api")
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(found.contains("`a/c` has the path of `a/b`"), "{found}");
}

#[test]
fn mistakes_in_permissions() {
    let fault = |text: &str| parse::permissions("p", text).map(|_| ()).unwrap_err().to_string();
    assert!(fault("contents repository\n").contains("a head is"));
    assert!(fault("contents planet read\n").contains("no kind `planet`"));
    assert!(fault("contents repository some\n").contains("no level `some`"));
    assert!(fault("contents repository read\n  title X\n").contains("`says` is missing"));
    assert!(fault(&format!("{PERMISSIONS}\n{PERMISSIONS}")).contains("twice"));
}

#[test]
fn a_page_takes_over_a_rule_and_never_adds_to_it() {
    let taken = |page: &str| {
        let permissions = parse::permissions("p", PERMISSIONS).unwrap();
        let text = format!("{GOOD}door page\n{page}");
        let mut rows = parse::operations("o", &text, &permissions).map_err(|fault| fault.to_string())?;
        same::take_over(&mut rows).map_err(|fault| fault.to_string())?;
        Ok::<_, String>(rows)
    };
    let rows = taken("web/b  GET /{owner}/{repo}\n  as a/b\n").unwrap();
    assert_eq!(format!("{:?}", rows[1].needs), format!("{:?}", rows[0].needs));
    assert_eq!(rows[1].kinds, (false, false, true));
    assert_eq!(rows[1].why, "the rule of a/b");
    for (page, message) in [
        ("web/b  GET /x\n  as a/b\n", "does not name"),
        ("web/b  GET /{owner}/{repo}\n  as a/c\n", "no operation"),
        (
            "web/b  GET /{owner}/{repo}\n  as a/b\n  anonymous always\n",
            "beside `as`",
        ),
        (
            "web/b  GET /{owner}/{repo}\n  as a/b\n  needs live\n",
            "beside `as`",
        ),
        (
            "web/b  GET /{owner}/{repo}\n  as web/c\nweb/c  GET /{owner}/{repo}/c\n  as a/b\n",
            "takes over a rule itself",
        ),
        ("web/b  GET /x\n  needs live\n  why x\n", "for sessions alone"),
    ] {
        let fault = taken(page).unwrap_err();
        assert!(fault.contains(message), "{page}: {fault}");
    }
    let outside = format!("{GOOD}a/c  GET /repos/{{owner}}/{{repo}}/y\n  as a/b\n");
    assert!(fault(&outside).contains("only a page"));
    let writing = "a/w  POST /w\n  needs live\n  why x\ndoor page\nweb/w  GET /w\n  as a/w\n";
    let permissions = parse::permissions("p", PERMISSIONS).unwrap();
    let mut rows = parse::operations("o", writing, &permissions).unwrap();
    assert!(
        same::take_over(&mut rows)
            .unwrap_err()
            .to_string()
            .contains("a GET never does")
    );
}
