//! Checks a signature verifier with Countersign's vectors: copy this file into the
//! folder `tests` of your crate and verify.json beside it, add serde_json to the
//! dev-dependencies, fill in `verify` below, and run
//!
//! ```text
//! cargo test --test inngest_signature -- --nocapture
//! ```
//!
//! COUNTERSIGN_VECTORS names the directory of verify.json; without it, it is in tests/
//! or in ../../data. COUNTERSIGN_STRICT=1 makes a SHOULD fail the test, too.
//!
//! The clock of a Rust program cannot be set: a verifier must take the time as an
//! argument, or ignore it, and then fails the vectors about the window.
#![cfg(test)]
#![allow(dead_code)]

use serde_json::Value;
use std::collections::HashMap;
use std::{env, fs, path::Path};

/// What a verifier gets. `body` is the bytes as received; a repeated header occurs
/// repeatedly; `primary` and `fallback` are the values of the two environment
/// variables; `now` is in unix seconds.
struct Request<'a> {
    method: &'a str,
    target: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: Vec<u8>,
    primary: Option<&'a str>,
    fallback: Option<&'a str>,
    now: i64,
}

// ---- your verifier: begin
/// Returns whether the request is accepted.
fn verify(_request: &Request) -> bool {
    panic!("fill in verify in this file: call your verifier there")
}
// ---- your verifier: end

#[test]
fn the_verifier_agrees_with_the_vectors() {
    let file = read();
    let strict = env::var("COUNTERSIGN_STRICT").as_deref() == Ok("1");
    let vectors = file["vectors"].as_array().expect("verify.json has no vectors");
    assert_eq!(Some(vectors.len() as u64), file["count"].as_u64(), "verify.json is incomplete");
    let accepted: HashMap<&str, bool> = vectors.iter().map(|v| (text(v, "id"), verify(&request(v)))).collect();

    let (mut scored, mut agree) = (0, 0);
    let (mut violations, mut warnings, mut uncounted) = (vec![], vec![], vec![]);
    for v in vectors.iter().filter(|v| text(v, "result") != "unspecified") {
        scored += 1;
        let got = if accepted[text(v, "id")] { "accept" } else { "refuse" };
        if got != text(v, "result") {
            let list = if strict || text(v, "level") == "MUST" { &mut violations } else { &mut warnings };
            list.push(describe(v, got, &file["flags"]));
        } else if v["control"].as_str().is_some_and(|control| !accepted[control]) {
            uncounted.push(text(v, "id")); // a refusal shows nothing where the control is refused, too
        } else {
            agree += 1;
        }
    }
    for line in &warnings {
        println!("{line}");
    }
    if !uncounted.is_empty() {
        println!("not counted, because their control is refused: {}", uncounted.join(", "));
    }
    println!(
        "agrees with {agree} of {scored} vectors; {} SHOULD differ; {} not counted; {} unspecified",
        warnings.len(), uncounted.len(), vectors.len() - scored
    );
    assert!(violations.is_empty(), "{} vectors differ:\n{}", violations.len(), violations.join("\n"));
    assert!(agree > 0, "no vector counts");
}

fn read() -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = env::var("COUNTERSIGN_VECTORS").map(Into::into).unwrap_or_else(|_| {
        [root.join("tests"), root.join("../../data")].into_iter().find(|f| f.join("verify.json").exists()).unwrap_or_else(|| root.join("tests"))
    });
    let content = fs::read(folder.join("verify.json")).expect("reading verify.json");
    serde_json::from_slice(&content).expect("parsing verify.json")
}

fn text<'a>(holder: &'a Value, name: &str) -> &'a str {
    holder[name].as_str().unwrap_or_default()
}

fn request(v: &Value) -> Request<'_> {
    Request {
        method: text(v, "method"),
        target: text(v, "target"),
        headers: v["headers"].as_array().into_iter().flatten().map(|h| (text(h, "name"), text(h, "value"))).collect(),
        body: v["bodyBase64"].as_str().map(from_base64).unwrap_or_else(|| text(v, "body").as_bytes().to_vec()),
        primary: v["keys"]["primary"].as_str(),
        fallback: v["keys"]["fallback"].as_str(),
        now: v["now"].as_i64().expect("a vector without a time"),
    }
}

fn describe(v: &Value, got: &str, flags: &Value) -> String {
    let by = v["by"].as_str().map(|by| format!(", by {by}")).unwrap_or_default();
    let bug = v["flags"].as_array().into_iter().flatten().find_map(|flag| flags[flag.as_str()?]["bug"].as_str());
    let likely = bug.map(|bug| format!("; likely: {bug}")).unwrap_or_default();
    format!("{} {} ({}{by}): want {}, got {got}: {}{likely}", text(v, "level"), text(v, "id"), text(v, "clause"), text(v, "result"), text(v, "comment"))
}

fn from_base64(encoded: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (vec![], 0u32, 0);
    for digit in encoded.bytes().filter(|b| *b != b'=') {
        let value = ALPHABET.iter().position(|a| *a == digit).expect("a base64 digit") as u32;
        (bits, held) = (bits << 6 | value, held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}
