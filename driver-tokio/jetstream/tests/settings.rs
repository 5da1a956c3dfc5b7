//! What is checked before anything is acknowledged.

mod common;

use std::time::Duration;

use common::{Nats, Outcome, bot, has_nats};
use socketmode_jetstream::async_nats::jetstream::consumer::pull;
use socketmode_jetstream::async_nats::jetstream::stream::{
    Config, DiscardPolicy, RetentionPolicy, StorageType,
};
use socketmode_jetstream::{
    ConnectOptions, Gateway, OpenQueue, Queue, QueueError, StartError, Worker, WorkerError,
};
use socketmode_tokio::AckPolicy;
use socketmode_tokio::router::{Key, Router};

fn settings() -> Queue {
    Queue::new("bot").allow_single()
}

async fn open(nats: &Nats, queue: Queue) -> Result<OpenQueue, QueueError> {
    queue.connect(nats.addresses(), ConnectOptions::new()).await
}

#[tokio::test]
async fn a_weaker_stream_is_an_error_that_says_how_to_fix_it() -> Outcome {
    if !has_nats("a_weaker_stream_is_an_error_that_says_how_to_fix_it") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let queue = open(&nats, settings()).await?;
    let jetstream = queue.jetstream();
    let fine = jetstream.get_stream(queue.stream_name()).await?.cached_info().config.clone();
    assert_eq!(fine.storage, StorageType::File);
    assert_eq!(fine.discard, DiscardPolicy::New);
    assert_eq!(fine.retention, RetentionPolicy::WorkQueue);
    let minute = Duration::from_secs(60);
    let weaker = [
        ("storage", Config { storage: StorageType::Memory, ..fine.clone() }),
        ("discard", Config { discard: DiscardPolicy::Old, ..fine.clone() }),
        ("retention", Config { retention: RetentionPolicy::Limits, ..fine.clone() }),
        ("duplicate_window", Config { duplicate_window: minute, ..fine.clone() }),
        ("max_age", Config { max_age: minute, duplicate_window: minute, ..fine.clone() }),
        ("max_bytes", Config { max_bytes: -1, ..fine.clone() }),
        ("max_msgs_per_subject", Config { max_messages_per_subject: 1, ..fine.clone() }),
        ("max_msg_size", Config { max_message_size: 1000, ..fine.clone() }),
        ("subjects", Config { subjects: vec!["slack.bot.events".to_owned()], ..fine.clone() }),
    ];
    for (setting, config) in weaker {
        jetstream.delete_stream(&fine.name).await?;
        jetstream.create_stream(config).await?;
        let error = open(&nats, settings()).await.expect_err(setting);
        let text = error.to_string();
        match error {
            // One of two that cannot be told apart in this stream.
            QueueError::Weak(weakness) if setting == "max_age" => {
                assert!(["max_age", "duplicate_window"].contains(&weakness.setting), "{text}");
            }
            QueueError::Weak(weakness) => assert_eq!(weakness.setting, setting, "{text}"),
            other => return Err(format!("{setting}: {other}").into()),
        }
        assert!(text.contains("Fix it with: ") && text.contains("SLACK-bot"), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_weaker_consumer_is_an_error_too() -> Outcome {
    if !has_nats("a_weaker_consumer_is_an_error_too") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let ordered = || settings().ordered(Key::Channel, 2);
    let queue = open(&nats, ordered()).await?;
    let stream = queue.jetstream().get_stream(queue.stream_name()).await?;
    let fine = stream.get_consumer::<pull::Config>("events-0").await?.cached_info().config.clone();
    assert_eq!((fine.max_ack_pending, fine.ack_wait), (1, Duration::from_secs(10)));
    let base = pull::Config {
        durable_name: Some("events-0".to_owned()),
        filter_subject: fine.filter_subject.clone(),
        ack_wait: fine.ack_wait,
        max_ack_pending: 1,
        ..pull::Config::default()
    };
    let weaker = [
        ("max_ack_pending", pull::Config { max_ack_pending: 100, ..base.clone() }),
        ("max_deliver", pull::Config { max_deliver: 3, ..base.clone() }),
        ("ack_wait", pull::Config { ack_wait: Duration::from_secs(30), ..base.clone() }),
    ];
    for (setting, config) in weaker {
        stream.delete_consumer("events-0").await?;
        stream.create_consumer(config).await?;
        match open(&nats, ordered()).await {
            Err(QueueError::Weak(weakness)) => assert_eq!(weakness.setting, setting, "{weakness}"),
            other => return Err(format!("{setting}: {other:?}").into()),
        }
    }
    Ok(())
}

#[tokio::test]
async fn three_replicas_need_three_servers_unless_one_is_allowed() -> Outcome {
    if !has_nats("three_replicas_need_three_servers_unless_one_is_allowed") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    let error = open(&nats, Queue::new("bot")).await.expect_err("one server cannot hold three copies");
    assert!(error.to_string().contains("--allow-single"), "{error}");
    open(&nats, settings()).await?;
    // The stream exists now, with one replica.
    let error = open(&nats, Queue::new("bot")).await.expect_err("one replica is weaker than three");
    assert!(error.to_string().contains("replicas is 1, and must be 3 or more"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_server_for_small_messages_is_an_error_too() -> Outcome {
    if !has_nats("a_server_for_small_messages_is_an_error_too") {
        return Ok(());
    }
    let nats = Nats::start_with(1, "max_payload: 65536", ConnectOptions::new()).await?;
    match open(&nats, settings()).await {
        Err(QueueError::Weak(weakness)) => assert_eq!(weakness.setting, "max_payload", "{weakness}"),
        other => return Err(format!("{other:?}").into()),
    }
    Ok(())
}

#[tokio::test]
async fn settings_that_would_lose_something_are_refused() -> Outcome {
    if !has_nats("settings_that_would_lose_something_are_refused") {
        return Ok(());
    }
    let nats = Nats::start(1).await?;
    for (wrong, wanted) in [
        (Queue::new("a.b"), "name"),
        (Queue::new(""), "name"),
        (settings().replicas(2), "replicas"),
        (settings().duplicate_window(Duration::from_secs(599)), "10 minutes"),
        (settings().max_bytes(0), "max_bytes"),
        (settings().max_age(Duration::MAX), "max_age"),
        (settings().max_age(Duration::MAX).duplicate_window(Duration::MAX), "max_age"),
        (settings().max_age(Duration::ZERO), "max_age"),
        (settings().ack_wait(Duration::ZERO), "ack_wait"),
        (settings().ack_wait(Duration::MAX), "ack_wait"),
        (settings().ordered(Key::User, 0), "partitions"),
        (settings().ordered(Key::User, 65), "partitions"),
    ] {
        let error = open(&nats, wrong).await.expect_err(wanted);
        assert!(matches!(error, QueueError::Setting(text) if text.contains(wanted)), "{error}");
    }
    // Dead letters are kept for 30 days.
    let (month, year) = (Duration::from_secs(31 * 86_400), Duration::from_secs(365 * 86_400));
    open(&nats, Queue::new("long").allow_single().max_age(year).duplicate_window(month)).await?;
    let queue = open(&nats, settings()).await?;
    let slack = bot::slack()?;
    let many = Gateway::start_one_of(3, queue.clone(), bot::builder(&slack)?.connections(2)).await;
    assert!(matches!(many, Err(StartError::TooManyConnections { gateways: 3, connections: 2 })), "{many:?}");
    for (gateways, connections) in [(0, 6), (usize::MAX, 1), (usize::MAX, usize::MAX)] {
        let builder = bot::builder(&slack)?.connections(connections);
        let many = Gateway::start_one_of(gateways, queue.clone(), builder).await.expect_err("too many");
        assert!(matches!(many, StartError::TooManyConnections { .. }), "{many}");
    }
    let policy = bot::builder(&slack)?.ack_policy(AckPolicy::OnReceive);
    assert!(matches!(Gateway::start(queue.clone(), policy).await, Err(StartError::AckPolicy)));
    let ordered = Router::new(()).ordered_by(Key::Thread).build()?;
    assert!(matches!(Worker::new(queue, ordered), Err(WorkerError::Order)));
    Ok(())
}

#[tokio::test]
async fn a_server_that_comes_later_is_waited_for_if_asked() -> Outcome {
    if !has_nats("a_server_that_comes_later_is_waited_for_if_asked") {
        return Ok(());
    }
    let mut nats = Nats::start(1).await?;
    nats.kill(0);
    let options = ConnectOptions::new().retry_on_initial_connect();
    let (tries, mut tried) = tokio::sync::watch::channel(0);
    let options = options.reconnect_delay_callback(move |_| {
        tries.send_modify(|tries| *tries += 1);
        Duration::from_millis(50)
    });
    let opening = tokio::spawn(settings().connect(nats.addresses(), options));
    tried.wait_for(|tries| *tries > 1).await?;
    nats.restart(0)?;
    let queue = opening.await??;
    assert_eq!(queue.stream_name(), "SLACK-bot");
    Ok(())
}
