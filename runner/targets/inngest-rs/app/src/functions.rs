//! The three functions.

use std::fmt;

use inngest::{
    client::Inngest,
    event::Event,
    function::{FunctionOpts, Input, ServableFn, Trigger},
    result::{DevError, Error},
    step_tool::Step,
};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use crate::beacon;

/// all gives the functions: echo, step and send.
pub fn all(client: &Inngest) -> Vec<ServableFn<Value, Error>> {
    vec![echo(client), step(client), send(client)]
}

fn echo(client: &Inngest) -> ServableFn<Value, Error> {
    client.create_function(
        options("echo"),
        Trigger::event("countersign/echo"),
        |input: Input<Value>, _: Step| async move {
            let nonce = report(&input).await;
            Ok(json!({ "nonce": nonce }))
        },
    )
}

fn step(client: &Inngest) -> ServableFn<Value, Error> {
    client.create_function(
        options("step"),
        Trigger::event("countersign/step"),
        |input: Input<Value>, step: Step| async move {
            let nonce = report(&input).await;
            let nonce: Value = step.run("work", || async { Ok::<_, Never>(nonce) }).await?;
            Ok(json!({ "nonce": nonce }))
        },
    )
}

fn send(client: &Inngest) -> ServableFn<Value, Error> {
    let sender = client.clone();
    client.create_function(
        options("send"),
        Trigger::event("countersign/send"),
        move |input: Input<Value>, _: Step| {
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
        },
    )
}

/// options makes a function that is not retried: the response to a call is its own.
fn options(id: &str) -> FunctionOpts {
    FunctionOpts {
        retries: 0,
        ..FunctionOpts::new(id)
    }
}

/// report sends the beacon of a function that runs, and returns the nonce of its event.
async fn report(input: &Input<Value>) -> Value {
    let nonce = input.event.data["nonce"].clone();
    let sending = beacon::send(nonce.as_str().unwrap_or_default().to_owned());
    let _ = tokio::spawn(sending).await; // whatever becomes of it, the function goes on
    nonce
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
