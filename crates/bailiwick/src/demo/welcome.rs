//! What the demo prints: where it is, who is there, and commands that work when pasted.

use super::people::Person;
use super::state::State;
use super::token::Tokens;
use crate::failure::Failure;
use crate::output::Table;
use std::fmt::Write as _;
use std::path::Path;

/// The text.
pub fn text(
    base_url: &str,
    data: &Path,
    authority_file: Option<&Path>,
    state: &State,
    tokens: &Tokens,
) -> Result<String, Failure> {
    // By these curl, gh and this program, git, and the command line of curl's library find whom to trust.
    let trust = authority_file
        .map(|file| {
            let file = file.display();
            format!(" SSL_CERT_FILE={file} GIT_SSL_CAINFO={file} CURL_CA_BUNDLE={file}")
        })
        .unwrap_or_default();
    let mut people = Table::new(["login", "password", "who"]);
    for person in Person::ALL {
        people.row([
            person.login().into(),
            state.password(person)?.into(),
            person.part().into(),
        ]);
    }
    let program =
        std::env::current_exe().map_or_else(|_| "bailiwick".into(), |path| path.display().to_string());
    let mut text = format!(
        "\nOpen this in a browser:\n\n  {base_url}/\n\nand sign in as alice, who owns the organization acme and \
         administers everything, or as bob, who belongs to it.\n(The data is in {}.)\n\n{}\n",
        data.display(),
        people.render()
    );
    let _ = writeln!(text, "Fresh tokens; those of an earlier start have ended:\n");
    let _ = writeln!(
        text,
        "  export URL={base_url} ALICE={} BOB={}{trust}\n",
        tokens.alice, tokens.bob
    );
    let _ = writeln!(text, "Paste that line, then these, in another terminal:\n");
    for (about, command) in commands(&program, state)? {
        if !about.is_empty() {
            let _ = writeln!(text, "  # {about}");
        }
        let _ = writeln!(text, "  {command}");
    }
    text.push_str("\nCtrl-C stops it. Started again, it keeps everything and makes fresh tokens.\n");
    Ok(text)
}

/// What it shows, and the command.
fn commands(program: &str, state: &State) -> Result<Vec<(&'static str, String)>, Failure> {
    let sign_in = |person: Person| -> Result<String, Failure> {
        let password = state.password(person)?;
        Ok(format!(
            "BAILIWICK_PASSWORD={password} {program} login --server $URL --user {}",
            person.login()
        ))
    };
    let api =
        |token: &str, path: &str| format!(r#"curl -s -H "Authorization: Bearer ${token}" $URL/api/v3{path}"#);
    let git = r#"git -c http.extraHeader="Authorization: Bearer $BOB""#;
    let here = "-C $PLACE";
    Ok(vec![
        (
            "the token of bob clones a private repository, and pushes, with plain git",
            format!("PLACE=$(mktemp -d) && {git} clone $URL/acme/site.git $PLACE"),
        ),
        (
            "",
            format!(
                "git {here} -c user.name=Bob -c user.email=bob@example.com commit --allow-empty -m 'Try it'"
            ),
        ),
        (
            "",
            format!("{git} {here} push origin HEAD:refs/heads/try-$(date +%s)"),
        ),
        (
            "bob signs in and asks for one permission on one repository",
            sign_in(Person::Bob)?,
        ),
        (
            "",
            format!(
                "READER=$({program} token create reader-$(date +%s) -r acme/site -p issues=read --reason 'to triage')"
            ),
        ),
        (
            "until alice approves, the private issues do not exist for it; what is public does",
            api("READER", "/repos/acme/site/issues"),
        ),
        ("", api("READER", "/repos/acme/www/issues")),
        ("alice sees the request and approves it", sign_in(Person::Alice)?),
        ("", format!("{program} request list --org acme")),
        (
            "",
            format!(
                "{program} request approve --org acme $({program} request list --org acme | awk 'NR == 2 {{ print $1 }}')"
            ),
        ),
        (
            "now it lists the issues; the contents stay closed, and the answer says what is missing",
            api("READER", "/repos/acme/site/issues"),
        ),
        ("", api("READER", "/repos/acme/site/contents/README.md")),
        (
            "what would be missing for a push",
            format!("{program} explain 'git push acme/site' --grant 'acme/site:contents=read'"),
        ),
        (
            "the token of alice manages tokens; everything was written down",
            format!("BAILIWICK_TOKEN=$ALICE {program} grant list --org acme"),
        ),
        ("", format!("{program} audit search --org acme 'actor:bob'")),
    ])
}
