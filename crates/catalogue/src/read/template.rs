//! Path templates: `{name}` one segment, `{name#}` digits, `{name~}` one segment that may hold an encoded
//! slash, `{name*}` the rest of the path, `{name**}` the rest or nothing, `{name=a|b}` one of these words.

/// The most segments of a template. The router remembers the bounds of no more.
pub const SEGMENTS_MAX: usize = 18;

/// One segment of a template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// Exactly this text.
    Literal(String),
    /// A parameter.
    Param(String, Shape),
}

/// What a parameter accepts, in the order in which the router tries them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// One of these words.
    Choice(Vec<String>),
    /// Decimal digits.
    Number,
    /// One segment without a slash in it, encoded or not.
    One,
    /// One segment that may hold an encoded slash.
    Slash,
    /// One or more segments up to the end.
    Tail,
    /// Zero or more segments up to the end.
    TailOrNothing,
}

/// Reads a template.
pub fn parse(text: &str) -> Result<Vec<Segment>, String> {
    let rest = text.strip_prefix('/').ok_or("a path starts with a slash")?;
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    let mut segments = Vec::new();
    for part in rest.split('/') {
        if matches!(
            segments.last(),
            Some(Segment::Param(_, Shape::Tail | Shape::TailOrNothing))
        ) {
            return Err("a tail must be the last segment".into());
        }
        if segments.len() == SEGMENTS_MAX {
            return Err(format!("more than {SEGMENTS_MAX} segments"));
        }
        let next = segment(part)?;
        // Whatever reads a value by its name would see one of the two.
        if let Segment::Param(name, _) = &next
            && params(&segments).contains(&name.as_str())
        {
            return Err(format!("`{{{name}}}` is there twice"));
        }
        segments.push(next);
    }
    Ok(segments)
}

fn segment(part: &str) -> Result<Segment, String> {
    let Some(inner) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if part.is_empty() || !part.chars().all(plain) {
            return Err(format!("`{part}` is neither a literal nor a parameter"));
        }
        return Ok(Segment::Literal(part.into()));
    };
    let (name, shape) = if let Some((name, words)) = inner.split_once('=') {
        (name, Shape::Choice(words.split('|').map(str::to_owned).collect()))
    } else if let Some(name) = inner.strip_suffix("**") {
        (name, Shape::TailOrNothing)
    } else if let Some(name) = inner.strip_suffix('*') {
        (name, Shape::Tail)
    } else if let Some(name) = inner.strip_suffix('~') {
        (name, Shape::Slash)
    } else if let Some(name) = inner.strip_suffix('#') {
        (name, Shape::Number)
    } else {
        (inner, Shape::One)
    };
    let proper = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if name.is_empty() || !name.chars().all(proper) {
        return Err(format!("`{name}` is not a parameter's name"));
    }
    Ok(Segment::Param(name.into(), shape))
}

/// The template as GitHub prints it, without our marks.
pub fn plain(segments: &[Segment]) -> String {
    if segments.is_empty() {
        return "/".into();
    }
    let mut text = String::new();
    for segment in segments {
        text.push('/');
        match segment {
            Segment::Literal(literal) => text.push_str(literal),
            Segment::Param(name, _) => text.push_str(&format!("{{{name}}}")),
        }
    }
    text
}

/// The names of the parameters in order.
pub fn params(segments: &[Segment]) -> Vec<&str> {
    segments
        .iter()
        .filter_map(|segment| match segment {
            Segment::Param(name, _) => Some(name.as_str()),
            Segment::Literal(_) => None,
        })
        .collect()
}
