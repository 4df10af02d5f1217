//! An organization's settings for personal access tokens: requests, tokens, policy, roles, service accounts,
//! incidents.

mod classic;
mod incident;
mod onboarding;
mod planted;
mod policy;
mod request;
mod requests;
mod roles;
mod service;
mod service_token;
mod services;
mod token;
mod tokens;

use bailiwick_gate::Routes;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    classic::register(routes);
    incident::register(routes);
    onboarding::register(routes);
    planted::register(routes);
    policy::register(routes);
    request::register(routes);
    requests::register(routes);
    roles::register(routes);
    service::register(routes);
    service_token::register(routes);
    services::register(routes);
    token::register(routes);
    tokens::register(routes);
}
