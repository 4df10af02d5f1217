//! Tables of upstreams: what is refused, and that secrets stand elsewhere.

use super::{UpstreamTable, read};
use std::path::Path;
use toml::Table;

fn tables(text: &str, directory: &Path) -> Result<Vec<UpstreamTable>, String> {
    let table: Table = text.parse().unwrap();
    read(&table["upstream"], directory)
}

const FORGE: &str =
    "[[upstream]]\nname = \"forge\"\nkind = \"gitea\"\naddress = \"https://git.example.com\"\n";

#[test]
fn secrets_and_long_settings_come_from_elsewhere() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("token"), "s3cret\n").unwrap();
    std::fs::write(directory.path().join("ca.pem"), "-----BEGIN\n").unwrap();
    let text = format!(
        "{FORGE}token_file = \"token\"\nwebhook_secret_env = \"HOOK\"\nauthorities_file = \"ca.pem\"\ninspect = true\n\
         pins = [\"aa\"]\nmode = \"observe\"\nobserve_until = 2027-01-31T00:00:00Z\n"
    );
    let read = tables(&text, directory.path()).unwrap();
    let found = read[0]
        .resolve(|name| (name == "HOOK").then(|| "hook".to_owned()))
        .unwrap();
    assert_eq!(found.secrets["token"].as_str(), "s3cret");
    assert_eq!(found.secrets["webhook_secret"].as_str(), "hook");
    let settings = serde_json::Value::Object(found.input.settings.clone());
    assert_eq!(
        settings,
        serde_json::json!({"authorities": "-----BEGIN\n", "inspect": true, "pins": ["aa"]})
    );
    assert_eq!(
        found.input.observe_until.unwrap().rfc3339(),
        "2027-01-31T00:00:00Z"
    );
    assert!(!format!("{read:?}").contains("s3cret"));
    let missing = read[0].resolve(|_| None).err().unwrap();
    assert!(
        missing.contains("forge") && missing.contains("variable HOOK"),
        "{missing}"
    );
}

#[test]
fn mistakes_name_the_table_and_never_show_a_secret() {
    let here = Path::new("/");
    for (text, why) in [
        ("[upstream]\nname = \"x\"", "expected tables"),
        ("[[upstream]]\nkind = \"git\"", "number 1"),
        (
            "[[upstream]]\nname = \"x\"\nkind = \"svn\"\naddress = \"a\"",
            "kind: expected",
        ),
        (
            &format!("{FORGE}token = \"s3cret\""),
            "token does not belong into the file",
        ),
        (&format!("{FORGE}mode = \"off\""), "mode: expected"),
        (
            &format!("{FORGE}observe_until = 4"),
            "observe_until: expected a time",
        ),
        (
            &format!("{FORGE}token_env = 4"),
            "token_env: expected the name of a variable",
        ),
        (
            &format!("{FORGE}token_env = \"A\"\ntoken_file = \"b\""),
            "token is given twice",
        ),
        (
            &format!("{FORGE}{FORGE}"),
            "two [[upstream]] tables are called \"forge\"",
        ),
    ] {
        let found = tables(text, here).unwrap_err();
        assert!(found.contains(why), "{text}: {found}");
        assert!(!found.contains("s3cret"), "{found}");
    }
    // What is no key of ours is a setting; which there are is known where settings are read.
    let read = tables(&format!("{FORGE}inspekt = true"), here).unwrap();
    assert!(read[0].resolve(|_| None).is_ok());
}
