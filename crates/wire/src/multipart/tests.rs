//! Forms as clients send them, in any cuts, and forms that two readers could read differently.

use super::{Form, Malformed, Part, Piece, boundary};
use proptest::prelude::*;

const FORM: &[u8] = b"--b\r\nContent-Disposition: form-data; name=\":action\"\r\n\r\nfile_upload\r\n\
    --b\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n\
    --b\r\nContent-Disposition: form-data; name=\"content\"; filename=\"a-1.zip\"\r\nContent-Type: application/zip\r\n\r\n\
    \r\n--c not yet\r\n--\r\n--b--\r\n";

/// The parts with their bytes, read in cuts of a size.
fn read(bytes: &[u8], cut: usize) -> Result<Vec<(Part, Vec<u8>)>, Malformed> {
    let mut form = Form::new("b");
    let mut parts: Vec<(Part, Vec<u8>)> = Vec::new();
    for some in bytes.chunks(cut) {
        for piece in form.push(some)? {
            match piece {
                Piece::Part(part) => parts.push((part, Vec::new())),
                Piece::Bytes(more) => parts.last_mut().unwrap().1.extend_from_slice(&more),
                Piece::EndOfPart | Piece::End => {}
            }
        }
    }
    if form.is_over() { Ok(parts) } else { Err(Malformed) }
}

#[test]
fn a_form_is_read_in_any_cuts() {
    let parts = read(FORM, FORM.len()).unwrap();
    let names: Vec<_> = parts
        .iter()
        .map(|(part, bytes)| (part.name.as_str(), part.file.as_deref(), bytes.as_slice()))
        .collect();
    assert_eq!(
        names,
        [
            (":action", None, &b"file_upload"[..]),
            ("empty", None, b""),
            ("content", Some("a-1.zip"), b"\r\n--c not yet\r\n--"),
        ]
    );
    for cut in 1..FORM.len() {
        assert_eq!(read(FORM, cut), Ok(parts.clone()), "{cut}");
    }
}

#[test]
fn forms_with_two_readings_are_refused() {
    let head = "Content-Disposition: form-data; name=\"a\"";
    for form in [
        format!("preamble\r\n--b\r\n{head}\r\n\r\nx\r\n--b--\r\n"),
        format!("--b\r\n{head}\r\n\r\nx\r\n--b--\r\nepilogue"),
        format!("--b\r\n{head}; name=\"b\"\r\n\r\nx\r\n--b--\r\n"),
        format!("--b\r\n{head}; filename*=utf-8''b\r\n\r\nx\r\n--b--\r\n"),
        format!("--b\r\n{head}\r\n{head}\r\n\r\nx\r\n--b--\r\n"),
        format!("--b\r\n{head}\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--b--\r\n"),
        format!("--b\n{head}\n\nx\n--b--\n"),
        format!("--b\r\n{head}\r\n\r\nx\r\n--b"),
        format!("--b\r\n{head}\r\n\r\nx\r\n--bx\r\n"),
        format!("--b\r\n{head}\r\n\r\n--b--\r\n"),
        "--b\r\nContent-Disposition: form-data; name=\"a\\\"; x=\"\r\n\r\nx\r\n--b--\r\n".into(),
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--\r\n".into(),
        "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n".into(),
        "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n".into(),
        format!("--b\r\n{head}\r\nx-y: {}\r\n\r\nx\r\n--b--\r\n", "y".repeat(9000)),
    ] {
        assert_eq!(read(form.as_bytes(), 7), Err(Malformed), "{form:.80}");
    }
    assert!(read(format!("--b\r\n{head}\r\n\r\nx\r\n--b--\r\n").as_bytes(), 7).is_ok());
}

#[test]
fn a_boundary_is_named_once() {
    assert_eq!(boundary("multipart/form-data; boundary=abc"), Some("abc"));
    assert_eq!(boundary("Multipart/Form-Data; boundary=\"a b\""), None);
    assert_eq!(boundary("multipart/form-data; boundary=\"a:b\""), Some("a:b"));
    for text in [
        "multipart/form-data",
        "multipart/mixed; boundary=a",
        "multipart/form-data; boundary=",
        "text/plain; boundary=a",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; charset=x; boundary=a",
    ] {
        assert_eq!(boundary(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn bytes_come_out_as_they_went_in(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 1_usize..64) {
        prop_assume!(!bytes.windows(5).any(|window| window == b"\r\n--b"));
        let form = [b"--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n", &bytes[..], b"\r\n--b--\r\n"].concat();
        prop_assume!(!bytes.starts_with(b"--b"));
        let parts = read(&form, cut).unwrap();
        prop_assert_eq!(&parts[0].1, &bytes);
    }
}
