//! The form by which a token is asked for (OAuth 2.0, as docker's flow has it): the credential in it, and the scopes.

use super::Pairs;
use crate::credential::{Carried, CarrierError, decoded};

/// A form that was read.
pub struct TokenForm {
    /// The credential that it carries.
    pub carried: Result<Carried<'static>, CarrierError>,
    /// The scopes, as they came.
    pub scopes: Vec<String>,
}

impl TokenForm {
    /// Reads a form. One that cannot be understood carries a bad credential, never none.
    pub fn parse(body: &[u8]) -> TokenForm {
        let pairs = std::str::from_utf8(body)
            .ok()
            .and_then(|text| Pairs::parse(Some(text)));
        let Some(pairs) = pairs else {
            return TokenForm {
                carried: Err(CarrierError::Malformed),
                scopes: Vec::new(),
            };
        };
        let values = |name: &str| -> Vec<&str> {
            let of_name = pairs.0.iter().filter(|(known, _)| known == name);
            of_name.map(|(_, value)| value.as_str()).collect()
        };
        let secrets = (values("password"), values("refresh_token"));
        let secret = match (
            values("grant_type").as_slice(),
            secrets.0.as_slice(),
            secrets.1.as_slice(),
        ) {
            ([], [], []) => Ok(None),
            (["password"], [secret], []) | (["refresh_token"], [], [secret]) => Ok(Some(*secret)),
            (_, [_, ..], [_, ..]) | (_, [_, _, ..], _) | (_, _, [_, _, ..]) => Err(CarrierError::Several),
            _ => Err(CarrierError::Malformed),
        };
        let carried = match secret {
            Ok(None) => Ok(Carried::Nothing),
            Ok(Some("")) => Err(CarrierError::Malformed),
            Ok(Some(secret)) => Ok(decoded(secret)),
            Err(error) => Err(error),
        };
        TokenForm {
            carried,
            scopes: values("scope").into_iter().map(str::to_owned).collect(),
        }
    }

    /// The one credential of a request with this form, if it has one, and these headers: two are refused.
    pub fn or_headers(
        form: Option<TokenForm>,
        headers: Result<Carried<'_>, CarrierError>,
    ) -> Result<Carried<'_>, CarrierError> {
        let Some(form) = form else { return headers };
        match (form.carried, headers?) {
            (carried, Carried::Nothing) => carried,
            (Ok(Carried::Nothing), carried) => Ok(carried),
            (_, Carried::Secret(_)) => Err(CarrierError::Several),
        }
    }
}
