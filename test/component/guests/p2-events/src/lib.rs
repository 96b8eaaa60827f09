wit_bindgen::generate!({
    path: "../../../../wit/0.2",
    inline: "package test:events;
        world events {
            include brink:function/scheduled-service@0.2.0;
            include brink:function/queue-service@0.2.0;
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
    fn handle(event: scheduled::ScheduledEvent) -> Result<(), scheduled::Error> {
        let run = RUNS.fetch_add(1, Ordering::Relaxed) + 1;
        let payload = event.payload.unwrap_or_default();
        log(Level::Info, "", &format!("run {run}: {} at {} {payload}", event.cron, event.scheduled_time));
        match event.cron.as_str() {
            "1 1 1 1 *" => Err(scheduled::Error::Failed("not this time".into())),
            "2 2 2 2 *" => Err(scheduled::Error::NoRetry("never".into())),
            "3 3 3 3 *" => panic!("out of order"),
            "4 4 4 4 *" => plan().map_err(scheduled::Error::Failed),
            _ => Ok(()),
        }
    }
}

impl queue::Guest for Events {
    fn handle(batch: MessageBatch) -> Result<(), String> {
        match batch.queue().as_str() {
            "acked" => batch.ack_all(),
            "retried" => batch.retry_all(Some(5)),
            _ => {
                for message in batch.messages() {
                    each(&message)?;
                }
            }
        }
        Ok(())
    }
}

fn each(message: &Message) -> Result<(), String> {
    let body = message.body();
    match body.as_slice() {
        b"ack" => message.ack(),
        b"retry" => message.retry(None),
        b"later" => message.retry(Some(30)),
        b"fail" => return Err("cannot be done".into()),
        b"trap" => panic!("out of order"),
        _ => pass_on(message, body)?,
    }
    Ok(())
}

/// Sends a message on while it holds a lock, with what is known of both.
fn pass_on(message: &Message, body: Vec<u8>) -> Result<(), String> {
    let options = LockOptions { mode: Mode::Exclusive, if_available: false, ttl_ms: Some(5000), wait_ms: None };
    let manager = locks::open("LOCKS").map_err(|error| format!("{error:?}"))?;
    let lock = manager.acquire(&message.id(), options).map_err(|error| format!("{error:?}"))?;
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
    out.send(&facts).map_err(|error| format!("{error:?}"))?;
    let copy = NewMessage { body, content_type: message.content_type(), delay_seconds: Some(2) };
    out.send_batch(&[copy], Some(1)).map_err(|error| format!("{error:?}"))?;
    locks::Lock::release(lock).map_err(|error| format!("{error:?}"))
}

/// Makes schedules, and says what there is then.
fn plan() -> Result<(), String> {
    let scheduler = schedules::open("SCHEDULES").map_err(|error| format!("{error:?}"))?;
    let text = |error: schedules::Error| format!("{error:?}");
    let id = scheduler.create(&Timing::Every(60_000), Some("{\"a\":1}")).map_err(text)?;
    scheduler.create(&Timing::Cron("0 5 * * *".into()), None).map_err(text)?;
    log(Level::Info, "", &format!("cancelled: {}", scheduler.cancel(&id).map_err(text)?));
    for each in scheduler.list().map_err(text)? {
        log(Level::Info, "", &format!("{} {:?} {:?} {:?}", each.id, each.timing, each.payload, each.next));
    }
    Ok(())
}
