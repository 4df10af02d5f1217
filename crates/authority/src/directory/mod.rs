//! Users, organizations, teams and repositories: who there is, what belongs to whom, and who may do what where.
//! Each file is one noun or verb with its use cases; `reach` and `check` hold what they share.

pub mod account;
pub(crate) mod check;
pub mod collaborator;
pub mod create;
pub mod edit;
pub mod fork;
pub mod leftover;
pub mod member;
pub mod organization;
pub mod outside;
pub mod reach;
pub mod remove;
pub mod repository;
pub mod search;
pub mod service;
pub mod team;
pub mod team_change;
pub mod team_member;
pub mod team_repository;
pub mod transfer;
