//! The floor: the same HTTP library and the same client of upstreams, passing on without a gate, or with the least that
//! one does. What is above it is ours; what is below it is HTTP, the runtime and the kernel.

use crate::Outcome;
use crate::least::Least;
use bailiwick_upstream::{Address, Client, Limits, Outgoing, OutgoingBody, Trust};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;

/// What makes this program the floor: where to listen, what is behind, and for the least of a gate how many tokens there
/// are.
pub const VARIABLE: &str = "BAILIWICK_BENCH_FLOOR";

/// Passes on until it is ended.
pub fn run(setting: &str) -> Outcome<()> {
    let mut words = setting.split(' ');
    let (listen, behind) = words.next().zip(words.next()).ok_or("two addresses")?;
    let tokens = words.next().map(str::parse).transpose()?;
    let least = Arc::new(tokens.map(Least::new).transpose()?);
    let client = Arc::new(Client::new(
        Address::parse(behind)?,
        &Trust::default(),
        Limits::default(),
    )?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let (client, least) = (client.clone(), least.clone());
            tokio::spawn(async move {
                let service =
                    hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                        let (client, least) = (client.clone(), least.clone());
                        async move { Ok::<_, Infallible>(pass(&client, least.as_ref().as_ref(), request).await) }
                    });
                let _ended = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    })
}

async fn pass(
    client: &Arc<Client>,
    least: Option<&Least>,
    request: hyper::Request<hyper::body::Incoming>,
) -> hyper::Response<http_body_util::combinators::UnsyncBoxBody<bytes::Bytes, std::io::Error>> {
    let (parts, _) = request.into_parts();
    let (headers, told) = match least {
        None => (parts.headers, http::HeaderMap::new()),
        Some(least) => match least.admit(parts.headers) {
            Some(admitted) => admitted,
            None => return empty(hyper::StatusCode::UNAUTHORIZED),
        },
    };
    let outgoing = Outgoing::new(parts.method, parts.uri.path(), headers.into());
    match client.send(&outgoing, OutgoingBody::Nothing).await {
        Ok(answer) => {
            let mut response = hyper::Response::new(answer.body.boxed_unsync());
            *response.status_mut() = answer.status;
            *response.headers_mut() = told;
            for (name, value) in answer.headers {
                if !bailiwick_upstream::is_hop_by_hop(&name) {
                    response.headers_mut().append(name, value.into());
                }
            }
            response
        }
        Err(_) => empty(hyper::StatusCode::BAD_GATEWAY),
    }
}

fn empty(
    status: hyper::StatusCode,
) -> hyper::Response<http_body_util::combinators::UnsyncBoxBody<bytes::Bytes, std::io::Error>> {
    let nothing = http_body_util::Empty::new().map_err(|never| match never {});
    let mut response = hyper::Response::new(nothing.boxed_unsync());
    *response.status_mut() = status;
    response
}
