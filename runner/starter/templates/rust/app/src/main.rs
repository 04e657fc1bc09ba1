//! The app that is judged: three functions, served by the SDK on 127.0.0.1:$PORT.
//! It adds nothing to the SDK and hides nothing that it returns.

use std::{env, fmt, sync::Arc, time::Duration};

use axum::{routing::get, Router, Server};
// EDIT: your crate.
use inngest::{
    client::Inngest,
    event::Event,
    function::{FunctionOpts, Input, ServableFn, Trigger},
    handler::Handler,
    result::{DevError, Error},
    serve::axum::{introspect, invoke, register},
    step_tool::Step,
};
use percent_encoding::{utf8_percent_encode, NON_ALPHANUMERIC};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

#[tokio::main]
async fn main() {
    let port = env::var("PORT").expect("PORT is set");
    let address = format!("127.0.0.1:{port}")
        .parse()
        .expect("PORT is the number of a port");
    // EDIT: your handler, at /api/inngest.
    let routes = get(introspect).put(register).post(invoke);
    let app = Router::new()
        .route("/api/inngest", routes)
        .with_state(Arc::new(handler()));
    let server = Server::bind(&address).serve(app.into_make_service());
    server.await.expect("the server runs until it is ended");
}

/// handler passes what is given in code. Everything else the SDK reads from its
/// environment by itself. EDIT: your client.
fn handler() -> Handler<Value, Error> {
    let client = Inngest::new("countersign");
    let mut handler = Handler::new(&client);
    if let Ok(key) = env::var("COUNTERSIGN_CODE_SIGNING_KEY") {
        handler = handler.signing_key(&key);
    }
    handler.register_fns(vec![echo(&client), step(&client), send(&client)]);
    handler
}

/// report reports that a function runs, before it does anything else, and returns
/// the nonce of its event. Its failure changes nothing.
async fn report(input: &Input<Value>) -> Value {
    let nonce = input.event.data["nonce"].clone();
    let text = nonce.as_str().unwrap_or_default().to_owned();
    let _ = tokio::spawn(beacon(text)).await;
    nonce
}

async fn beacon(nonce: String) {
    let Ok(address) = env::var("COUNTERSIGN_BEACON") else {
        return;
    };
    let name = match nonce.as_str() {
        "" => "-".to_string(),
        text => utf8_percent_encode(text, NON_ALPHANUMERIC).to_string(),
    };
    let limit = Duration::from_secs(2);
    let client = reqwest::Client::builder().no_proxy().timeout(limit).build();
    if let Ok(client) = client {
        let request = client.post(format!("{address}/{name}")).body("");
        let _ = request.send().await;
    }
}

/// options makes a function without retries: the response to a call is its own.
fn options(id: &str) -> FunctionOpts {
    FunctionOpts {
        retries: 0,
        ..FunctionOpts::new(id)
    }
}

fn echo(client: &Inngest) -> ServableFn<Value, Error> {
    let trigger = Trigger::event("countersign/echo");
    client.create_function(options("echo"), trigger, |input, _: Step| async move {
        Ok(json!({ "nonce": report(&input).await }))
    })
}

fn step(client: &Inngest) -> ServableFn<Value, Error> {
    let trigger = Trigger::event("countersign/step");
    client.create_function(options("step"), trigger, |input, step: Step| async move {
        let nonce = report(&input).await;
        let nonce: Value = step.run("work", || async { Ok::<_, Never>(nonce) }).await?;
        Ok(json!({ "nonce": nonce }))
    })
}

fn send(client: &Inngest) -> ServableFn<Value, Error> {
    let trigger = Trigger::event("countersign/send");
    let sender = client.clone();
    client.create_function(options("send"), trigger, move |input, _: Step| {
        let sender = sender.clone();
        async move {
            let nonce = report(&input).await;
            let event = Event::new("countersign/sent", json!({ "nonce": nonce }));
            // A function's future must be Sync: a task's handle is, the client's future is not.
            let sending = tokio::spawn(async move { sender.send_event(&event).await });
            sending
                .await
                .map_err(|panic| DevError::Basic(panic.to_string()))??;
            Ok(json!({ "nonce": nonce }))
        }
    })
}

/// Never is the error of a step that cannot fail.
#[derive(Debug, Serialize, Deserialize)]
enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl From<Never> for Error {
    fn from(never: Never) -> Error {
        match never {}
    }
}
