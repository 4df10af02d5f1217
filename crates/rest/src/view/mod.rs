//! What is stored, in GitHub's JSON shapes. Each view is one function of rows; no rules, no look-ups.

pub mod account;
pub mod check;
pub mod commit;
pub mod content;
pub mod gitdata;
pub mod issue;
pub mod repository;
pub mod status;
pub mod token;
pub mod organization;
pub mod user;
pub mod team;
pub mod service;
