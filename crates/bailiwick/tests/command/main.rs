//! The binary as a process against a scripted server: what is asked, what is printed where, and exit codes.

mod configuration;
mod exit;
mod login;
mod request;
mod script;
mod token;
