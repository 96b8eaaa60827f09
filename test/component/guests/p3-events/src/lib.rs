wit_bindgen::generate!({
    path: "../../../../wit/0.3",
    inline: "package test:events;
        world events {
            include brink:function/scheduled-service@0.3.0;
            include brink:function/queue-service@0.3.0;
        }",
    world: "test:events/events",
    generate_all,
});

use brink::locks::locks::{self, LockOptions, Mode};
use brink::queues::queues::{self, NewMessage};
use brink::queues::types::{ContentType, Message, MessageBatch};
use brink::schedules::schedules::{self, Timing};
use exports::brink::function::{queue, scheduled};
use std::sync::atomic::{AtomicU32, Ordering};
use wasi::logging::logging::{Level, log};

struct Events;
export!(Events);

static RUNS: AtomicU32 = AtomicU32::new(0);

impl scheduled::Guest for Events {
    async fn handle(event: scheduled::ScheduledEvent) -> Result<(), scheduled::Error> {
        let run = RUNS.fetch_add(1, Ordering::Relaxed) + 1;
        let payload = event.payload.unwrap_or_default();
        log(Level::Info, "", &format!("run {run}: {} at {} {payload}", event.cron, event.scheduled_time));
        match event.cron.as_str() {
            "1 1 1 1 *" => Err(scheduled::Error::Failed("not this time".into())),
            "2 2 2 2 *" => Err(scheduled::Error::NoRetry("never".into())),
            "3 3 3 3 *" => panic!("out of order"),
            "4 4 4 4 *" => plan().await.map_err(scheduled::Error::Failed),
            "5 5 5 5 *" => {
                wit_bindgen::spawn_local(async {
                    wit_bindgen::yield_async().await;
                    panic!("out of order after the result")
                });
                Ok(())
            }
            _ => {
                // What runs on after the result counts as well.
                wit_bindgen::spawn_local(async { log(Level::Info, "", "after the result") });
                Ok(())
            }
        }
    }
}

impl queue::Guest for Events {
    async fn handle(batch: MessageBatch) -> Result<(), String> {
        match batch.queue().as_str() {
            "acked" => batch.ack_all(),
            "retried" => batch.retry_all(Some(5)),
            _ => {
                for message in batch.messages() {
                    each(&message).await?;
                }
            }
        }
        Ok(())
    }
}

async fn each(message: &Message) -> Result<(), String> {
    let body = message.body();
    match body.as_slice() {
        b"ack" => message.ack(),
        b"retry" => message.retry(None),
        b"later" => message.retry(Some(30)),
        b"fail" => return Err("cannot be done".into()),
        b"trap" => panic!("out of order"),
        _ => pass_on(message, body).await?,
    }
    Ok(())
}

/// Sends a message on while it holds a lock, with what is known of both.
async fn pass_on(message: &Message, body: Vec<u8>) -> Result<(), String> {
    let options = LockOptions { mode: Mode::Exclusive, if_available: false, ttl_ms: Some(5000), wait_ms: None };
    let manager = locks::open("LOCKS").map_err(|error| format!("{error:?}"))?;
    let lock = manager.acquire(message.id(), options).await.map_err(|error| format!("{error:?}"))?;
    let out = queues::open("OUT").map_err(|error| format!("{error:?}"))?;
    let facts = format!(
        "{} {} {:?} {} {:?} fence {} lost {}",
        message.attempts(),
        message.timestamp(),
        message.content_type(),
        lock.name(),
        lock.mode(),
        lock.fence(),
        lock.lost()
    );
    let facts = NewMessage { body: facts.into_bytes(), content_type: ContentType::Text, delay_seconds: None };
    out.send(facts).await.map_err(|error| format!("{error:?}"))?;
    let copy = NewMessage { body, content_type: message.content_type(), delay_seconds: Some(2) };
    out.send_batch(vec![copy], Some(1)).await.map_err(|error| format!("{error:?}"))?;
    locks::Lock::release(lock).await.map_err(|error| format!("{error:?}"))
}

/// Makes schedules, and says what there is then.
async fn plan() -> Result<(), String> {
    let scheduler = schedules::open("SCHEDULES").map_err(|error| format!("{error:?}"))?;
    let text = |error: schedules::Error| format!("{error:?}");
    let id = scheduler.create(Timing::Every(60_000), Some("{\"a\":1}".into())).await.map_err(text)?;
    scheduler.create(Timing::Cron("0 5 * * *".into()), None).await.map_err(text)?;
    log(Level::Info, "", &format!("cancelled: {}", scheduler.cancel(id).await.map_err(text)?));
    for each in scheduler.list().await.map_err(text)? {
        log(Level::Info, "", &format!("{} {:?} {:?} {:?}", each.id, each.timing, each.payload, each.next));
    }
    Ok(())
}
