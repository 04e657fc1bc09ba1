//! The inngest-rs target: one small axum app for inngest 0.1.
//!
//! What it must do is the table in ../README.md. Nothing stands between axum and
//! the SDK's own handlers, because how a release fails is part of what is judged.

mod beacon;
mod functions;

use std::{env, process::exit, sync::Arc};

use axum::{routing::get, Router, Server};
use inngest::{
    client::Inngest,
    handler::Handler,
    result::Error,
    serve::axum::{introspect, invoke, register},
};
use serde_json::Value;

const PATH: &str = "/api/inngest";
const VERSION: &str = match option_env!("INNGEST_VERSION") {
    Some(chosen) => chosen, // by build.sh
    None => "of Cargo.lock",
};

#[tokio::main]
async fn main() {
    let variable = |name| env::var(name).ok().filter(|text| !text.is_empty());
    if let Some(other) = variable("COUNTERSIGN_HANDLER").filter(|name| name != "axum") {
        eprintln!("COUNTERSIGN_HANDLER: want axum, got {other:?}");
        exit(1);
    }
    let port = variable("PORT").unwrap_or("3000".into());
    let address = format!("127.0.0.1:{port}")
        .parse()
        .expect("PORT is the number of a port");
    let routes = get(introspect).put(register).post(invoke);
    let app = Router::new()
        .route(PATH, routes)
        .with_state(Arc::new(handler()));
    let server = Server::bind(&address).serve(app.into_make_service());
    println!("inngest {VERSION}, handler axum, at http://{address}{PATH}");
    server.await.expect("the server runs until it is ended");
}

fn handler() -> Handler<Value, Error> {
    let client = Inngest::new("countersign");
    let mut handler = Handler::new(&client);
    if let Ok(key) = env::var("COUNTERSIGN_CODE_SIGNING_KEY") {
        handler = handler.signing_key(&key);
    }
    handler.register_fns(functions::all(&client));
    handler
}
