//! The peer: nginx with one worker, serving a file, or git's own HTTP back end through fcgiwrap.

use crate::Outcome;
use crate::program::{Program, free_port};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A running nginx, perhaps with fcgiwrap behind it.
pub struct Nginx {
    /// The process of nginx, which is its one worker.
    pub program: Program,
    /// Where it listens.
    pub url: String,
    _behind: Option<Program>,
}

impl Nginx {
    /// Serves a body as a file at `/plain`, and at `/logged` with a line in a log for each request.
    pub fn file(nginx: &Path, directory: &Path, body: &[u8]) -> Outcome<Nginx> {
        std::fs::write(directory.join("body.json"), body)?;
        let body = directory.join("body.json").display().to_string();
        let locations = format!(
            "location = /plain {{ alias {body}; access_log off; }}\n\
             location = /logged {{ alias {body}; }}"
        );
        Nginx::start(nginx, directory, &locations, None)
    }

    /// Serves the bare repositories of a directory to everybody, for reading and writing. Bodies stream through
    /// memory: nginx's own way, through temporary files, takes a third longer for a push.
    pub fn git(nginx: &Path, fcgiwrap: &Path, directory: &Path, repositories: &Path) -> Outcome<Nginx> {
        let socket = directory.join("fcgi.sock");
        // One process: children of its own would outlive it, and each client asks one thing at a time.
        let mut behind = Program::start(
            Command::new(fcgiwrap)
                .arg("-s")
                .arg(format!("unix:{}", socket.display())),
            &directory.join("fcgiwrap.log"),
        )?;
        behind.wait_until(|| socket.exists())?;
        let locations = format!(
            "location / {{\n\
             client_max_body_size 0;\n\
             access_log off;\n\
             fastcgi_request_buffering off;\n\
             fastcgi_max_temp_file_size 0;\n\
             fastcgi_buffer_size 64k;\n\
             fastcgi_buffers 16 64k;\n\
             fastcgi_pass unix:{socket};\n\
             fastcgi_param SCRIPT_FILENAME {backend};\n\
             fastcgi_param GIT_PROJECT_ROOT {root};\n\
             fastcgi_param GIT_HTTP_EXPORT_ALL \"\";\n\
             fastcgi_param PATH_INFO $uri;\n\
             fastcgi_param REMOTE_USER bench;\n\
             fastcgi_param REMOTE_ADDR $remote_addr;\n\
             fastcgi_param QUERY_STRING $query_string;\n\
             fastcgi_param REQUEST_METHOD $request_method;\n\
             fastcgi_param CONTENT_TYPE $content_type;\n\
             fastcgi_param CONTENT_LENGTH $content_length;\n\
             fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;\n\
             fastcgi_param HTTP_GIT_PROTOCOL $http_git_protocol;\n}}",
            socket = socket.display(),
            backend = backend()?.display(),
            root = repositories.display(),
        );
        Nginx::start(nginx, directory, &locations, Some(behind))
    }

    fn start(nginx: &Path, directory: &Path, locations: &str, behind: Option<Program>) -> Outcome<Nginx> {
        let port = free_port()?;
        let here = directory.display();
        // Whoever measures as root would otherwise have a worker that may not read the files.
        let user = if rustix::process::geteuid().is_root() {
            "user root;"
        } else {
            ""
        };
        let text = format!(
            "{user} worker_processes 1; master_process off; daemon off; pid {here}/nginx.pid; error_log {here}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\n\
             default_type application/json; sendfile on; tcp_nopush on; keepalive_requests 1000000000;\n\
             access_log {here}/access.log;\n\
             client_body_temp_path {here}/body; proxy_temp_path {here}/proxy; fastcgi_temp_path {here}/fastcgi;\n\
             uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi;\n\
             server {{ listen 127.0.0.1:{port};\n{locations}\n}}\n}}\n"
        );
        let file = directory.join("nginx.conf");
        std::fs::write(&file, text)?;
        let mut command = Command::new(nginx);
        command
            .arg("-p")
            .arg(directory)
            .arg("-e")
            .arg(directory.join("error.log"))
            .arg("-c")
            .arg(&file);
        let mut program = Program::start(&mut command, &directory.join("nginx.log"))?;
        program.wait_until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())?;
        Ok(Nginx {
            program,
            url: format!("http://127.0.0.1:{port}"),
            _behind: behind,
        })
    }
}

/// Git's own back end.
fn backend() -> Outcome<PathBuf> {
    let output = Command::new("git").arg("--exec-path").output()?;
    Ok(Path::new(String::from_utf8(output.stdout)?.trim()).join("git-http-backend"))
}
