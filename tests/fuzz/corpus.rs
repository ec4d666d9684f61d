//! The kept inputs: a file for each target, an input a line, with escapes as in a byte string of Rust. A line that
//! starts with `# ` is a remark.

/// The inputs of a file.
pub fn read(file: &str) -> Vec<Vec<u8>> {
    let lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines.map(|line| unescaped(line).unwrap_or_else(|| panic!("a bad escape in the line {line}"))).collect()
}

/// The line of an input. One of nothing is `\` alone.
pub fn line(input: &[u8]) -> String {
    let escaped = input.escape_ascii().to_string();
    if escaped.is_empty() || escaped.starts_with("# ") { format!("\\{escaped}") } else { escaped }
}

fn unescaped(line: &str) -> Option<Vec<u8>> {
    let line = match line.strip_prefix('\\') {
        Some(rest) if rest.is_empty() || rest.starts_with('#') => rest,
        _ => line,
    };
    let mut bytes = Vec::new();
    let mut rest = line.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
                }
                other => other,
            },
            byte => byte,
        });
    }
    Some(bytes)
}

#[test]
fn every_input_comes_back_from_its_line() {
    let all: Vec<u8> = (0..=255).collect();
    for input in [&b""[..], b"# x", b"\\", b"#", b"a\nb", b"'\"", &all] {
        assert_eq!(read(&line(input)), [input], "{}", line(input));
    }
}
