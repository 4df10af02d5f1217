//! Endpoint tests through the whole gate, in process. A module mirrors a part of the API's paths.

#![expect(missing_docs, reason = "tests")]

mod harness;
mod personal_access_tokens;
