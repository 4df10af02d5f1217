//! A push on its way to the upstream: a task of its own brings it to its end and its record, whether or not the
//! client is still there.

use super::push::RESULT;
use super::report::Report;
use super::{good, question, reply};
use crate::credential::Credential;
use crate::exchange::ask;
use bailiwick_authority::transfer::Lease;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Authority, Fault, Witness};
use bailiwick_gate::{Answer, streamed};
use bailiwick_host::body::BodyFault;
use bailiwick_host::client::Client;
use bailiwick_model::Outcome;
use bailiwick_upstream::{Fields, OutgoingBody};
use bailiwick_wire::push::PushRequest;
use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt;
use std::sync::{Arc, OnceLock};

/// The most bytes of a report, which is kept back until its outcome is on record.
const REPORT_BYTES_MAX: usize = 32 << 20;

/// A push that is passed on.
pub struct Passing {
    pub authority: Arc<Authority>,
    pub upstream: Arc<Upstream>,
    pub witness: Witness,
    pub lease: Arc<Lease>,
    // Why the client's body ended early, should it.
    pub stopped: Arc<OnceLock<BodyFault>>,
    pub credential: Credential,
    pub target: String,
    pub headers: Fields,
    pub asked: PushRequest,
}

impl Passing {
    /// Sends it, and answers what the upstream answers. It is on record that it is sent.
    pub async fn start(self, body: OutgoingBody) -> Answer {
        let (client, answering) = Client::new(self.asked.has("side-band-64k"));
        tokio::spawn(self.run(body, client));
        Ok(reply(RESULT, streamed(answering.begun().await?)))
    }

    async fn run(self, body: OutgoingBody, mut client: Client) {
        let mut report = Report::new(client.has_sideband());
        let heard = match self.exchange(body).await {
            Ok(answer) => self.hear(answer, &mut report, &mut client).await,
            Err(fault) => Err(fault),
        };
        let recorded = self.record(&report, heard.as_ref().err()).await;
        match (heard, recorded) {
            // It is on record, or could not be put there.
            (Err(fault), _) | (Ok(_), Err(fault)) => client.fail(fault.recorded()).await,
            (Ok(rest), Ok(())) => client.give(&rest).await,
        }
    }

    async fn exchange(&self, body: OutgoingBody) -> Result<bailiwick_upstream::Answer, Fault> {
        let question = question(
            &self.upstream,
            &self.headers,
            &self.credential,
            Method::POST,
            self.target.clone(),
        )?;
        let answered = ask(&question, body).await;
        let answered = answered.and_then(|answer| good(&self.upstream, answer, RESULT));
        answered.map_err(|fault| match (self.stopped.get(), self.lease.is_revoked()) {
            (_, true) => self.lease.fault(),
            (Some(why), false) => why.fault(),
            (None, false) => fault,
        })
    }

    /// Hands progress to the client and keeps the report back.
    async fn hear(
        &self,
        mut answer: bailiwick_upstream::Answer,
        report: &mut Report,
        client: &mut Client,
    ) -> Result<Vec<u8>, Fault> {
        let mut kept = Vec::new();
        let broken = |error| {
            tracing::warn!(upstream = self.upstream.name, %error, "the report of a push broke off");
            Fault::new(
                bailiwick_authority::FaultKind::BadGateway,
                "upstream.broken",
                format!(
                    "the upstream {} broke its answer off: nobody knows what of the push it took; fetch to see",
                    self.upstream.name
                ),
            )
        };
        while let Some(frame) = answer.body.frame().await {
            let data = frame
                .map_err(broken)?
                .into_data()
                .unwrap_or_else(|_| Bytes::new());
            self.lease.pulse().beat();
            report.hear(&data);
            if !report.has_begun() {
                client.give(&data).await;
                continue;
            }
            kept.extend_from_slice(&data);
            if kept.len() > REPORT_BYTES_MAX {
                return Err(broken(std::io::Error::other("it is too long")));
            }
        }
        Ok(kept)
    }

    /// Records what the upstream did not do, or of which nobody knows. Nothing more where it did everything.
    // INVARIANT: before the client can read the report's end.
    async fn record(&self, report: &Report, fault: Option<&Fault>) -> Result<(), Fault> {
        let reports = self.asked.has("report-status") || self.asked.has("report-status-v2");
        let code = match fault {
            Some(fault) => fault.code,
            None if !reports => return Ok(()),
            None => "upstream.refused",
        };
        let moved = report.moved();
        let names = self.asked.commands.iter().map(|command| &command.name);
        let missed: Vec<String> = names.filter(|name| !moved.contains(name)).cloned().collect();
        if missed.is_empty() && fault.is_none() {
            return Ok(());
        }
        // Who was ended was refused; whatever else went wrong is no decision.
        let outcome = if self.lease.why() == Some(code) {
            Outcome::Refused
        } else {
            Outcome::Failed
        };
        let receipt =
            self.authority
                .forward_push_missed(&self.witness, &self.upstream, &missed, (outcome, code));
        Ok(receipt.durable().await?)
    }
}
