//! TLS, an NKey, and no more permissions than the guide says.

mod common;

use common::{Nats, Outcome, PATIENCE, bot, has_nats, until};
use socketmode_jetstream::{ConnectOptions, Queue, QueueError};
use socketmode_simulator::{CHANNEL, PERSON};
use socketmode_tokio::router::Router;

/// A key pair of NATS's documentation, which nobody uses.
const PUBLIC: &str = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
const SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";

#[tokio::test(flavor = "multi_thread")]
async fn tls_and_an_nkey_with_few_permissions_are_enough() -> Outcome {
    if !has_nats("tls_and_an_nkey_with_few_permissions_are_enough") {
        return Ok(());
    }
    let identity = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let folder = std::env::temp_dir().join(format!("socketmode-access-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, identity.cert.pem())?;
    std::fs::write(&key, identity.signing_key.serialize_pem())?;
    let more = format!(
        r#"tls {{ cert_file: {certificate:?}, key_file: {key:?} }}
        authorization {{ users: [{{ nkey: {PUBLIC}, permissions: {{
            publish: ["slack.bot.>", "$JS.API.>", "$JS.ACK.>", "_INBOX.>"]
            subscribe: ["_INBOX.>"]
        }} }}] }}"#
    );
    let login = || ConnectOptions::with_nkey(SEED.to_owned()).add_root_certificates(certificate.clone());
    let nats = Nats::start_with(1, &more, login()).await?;
    let settings = || Queue::new("bot").allow_single();

    let without_tls = settings().connect(nats.addresses(), ConnectOptions::with_nkey(SEED.to_owned())).await;
    assert!(matches!(without_tls, Err(QueueError::Connect(_))), "{without_tls:?}");
    let nobody = ConnectOptions::new().add_root_certificates(certificate.clone());
    let nobody = settings().connect(nats.addresses(), nobody).await;
    let text = nobody.expect_err("nobody").to_string();
    assert!(!text.contains(SEED), "{text}");

    let queue = settings().connect(nats.addresses(), login()).await?;
    let slack = bot::slack()?;
    let _gateway = bot::gateway(&slack, &queue).await?;
    let app = Router::new(()).command("/hello", async || "Hello!").build()?;
    let worker = bot::worker(&slack, &queue, app)?;
    slack.say(PERSON, CHANNEL, "good morning");
    let command = slack.command("/hello", "");
    let ack = slack.wait_for_ack(&command, PATIENCE).await?;
    assert_eq!(ack.payload.ok_or("no answer")?["text"], "Hello!");
    until("both are handled", || worker.handle.health().counts.handled == 2).await?;
    queue.jetstream().publish("slack.bot.events", "poison".into()).await?.await?;
    until("a dead letter is stored", || worker.handle.health().counts.dead == 1).await?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
