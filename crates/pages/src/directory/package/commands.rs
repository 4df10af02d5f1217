//! The commands and settings by which clients of a package's kind reach it, ready but for the token.

use crate::look::{Markup, code, html};
use bailiwick_authority::package::view::PackageView;
use bailiwick_model::RegistryKind;

/// Where the token goes.
const TOKEN: &str = "YOUR_TOKEN";

/// The server's address without its protocol.
pub(crate) fn host(base_url: &str) -> &str {
    let host = base_url.split_once("://").map_or(base_url, |(_, host)| host);
    host.trim_end_matches('/')
}

/// What the commands name.
struct Named<'a> {
    base: &'a str,
    host: &'a str,
    login: &'a str,
    registry: &'a str,
    package: &'a str,
    /// A version, or a tag of an image; empty where none is known.
    version: &'a str,
}

impl Named<'_> {
    /// The version behind what a client writes before it; nothing where none is known.
    fn version_after(&self, joint: &str) -> String {
        match self.version {
            "" => String::new(),
            version => format!("{joint}{version}"),
        }
    }
}

/// The commands for a package; none where its name could mean something to a shell or a document.
pub(super) fn of(base_url: &str, login: &str, view: &PackageView, version: &str) -> Option<Markup> {
    let named = Named {
        base: base_url.trim_end_matches('/'),
        host: host(base_url),
        login,
        registry: &view.upstream.name,
        package: &view.row.display_name,
        version,
    };
    // SECURITY: people paste these into a shell.
    let plain = [named.package, named.registry, named.login, named.version]
        .iter()
        .all(|text| is_plain(text));
    let blocks = match view.row.kind {
        RegistryKind::Oci => oci(&named),
        RegistryKind::Npm => npm(&named),
        RegistryKind::Maven => maven(&named)?,
        RegistryKind::NuGet => nuget(&named),
        RegistryKind::PyPi => pypi(&named),
    };
    plain.then(|| {
        html! {
            @for (id, caption, text) in &blocks { (code::block(id, caption, text)) }
        }
    })
}

/// Nothing in it means anything to a shell, to XML or to a settings file, and it is no option.
fn is_plain(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._/@:+~-".contains(&byte);
    !text.starts_with('-') && text.bytes().all(known)
}

type Blocks = Vec<(&'static str, &'static str, String)>;

fn oci(named: &Named<'_>) -> Blocks {
    let Named { host, login, .. } = named;
    let sign = if named.version.starts_with("sha256:") {
        "@"
    } else {
        ":"
    };
    let (sign, version) = match named.version {
        "" => (":", "TAG"),
        version => (sign, version),
    };
    let image = format!("{host}/{}{sign}{version}", named.package);
    vec![
        (
            "use-docker",
            "docker",
            format!("docker login {host} -u {login}   # password: {TOKEN}\ndocker pull {image}"),
        ),
        (
            "use-skopeo",
            "skopeo",
            format!("skopeo login {host} -u {login}   # password: {TOKEN}\nskopeo inspect docker://{image}"),
        ),
        (
            "use-push",
            "Publish",
            format!(
                "docker tag IMAGE {host}/{0}:TAG\ndocker push {host}/{0}:TAG",
                named.package
            ),
        ),
    ]
}

fn npm(named: &Named<'_>) -> Blocks {
    let Named {
        base,
        host,
        registry,
        package,
        ..
    } = named;
    let token = format!("//{host}/-/{registry}/:_authToken={TOKEN}");
    let which = format!("{package}{}", named.version_after("@"));
    let address = format!("{base}/-/{registry}/");
    match package.split_once('/') {
        Some((scope, _)) => vec![
            (
                "use-npmrc",
                "~/.npmrc",
                format!("{scope}:registry={address}\n{token}"),
            ),
            ("use-npm", "Install", format!("npm install {which}")),
            ("use-publish", "Publish", String::from("npm publish")),
        ],
        None => vec![
            ("use-npmrc", "~/.npmrc", token),
            (
                "use-npm",
                "Install",
                format!("npm install {which} --registry {address}"),
            ),
            (
                "use-publish",
                "Publish",
                format!("npm publish --registry {address}"),
            ),
        ],
    }
}

/// An artifact is `group:artifact`; anything else has no commands.
fn maven(named: &Named<'_>) -> Option<Blocks> {
    let Named {
        base,
        login,
        registry,
        ..
    } = named;
    let (group, artifact) = named.package.split_once(':')?;
    let version = if named.version.is_empty() {
        "VERSION"
    } else {
        named.version
    };
    let address = format!("{base}/-/{registry}");
    Some(vec![
        (
            "use-settings",
            "~/.m2/settings.xml",
            format!(
                "<settings>\n  <servers>\n    <server>\n      <id>{registry}</id>\n      <username>{login}</username>\n      \
                 <password>{TOKEN}</password>\n    </server>\n  </servers>\n</settings>"
            ),
        ),
        (
            "use-pom",
            "pom.xml",
            format!(
                "<repositories>\n  <repository>\n    <id>{registry}</id>\n    <url>{address}</url>\n  </repository>\n\
                 </repositories>\n<dependencies>\n  <dependency>\n    <groupId>{group}</groupId>\n    \
                 <artifactId>{artifact}</artifactId>\n    <version>{version}</version>\n  </dependency>\n</dependencies>"
            ),
        ),
        (
            "use-deploy",
            "Publish",
            format!("mvn deploy -DaltDeploymentRepository={registry}::default::{address}"),
        ),
    ])
}

fn nuget(named: &Named<'_>) -> Blocks {
    let Named {
        base,
        login,
        registry,
        package,
        ..
    } = named;
    let source = format!("{base}/-/{registry}/v3/index.json");
    let version = named.version_after(" -Version ");
    vec![
        (
            "use-source",
            "Add the source",
            format!(
                "nuget sources add -Name {registry} -Source {source} -UserName {login} -Password {TOKEN}"
            ),
        ),
        (
            "use-nuget",
            "Install",
            format!("nuget install {package}{version} -Source {source}"),
        ),
        (
            "use-publish",
            "Publish",
            format!("nuget push FILE.nupkg -Source {source} -ApiKey {TOKEN}"),
        ),
    ]
}

fn pypi(named: &Named<'_>) -> Blocks {
    let Named {
        base,
        host,
        registry,
        package,
        ..
    } = named;
    let protocol = base.split_once("://").map_or("https", |(protocol, _)| protocol);
    let which = format!("{package}{}", named.version_after("=="));
    vec![
        (
            "use-pip-settings",
            "~/.config/pip/pip.conf",
            format!("[global]\nindex-url = {protocol}://__token__:{TOKEN}@{host}/-/{registry}/simple/"),
        ),
        ("use-pip", "Install", format!("pip install {which}")),
        (
            "use-pypirc",
            "~/.pypirc",
            format!(
                "[distutils]\nindex-servers = {registry}\n[{registry}]\nrepository = {base}/-/{registry}/\nusername = __token__\n\
                 password = {TOKEN}"
            ),
        ),
        (
            "use-twine",
            "Publish",
            format!("twine upload -r {registry} dist/*"),
        ),
    ]
}
