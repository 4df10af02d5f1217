//! What bodies say of check runs, and its checks.

use crate::directory::check::{line, web_address};
use crate::fault::Fault;
use bailiwick_model::Timestamp;
use bailiwick_model::limit::{CHECK_ANNOTATIONS_PER_REQUEST_MAX, CHECK_TEXT_CHARS_MAX};
use bailiwick_store::{CheckRunRow, Object};
use serde::{Deserialize, Serialize};

pub(super) const RESOURCE: &str = "CheckRun";
const LINE_CHARS_MAX: usize = 255;
const STATUSES: [&str; 3] = ["queued", "in_progress", "completed"];
const CONCLUSIONS: [&str; 7] = [
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "success",
    "skipped",
    "timed_out",
];
const LEVELS: [&str; 3] = ["notice", "warning", "failure"];

/// What a body says of a check run; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct RunInput {
    /// Its name.
    pub name: Option<String>,
    /// `queued`, `in_progress` or `completed`.
    pub status: Option<String>,
    /// How it ended; makes it completed.
    pub conclusion: Option<String>,
    /// The service's own reference.
    pub external_id: Option<String>,
    /// Where to read more.
    pub details_url: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// What it found.
    pub output: Option<OutputInput>,
}

/// What a check run found.
#[derive(Clone, Debug, Default)]
pub struct OutputInput {
    /// Its title.
    pub title: Option<String>,
    /// In short.
    pub summary: Option<String>,
    /// At length.
    pub text: Option<String>,
    /// Further remarks on lines of files.
    pub annotations: Vec<AnnotationInput>,
}

/// A remark on lines of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnnotationInput {
    /// The file.
    pub path: String,
    /// The first line.
    pub start_line: u32,
    /// The last line.
    pub end_line: u32,
    /// The first column, where it is one line.
    pub start_column: Option<u32>,
    /// The last column.
    pub end_column: Option<u32>,
    /// `notice`, `warning` or `failure`.
    pub annotation_level: String,
    /// The remark.
    pub message: String,
    /// Its title.
    pub title: Option<String>,
    /// Details as the service writes them.
    pub raw_details: Option<String>,
}

fn invalid<T>(field: &str, message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::invalid(RESOURCE, field, "invalid", message))
}

fn long(field: &str, text: &str) -> Result<(), Fault> {
    if text.chars().count() > CHECK_TEXT_CHARS_MAX {
        let message = format!("is too long (maximum is {CHECK_TEXT_CHARS_MAX} characters)");
        return Err(Fault::invalid(RESOURCE, field, "custom", message));
    }
    if text.contains('\0') {
        return invalid(field, "holds a NUL");
    }
    Ok(())
}

impl RunInput {
    /// Writes what the body says into a run.
    pub(super) fn apply(&self, row: &mut CheckRunRow, now: Timestamp) -> Result<(), Fault> {
        if let Some(name) = &self.name {
            if name.trim().is_empty() {
                return Err(Fault::invalid(RESOURCE, "name", "missing_field", ""));
            }
            line(RESOURCE, "name", name, LINE_CHARS_MAX)?;
            row.name.clone_from(name);
        }
        if let Some(id) = &self.external_id {
            line(RESOURCE, "external_id", id, LINE_CHARS_MAX)?;
            row.external_id = Some(id.clone());
        }
        if let Some(url) = &self.details_url {
            web_address(RESOURCE, "details_url", url)?;
            row.details_url = Some(url.clone()).filter(|url| !url.is_empty());
        }
        if let Some(at) = self.started_at {
            row.started_at = Some(at);
        }
        self.apply_status(row, now)?;
        match &self.output {
            Some(output) => output.apply(row),
            None => Ok(()),
        }
    }

    fn apply_status(&self, row: &mut CheckRunRow, now: Timestamp) -> Result<(), Fault> {
        if let Some(conclusion) = &self.conclusion
            && !CONCLUSIONS.contains(&conclusion.as_str())
        {
            return invalid("conclusion", format!("use one of {}", CONCLUSIONS.join(", ")));
        }
        match (self.status.as_deref(), &self.conclusion) {
            (None, None) => {}
            (Some("completed"), None) if row.conclusion.is_none() => {
                return invalid("conclusion", "a completed run needs a conclusion");
            }
            (Some(status), _) if !STATUSES.contains(&status) => {
                return invalid("status", "use queued, in_progress or completed");
            }
            (Some("queued" | "in_progress"), Some(_)) => {
                return invalid("conclusion", "only a completed run has a conclusion");
            }
            (Some(status @ ("queued" | "in_progress")), None) => {
                status.clone_into(&mut row.status);
                row.conclusion = None;
                row.completed_at = None;
                if status == "in_progress" {
                    row.started_at = row.started_at.or(Some(now));
                }
            }
            (_, conclusion) => {
                row.status = String::from("completed");
                row.conclusion = conclusion.clone().or_else(|| row.conclusion.clone());
                row.started_at = row.started_at.or(Some(now));
                row.completed_at = row.completed_at.or(Some(now));
            }
        }
        if let Some(at) = self.completed_at {
            if row.status != "completed" {
                return invalid("completed_at", "only a completed run has ended");
            }
            row.completed_at = Some(at);
        }
        Ok(())
    }
}

impl OutputInput {
    fn apply(&self, row: &mut CheckRunRow) -> Result<(), Fault> {
        let put = |object: &mut Object, name: &str, text: &Option<String>| -> Result<(), Fault> {
            if let Some(text) = text {
                long(&format!("output.{name}"), text)?;
                object.insert(name.to_owned(), text.as_str().into());
            }
            Ok(())
        };
        put(&mut row.output, "title", &self.title)?;
        put(&mut row.output, "summary", &self.summary)?;
        put(&mut row.output, "text", &self.text)?;
        if self.annotations.len() > CHECK_ANNOTATIONS_PER_REQUEST_MAX {
            let message = format!("at most {CHECK_ANNOTATIONS_PER_REQUEST_MAX} in one request");
            return invalid("output.annotations", message);
        }
        for annotation in &self.annotations {
            annotation.check()?;
            row.annotations
                .push(serde_json::to_value(annotation).unwrap_or_default());
        }
        if row.annotations.len() > bailiwick_model::limit::CHECK_ANNOTATIONS_MAX {
            return invalid("output.annotations", "a check run has too many annotations");
        }
        Ok(())
    }
}

impl AnnotationInput {
    fn check(&self) -> Result<(), Fault> {
        line(RESOURCE, "output.annotations.path", &self.path, 1024)?;
        if self.path.is_empty() || self.path.starts_with('/') {
            return invalid("output.annotations.path", "is a path inside the repository");
        }
        if self.start_line == 0 || self.end_line < self.start_line {
            return invalid("output.annotations.end_line", "comes before the first line");
        }
        let columns = self.start_column.is_some() || self.end_column.is_some();
        if columns && self.start_line != self.end_line {
            return invalid(
                "output.annotations.start_column",
                "only a remark on one line has columns",
            );
        }
        if !LEVELS.contains(&self.annotation_level.as_str()) {
            return invalid(
                "output.annotations.annotation_level",
                "use notice, warning or failure",
            );
        }
        long("output.annotations.message", &self.message)?;
        if let Some(title) = &self.title {
            line(RESOURCE, "output.annotations.title", title, LINE_CHARS_MAX)?;
        }
        match &self.raw_details {
            Some(details) => long("output.annotations.raw_details", details),
            None => Ok(()),
        }
    }
}
