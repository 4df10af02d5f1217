//! Header templates: how the server's own credential goes to an upstream, `Authorization: Bearer {secret}`. Checked when
//! they are read; expanded for each request into a value that no reader can split or fold.

use crate::credential::Secret;
use zeroize::Zeroizing;

/// The longest template, and the longest expanded value, in bytes.
const BYTES_MAX: usize = 8_192;

/// What a template may ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Placeholder {
    /// `{secret}`: the upstream's credential.
    Secret,
    /// `{login}`: the login of whoever asks.
    Login,
    /// `{upstream_login}`: the login that is linked to it at the upstream.
    UpstreamLogin,
    /// `{request_id}`: the request's id.
    RequestId,
}

impl Placeholder {
    const ALL: [Placeholder; 4] = [
        Placeholder::Secret,
        Placeholder::Login,
        Placeholder::UpstreamLogin,
        Placeholder::RequestId,
    ];

    /// The word between the braces.
    pub const fn word(self) -> &'static str {
        match self {
            Placeholder::Secret => "secret",
            Placeholder::Login => "login",
            Placeholder::UpstreamLogin => "upstream_login",
            Placeholder::RequestId => "request_id",
        }
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Value(Placeholder),
}

/// One header that goes to an upstream.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderTemplate {
    name: String,
    parts: Vec<Part>,
}

// SECURITY: an administrator can write the secret itself into a template, so that its text is shown nowhere.
impl std::fmt::Debug for HeaderTemplate {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "HeaderTemplate({}: hidden)", self.name)
    }
}

/// What is put into templates for one request. What is absent cannot be asked for.
#[derive(Clone, Copy, Default)]
pub struct HeaderValues<'a> {
    /// The upstream's credential.
    pub secret: Option<&'a str>,
    /// The login of whoever asks.
    pub login: Option<&'a str>,
    /// The login at the upstream.
    pub upstream_login: Option<&'a str>,
    /// The request's id.
    pub request_id: Option<&'a str>,
}

/// Why a template is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TemplateError {
    /// It is not `Name: value`.
    Shape,
    /// The name holds what no header's name may hold.
    Name,
    /// The name frames, routes or describes the message, which the gateway alone does.
    Reserved(String),
    /// Braces without a known word between them.
    Placeholder(String),
    /// The value holds what is neither a visible ASCII character nor a blank.
    Value,
    /// It is empty, or too long.
    Length,
    /// Two templates for one header.
    Twice(String),
}

impl std::fmt::Display for TemplateError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TemplateError::Shape => out.write_str("write a header as `Name: value`"),
            TemplateError::Name => out.write_str("a header's name holds letters, digits and `-`"),
            TemplateError::Reserved(name) => {
                write!(out, "`{name}` belongs to the gateway itself: use another header")
            }
            TemplateError::Placeholder(text) => write!(
                out,
                "`{{{text}}}` is unknown: use {{secret}}, {{login}}, {{upstream_login}} or {{request_id}}"
            ),
            TemplateError::Value => {
                out.write_str("a header's value holds visible ASCII characters and blanks")
            }
            TemplateError::Length => write!(out, "a header's value has 1 to {BYTES_MAX} bytes"),
            TemplateError::Twice(name) => write!(out, "`{name}` is there twice"),
        }
    }
}

impl std::error::Error for TemplateError {}

/// Why a template cannot be expanded for a request. The value itself is never told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExpandError {
    /// There is no such value for this request, or it is empty.
    Absent(Placeholder),
    /// The value holds what would end, fold or split the header.
    Unsafe(Placeholder),
    /// The whole is too long, or begins or ends with a blank.
    Value,
}

impl HeaderTemplate {
    /// Reads `Name: value`, with placeholders in the value.
    pub fn parse(text: &str) -> Result<HeaderTemplate, TemplateError> {
        let (name, value) = text.split_once(':').ok_or(TemplateError::Shape)?;
        // SECURITY: `_` is refused in names. Behind many servers `X_User` and `X-User` are one variable.
        if name.is_empty()
            || !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return Err(TemplateError::Name);
        }
        let name = name.to_ascii_lowercase();
        if reserved(&name) {
            return Err(TemplateError::Reserved(name));
        }
        let value = value.trim_matches(' ');
        if value.is_empty() || value.len() > BYTES_MAX {
            return Err(TemplateError::Length);
        }
        if !value.bytes().all(printable) {
            return Err(TemplateError::Value);
        }
        Ok(HeaderTemplate {
            name,
            parts: parts(value)?,
        })
    }

    /// Reads several; no header may come twice.
    pub fn parse_all<'a>(
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<HeaderTemplate>, TemplateError> {
        let mut all: Vec<HeaderTemplate> = Vec::new();
        for text in texts {
            let template = HeaderTemplate::parse(text)?;
            if all.iter().any(|known| known.name == template.name) {
                return Err(TemplateError::Twice(template.name));
            }
            all.push(template);
        }
        Ok(all)
    }

    /// The header's name, in lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it asks for a value.
    pub fn asks(&self, placeholder: Placeholder) -> bool {
        self.parts.contains(&Part::Value(placeholder))
    }

    /// Whether a header of the caller would be read as this one, and so must not go on beside it: names compare without
    /// case, and with `_` for `-`.
    pub fn shadows(&self, name: &str) -> bool {
        let folded = |byte: u8| match byte {
            b'_' => b'-',
            byte => byte.to_ascii_lowercase(),
        };
        name.bytes().map(folded).eq(self.name.bytes())
    }

    /// The header's value for one request.
    pub fn expand<'a>(&'a self, values: &HeaderValues<'a>) -> Result<Secret<'a>, ExpandError> {
        if let [one] = self.parts.as_slice() {
            let text = one.checked(values)?;
            return fits(text)
                .then_some(Secret::Borrowed(text))
                .ok_or(ExpandError::Value);
        }
        let mut length = 0;
        for part in &self.parts {
            length += part.checked(values)?.len();
        }
        if length > BYTES_MAX {
            return Err(ExpandError::Value);
        }
        // Room for everything at once: a string that grows would leave parts of the secret behind.
        let mut value = Zeroizing::new(String::with_capacity(length));
        for part in &self.parts {
            value.push_str(part.text(values));
        }
        if !fits(&value) {
            return Err(ExpandError::Value);
        }
        Ok(Secret::Owned(value))
    }
}

/// Whether a text can be a value as it is: readers take blanks off both ends.
fn fits(text: &str) -> bool {
    text.len() <= BYTES_MAX && !text.starts_with(' ') && !text.ends_with(' ')
}

impl Part {
    fn text<'a>(&'a self, values: &HeaderValues<'a>) -> &'a str {
        match self {
            Part::Text(text) => text,
            Part::Value(placeholder) => values.of(*placeholder).unwrap_or_default(),
        }
    }

    fn checked<'a>(&'a self, values: &HeaderValues<'a>) -> Result<&'a str, ExpandError> {
        match self {
            Part::Text(text) => Ok(text),
            Part::Value(placeholder) => filled(*placeholder, values),
        }
    }
}

impl<'a> HeaderValues<'a> {
    fn of(&self, placeholder: Placeholder) -> Option<&'a str> {
        match placeholder {
            Placeholder::Secret => self.secret,
            Placeholder::Login => self.login,
            Placeholder::UpstreamLogin => self.upstream_login,
            Placeholder::RequestId => self.request_id,
        }
    }
}

/// Visible ASCII and blanks: no control character, so no line end, and nothing that readers decode differently.
const fn printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

const fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b',' | b';' | b'"' | b'\'' | b'(' | b')' | b'<' | b'>' | b'\\' | b':' | b'='
        )
}

fn filled<'a>(placeholder: Placeholder, values: &HeaderValues<'a>) -> Result<&'a str, ExpandError> {
    // SECURITY: an empty name is an anonymous or even a trusted caller to some upstreams.
    let text = values
        .of(placeholder)
        .filter(|text| !text.is_empty())
        .ok_or(ExpandError::Absent(placeholder))?;
    let fits = match placeholder {
        Placeholder::Secret => text.bytes().all(printable),
        // A name that could be read as two, as a parameter or as a quotation is nobody's name.
        Placeholder::Login | Placeholder::UpstreamLogin => text.bytes().all(is_of_a_name),
        // Made here: letters and digits in groups.
        Placeholder::RequestId => text
            .bytes()
            .all(|byte| byte == b':' || byte.is_ascii_alphanumeric()),
    };
    if fits {
        Ok(text)
    } else {
        Err(ExpandError::Unsafe(placeholder))
    }
}

fn parts(value: &str) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some(at) = rest.find(['{', '}']) {
        let (text, braced) = rest.split_at(at);
        if !text.is_empty() {
            parts.push(Part::Text(text.into()));
        }
        let unknown =
            || TemplateError::Placeholder(braced.chars().skip(1).take_while(|c| *c != '}').collect());
        let (word, after) = braced
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
            .ok_or_else(unknown)?;
        let placeholder = Placeholder::ALL.into_iter().find(|known| known.word() == word);
        parts.push(Part::Value(placeholder.ok_or_else(unknown)?));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.into()));
    }
    Ok(parts)
}

/// Headers that no template sets: those of one connection, those that frame or describe the body, those that say where
/// a request goes or came from, and those that make it another one.
fn reserved(name: &str) -> bool {
    const PREFIXES: [&str; 6] = [
        "content-",
        "proxy-",
        "sec-",
        "if-",
        "access-control-",
        "x-original-",
    ];
    const NAMES: [&str; 31] = [
        "accept-encoding",
        "connection",
        "date",
        "expect",
        "forwarded",
        "host",
        "http2-settings",
        "keep-alive",
        "max-forwards",
        "origin",
        "range",
        "referer",
        "server",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-proto",
        "x-forwarded-server",
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
        "x-real-ip",
        "x-rewrite-url",
        "x-sendfile",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests;
