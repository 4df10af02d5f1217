//! Gitea behind the gateway: its own API as the person, by a stand-in that obeys `Sudo` as Gitea documents it.

mod names;
mod outside;
mod planting;
mod standin;
mod table;
mod walk;
