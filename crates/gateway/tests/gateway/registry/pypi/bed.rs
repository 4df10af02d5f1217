//! pypiserver as teams run it, behind a wire that keeps what arrives, with pip and twine before it.

use crate::git::bed::{PASSWORD, USER, Wire};
use crate::registry::npm::bed::{Ran, run};
use crate::registry::place::Place;
use crate::server::{self, Guarded};
use bailiwick_model::{RegistryKind, UpstreamSettings, Visibility};
use bailiwick_testkit::program::python;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Python {
    pub place: Place,
    pub wire: Wire,
    guard: Guarded,
    pub directory: tempfile::TempDir,
}

/// Starts it with one account and no fallback.
const SERVER: &str = "
import sys, pypiserver
from wsgiref.simple_server import make_server, WSGIServer
from socketserver import ThreadingMixIn
class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
port, root, user, password = sys.argv[1:5]
app = pypiserver.app(roots=[root], disable_fallback=False, fallback_url='https://pypi.invalid/simple',
    authenticate=['update', 'download', 'list'], auther=lambda u, p: (u, p) == (user, password))
make_server('127.0.0.1', int(port), app, server_class=Server).serve_forever()
";

impl Python {
    /// Inside a runtime with several threads. `acme-` is the organization's, `site-tool` acme/site's, `shown` everybody's
    /// to read.
    pub async fn start() -> Python {
        let directory = tempfile::Builder::new()
            .prefix("bailiwick-pypi-")
            .tempdir()
            .unwrap();
        let root = directory.path().join("packages");
        fs::create_dir(&root).unwrap();
        let there = server::free();
        let mut command = python();
        command
            .args(["-c", SERVER, &there.port().to_string()])
            .arg(&root)
            .args([USER, PASSWORD]);
        let guard = Guarded::start(&command);
        server::listens(there, "pypiserver");
        let wire = Wire::before(there).await;
        let address = format!("http://{}", wire.address);
        let place = Place::before("pypi", RegistryKind::PyPi, address, UpstreamSettings::default()).await;
        place.link("acme", false, "acme", None, Visibility::Private);
        place.link("site-tool", true, "acme", Some("site"), Visibility::Private);
        place.link("shown", true, "acme", None, Visibility::Public);
        Python {
            place,
            wire,
            guard,
            directory,
        }
    }

    /// Where the index keeps its files.
    pub fn files(&self) -> PathBuf {
        self.directory.path().join("packages")
    }

    /// A wheel of a project, made by hand: names in files are written with `_`.
    pub fn wheel(&self, name: &str, version: &str) -> PathBuf {
        let at = self
            .directory
            .path()
            .join(format!("{name}-{version}-py3-none-any.whl"));
        let script = "
import sys, zipfile
path, name, version = sys.argv[1:4]
info = f'{name}-{version}.dist-info'
with zipfile.ZipFile(path, 'w') as wheel:
    wheel.writestr(f'{name}/__init__.py', f'version = {version!r}\\n')
    wheel.writestr(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n')
    wheel.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: by hand\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(f'{info}/RECORD', f'{name}/__init__.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n')
";
        let mut command = python();
        let status = command
            .args(["-c", script])
            .arg(&at)
            .args([name, version])
            .status();
        assert!(status.unwrap().success());
        at
    }

    /// Runs pip to fetch a project into a directory, with a token as the password; an empty one is none.
    pub async fn download(&self, user: &str, token: &str, project: &str) -> Ran {
        let url = self.place.url();
        let url = match token {
            "" => url,
            token => url.replace("http://", &format!("http://{user}:{token}@")),
        };
        let target = self.directory.path().join("fetched");
        let mut command = self.python();
        command
            .args([
                "-m",
                "pip",
                "download",
                "--isolated",
                "--no-cache-dir",
                "--no-deps",
                "--retries",
                "0",
            ])
            .args([
                "--disable-pip-version-check",
                "--no-input",
                "--index-url",
                &format!("{url}/simple/"),
                "--dest",
            ])
            .arg(target)
            .arg(project);
        run(command).await
    }

    /// Runs pip to install a project somewhere.
    pub async fn install(&self, token: &str, project: &str) -> (Ran, PathBuf) {
        let url = self
            .place
            .url()
            .replace("http://", &format!("http://__token__:{token}@"));
        let target = self.directory.path().join("installed");
        let mut command = self.python();
        command
            .args([
                "-m",
                "pip",
                "install",
                "--isolated",
                "--no-cache-dir",
                "--no-deps",
                "--retries",
                "0",
                "--upgrade",
            ])
            .args([
                "--disable-pip-version-check",
                "--no-input",
                "--index-url",
                &format!("{url}/simple/"),
                "--target",
            ])
            .arg(&target)
            .arg(project);
        (run(command).await, target)
    }

    /// Runs twine to upload a file.
    pub async fn upload(&self, token: &str, file: &Path) -> Ran {
        let mut command = self.python();
        command
            .args([
                "-m",
                "twine",
                "upload",
                "--non-interactive",
                "--disable-progress-bar",
                "--repository-url",
            ])
            .arg(format!("{}/", self.place.url()))
            .args(["--username", "__token__", "--password", token])
            .arg(file);
        run(command).await
    }

    fn python(&self) -> Command {
        let mut command = python();
        command
            .current_dir(self.directory.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.directory.path())
            .env("COLUMNS", "400")
            .env("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring");
        command
    }
}
