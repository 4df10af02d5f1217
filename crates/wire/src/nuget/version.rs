//! Versions as NuGet reads them: what differs in zeros, case or metadata of the build alone is the same version.

/// The longest version, in bytes, as NuGet has it.
const BYTES_MAX: usize = 64;
/// Numbers of a version at the most; the fourth is left out where it is 0.
const NUMBERS_MAX: usize = 4;
const NUMBERS_MIN: usize = 3;

/// The normal form, as feeds write it in addresses. `None` for what is no version.
pub fn normal(text: &str) -> Option<String> {
    if text.len() > BYTES_MAX || !text.is_ascii() {
        return None;
    }
    let (text, build) = text
        .split_once('+')
        .map_or((text, None), |(text, build)| (text, Some(build)));
    if build.is_some_and(|build| !is_labels(build)) {
        return None;
    }
    let (numbers, labels) = text
        .split_once('-')
        .map_or((text, None), |(numbers, labels)| (numbers, Some(labels)));
    if labels.is_some_and(|labels| !is_labels(labels)) {
        return None;
    }
    let mut read = Vec::new();
    for number in numbers.split('.') {
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        // What is larger is no number to NuGet.
        let number = plain.then(|| number.parse::<i32>().ok()).flatten()?;
        read.push(number);
    }
    if read.len() > NUMBERS_MAX {
        return None;
    }
    while read.len() < NUMBERS_MIN {
        read.push(0);
    }
    if read.len() == NUMBERS_MAX && read.last() == Some(&0) {
        read.pop();
    }
    let numbers: Vec<String> = read.iter().map(i32::to_string).collect();
    let mut normal = numbers.join(".");
    if let Some(labels) = labels {
        normal.push('-');
        normal.push_str(&labels.to_ascii_lowercase());
    }
    Some(normal)
}

fn is_labels(text: &str) -> bool {
    text.split('.').all(|label| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.bytes().all(inner)
    })
}
