//! What is stored, in GitHub's JSON shapes. Each view is one function of rows; no rules, no look-ups.

pub mod account;
pub mod audit;
pub mod check;
pub mod commit;
pub mod content;
pub mod gitdata;
pub mod issue;
pub mod observation;
pub mod organization;
pub mod package;
pub mod repository;
pub mod service;
pub mod status;
pub mod team;
pub mod token;
pub mod upstream;
pub mod user;
