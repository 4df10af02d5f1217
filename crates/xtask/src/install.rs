//! Installs what the tests need and is missing, through the ordinary package clients only: Debian's packages when we
//! are root, a Python environment and npm packages under `.tools`, all at pinned versions.

use std::fs;
use std::process::Command;

use crate::run::{finish, output, root, tools, works};

/// A program the tests call, how to see that it is there, and the Debian package that brings it.
struct Program {
    name: &'static str,
    check: fn() -> bool,
    packages: &'static [&'static str],
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "cc",
        check: || works("cc", &["--version"]),
        packages: &["build-essential"],
    },
    Program {
        name: "git 2.36 or later",
        check: git_is_new,
        packages: &["git", "ca-certificates"],
    },
    Program {
        name: "git-lfs",
        check: || works("git-lfs", &["version"]),
        packages: &["git-lfs"],
    },
    Program {
        name: "curl",
        check: || works("curl", &["--version"]),
        packages: &["curl"],
    },
    Program {
        name: "gh",
        check: || works("gh", &["--version"]),
        packages: &["gh"],
    },
    Program {
        name: "nginx and fcgiwrap",
        check: || works("nginx", &["-v"]) && works("fcgiwrap", &["-h"]),
        packages: &["nginx-light", "fcgiwrap"],
    },
    Program {
        name: "caddy",
        check: || works("caddy", &["version"]),
        packages: &["caddy"],
    },
    Program {
        name: "mvn with Debian's plugins",
        check: || {
            works("mvn", &["--version"]) && MAVEN.iter().all(|path| is_there("/usr/share/maven-repo", path))
        },
        packages: &[
            "maven",
            "libmaven-deploy-plugin-java",
            "libmaven-dependency-plugin-java",
            "junit4",
        ],
    },
    Program {
        name: "mono",
        check: || works("mono", &["--version"]) && MONO.iter().all(|path| is_there("/usr/lib/mono", path)),
        packages: &[
            "mono-runtime",
            "libmono-microsoft-build4.0-cil",
            "libmono-microsoft-build-framework4.0-cil",
            "libmono-microsoft-build-utilities-v4.0-4.0-cil",
            "libmono-microsoft-csharp4.0-cil",
            "libmono-system-componentmodel-composition4.0-cil",
            "libmono-system-data-services-client4.0-cil",
            "libmono-system-io-compression4.0-cil",
            "libmono-system-io-compression-filesystem4.0-cil",
            "libmono-system-net-http4.0-cil",
            "libmono-system-runtime4.0-cil",
            "libmono-system-runtime-serialization4.0-cil",
            "libmono-system-servicemodel4.0a-cil",
            "libmono-system-xml-linq4.0-cil",
            "libmono-windowsbase4.0-cil",
        ],
    },
    Program {
        name: "docker-registry, skopeo and buildah",
        check: || {
            works("docker-registry", &["--version"])
                && works("skopeo", &["--version"])
                && works("buildah", &["--version"])
        },
        packages: &["docker-registry", "skopeo", "buildah", "crun"],
    },
    Program {
        name: "postgres",
        check: postgres_is_there,
        packages: &["postgresql"],
    },
    Program {
        name: "python3 with venv",
        check: || works("python3", &["-c", "import venv, ensurepip"]),
        packages: &["python3-venv"],
    },
    Program {
        name: "chromium",
        check: || works("chromium", &["--version"]),
        packages: &["chromium", "fonts-dejavu-core"],
    },
    Program {
        name: "node 18 or later, and npm",
        check: || node_is_new() && works("npm", &["--version"]),
        packages: &["nodejs", "npm"],
    },
];

/// The plugins of Maven that the tests call, and what one of them needs besides.
const MAVEN: [&str; 3] = [
    "org/apache/maven/plugins/maven-deploy-plugin",
    "org/apache/maven/plugins/maven-dependency-plugin",
    "junit/junit/4.x",
];
/// Libraries of Mono that `nuget.exe` needs and that its runtime does not bring.
const MONO: [&str; 10] = [
    "4.5/Microsoft.Build.dll",
    "4.5/Microsoft.Build.Utilities.v4.0.dll",
    "4.5/Microsoft.CSharp.dll",
    "4.5/System.ComponentModel.Composition.dll",
    "4.5/System.Data.Services.Client.dll",
    "4.5/System.IO.Compression.FileSystem.dll",
    "4.5/System.Net.Http.dll",
    "4.5/System.ServiceModel.dll",
    "4.5/System.Xml.Linq.dll",
    "4.5/WindowsBase.dll",
];

fn is_there(directory: &str, path: &str) -> bool {
    std::path::Path::new(directory).join(path).exists()
}

/// Installs everything that is missing; a second run does nothing.
pub fn run() -> Result<(), String> {
    programs()?;
    python()?;
    node("node", "", "the JavaScript clients")?;
    node("verdaccio", "verdaccio", "Verdaccio")
}

fn programs() -> Result<(), String> {
    let missing: Vec<&Program> = PROGRAMS.iter().filter(|program| !(program.check)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|program| program.name).collect();
    // A node that came with its own npm from elsewhere refuses Debian's npm beside it: ask only for what is absent.
    let packages: Vec<&str> = missing
        .iter()
        .flat_map(|program| program.packages.iter().copied())
        .filter(|package| !(*package == "nodejs" && node_is_new()))
        .collect();
    let by_hand = format!(
        "missing: {}. Install them, on Debian as root with: apt-get install {}",
        names.join(", "),
        packages.join(" ")
    );
    let is_root = output("id", &["-u"]).is_some_and(|id| id.trim() == "0");
    if !is_root || !works("apt-get", &["--version"]) {
        return Err(by_hand);
    }
    println!("installing {}", packages.join(" "));
    finish(Command::new("apt-get").args(["update", "-qq"]))?;
    finish(
        Command::new("apt-get")
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(&packages)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(std::process::Stdio::null()),
    )?;
    match PROGRAMS.iter().find(|program| !(program.check)()) {
        None => Ok(()),
        Some(program) => Err(format!(
            "{} is still missing after the installation. {by_hand}",
            program.name
        )),
    }
}

/// PyGithub and dulwich, pypiserver with twine before it, and Traefik and Envoy, which Debian does not have, in an
/// environment of their own.
fn python() -> Result<(), String> {
    let environment = tools().join("venv");
    let wanted = root().join("crates/xtask/tools/requirements.txt");
    if is_current(&environment.join("installed.txt"), &[&wanted]) {
        return Ok(());
    }
    println!("installing the Python clients and the proxies into .tools/venv");
    finish(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&environment),
    )?;
    finish(
        Command::new(environment.join("bin/pip"))
            .args([
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--requirement",
            ])
            .arg(&wanted),
    )?;
    remember(&environment.join("installed.txt"), &[&wanted])
}

/// Octokit, GitHub's own description of its interface with the validator that reads it, isomorphic-git, what drives the
/// browser (without one of its own: install scripts do not run), the accessibility checks, and
/// `nuget.exe`; and the registry of npm, apart from them.
fn node(place: &str, from: &str, what: &str) -> Result<(), String> {
    let target = tools().join(place);
    let from = root().join("crates/xtask/tools").join(from);
    let wanted = ["package.json", "package-lock.json"].map(|name| from.join(name));
    let wanted: Vec<&std::path::PathBuf> = wanted.iter().collect();
    if is_current(&target.join("installed.txt"), &wanted) {
        return Ok(());
    }
    println!("installing {what} into .tools/{place}");
    fs::create_dir_all(&target).map_err(|error| error.to_string())?;
    for file in &wanted {
        let name = file.file_name().unwrap_or_default();
        fs::copy(file, target.join(name)).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    finish(
        Command::new("npm")
            .args([
                "ci",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--loglevel",
                "error",
            ])
            .current_dir(&target),
    )?;
    remember(&target.join("installed.txt"), &wanted)
}

/// True when the marker holds the very text that is wanted now, so a raised version installs again.
fn is_current(marker: &std::path::Path, wanted: &[&std::path::PathBuf]) -> bool {
    match (fs::read_to_string(marker), joined(wanted)) {
        (Ok(was), Ok(is)) => was == is,
        (Ok(_), Err(_)) | (Err(_), Ok(_)) | (Err(_), Err(_)) => false,
    }
}

fn remember(marker: &std::path::Path, wanted: &[&std::path::PathBuf]) -> Result<(), String> {
    fs::write(marker, joined(wanted)?).map_err(|error| format!("{}: {error}", marker.display()))
}

fn joined(files: &[&std::path::PathBuf]) -> Result<String, String> {
    let mut all = String::new();
    for file in files {
        all += &fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(all)
}

/// The server protects pushes with options that older versions of git do not know.
fn git_is_new() -> bool {
    version("git", &["version"], "git version ").is_some_and(|found| found >= (2, 36))
}

fn node_is_new() -> bool {
    version("node", &["--version"], "v").is_some_and(|found| found >= (18, 0))
}

/// Debian keeps the server out of `PATH`, in a directory for each major version.
fn postgres_is_there() -> bool {
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    debian
        .into_iter()
        .any(|entry| entry.path().join("bin/postgres").exists())
        || (works("postgres", &["--version"]) && works("initdb", &["--version"]))
}

fn version(program: &str, arguments: &[&str], prefix: &str) -> Option<(u32, u32)> {
    let text = output(program, arguments)?;
    let mut numbers = text.trim().strip_prefix(prefix)?.split(['.', ' ']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read_from_what_programs_print() {
        assert_eq!(
            version("echo", &["git version 2.47.3"], "git version "),
            Some((2, 47))
        );
        assert_eq!(version("echo", &["v20.20.2"], "v"), Some((20, 20)));
        assert_eq!(version("echo", &["something else"], "v"), None);
        assert_eq!(version("no-such-program-anywhere", &[], "v"), None);
    }
}
