//! What people paste, and what is made of it.

use super::read;

#[test]
fn what_people_paste_is_read() {
    for (text, plain, path) in [
        (
            "curl https://git.example/api/v1/repos/acme/site/issues/4",
            "GET /api/v1/repos/acme/site/issues/4",
            "/api/v1/repos/acme/site/issues/4",
        ),
        (
            "GET /v2/acme/site/manifests/v1",
            "GET /v2/acme/site/manifests/v1",
            "/v2/acme/site/manifests/v1",
        ),
        (
            "curl https://git.example/v2/acme/site/tags/list?n=5",
            "GET /v2/acme/site/tags/list?n=5",
            "/v2/acme/site/tags/list",
        ),
        ("GET /v2/", "GET /v2/", "/v2/"),
        (
            "docker push git.example:5000/acme/site/app:v1",
            "docker push acme/site/app:v1",
            "/v2/acme/site/app/manifests/v1",
        ),
        (
            "podman pull --tls-verify=false acme/site",
            "podman pull acme/site:latest",
            "/v2/acme/site/manifests/latest",
        ),
        (
            "git push acme/site",
            "git push acme/site",
            "/acme/site.git/git-receive-pack",
        ),
        (
            "$ git push https://x:secret@git.example/acme/site.git main",
            "git push acme/site",
            "/acme/site.git/git-receive-pack",
        ),
        (
            "git clone --depth=1 acme/site.git",
            "git clone acme/site",
            "/acme/site.git/git-upload-pack",
        ),
        (
            "https://git.example/acme/site.git",
            "git clone acme/site",
            "/acme/site.git/git-upload-pack",
        ),
        (
            "patch /repos/acme/site/issues/1",
            "PATCH /repos/acme/site/issues/1",
            "/api/v3/repos/acme/site/issues/1",
        ),
        ("GET /api/v3/user", "GET /user", "/api/v3/user"),
        (
            "/repos/acme/site?page=2",
            "GET /repos/acme/site?page=2",
            "/api/v3/repos/acme/site",
        ),
        (
            "https://git.example/api/v3/repos/acme/site",
            "GET /repos/acme/site",
            "/api/v3/repos/acme/site",
        ),
        (
            "https://api.example/repos/acme/site",
            "GET /repos/acme/site",
            "/api/v3/repos/acme/site",
        ),
        (
            "https://git.example/acme/site/issues/4#top",
            "GET /repos/acme/site/issues/4",
            "/api/v3/repos/acme/site/issues/4",
        ),
        (
            "curl -sX PUT -X DELETE -H 'Authorization: Bearer bwkf_x' 'https://git.example/api/v3/repos/acme/site'",
            "DELETE /repos/acme/site",
            "/api/v3/repos/acme/site",
        ),
        (
            "curl -d '{}' https://git.example/api/v3/orgs/acme/repos",
            "POST /orgs/acme/repos",
            "/api/v3/orgs/acme/repos",
        ),
        (
            "gh api --method PATCH /repos/acme/site",
            "PATCH /repos/acme/site",
            "/api/v3/repos/acme/site",
        ),
    ] {
        let read = read(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((read.plain.as_str(), read.path.as_str()), (plain, path), "{text}");
    }
}

#[test]
fn what_is_no_request_is_not_guessed() {
    for text in [
        "",
        "git",
        "git stash acme/site",
        "docker run acme/site",
        "hello",
        "hello there you",
        "GET repos/acme",
        "https://git.example/a/b/c/d/e",
        "curl",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}
