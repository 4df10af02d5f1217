//! What the recorder owes: everything in order, nothing lost at an orderly end, a receipt only for what is stored.

use super::*;
use crate::gather::Gathered;
use bailiwick_store::{Target, audit};

fn event(number: i64) -> Event {
    request_event(
        None,
        &Gathered::default(),
        &Caller::default(),
        Timestamp(1_770_000_000_000_000 + number),
    )
}

fn stored(store: &Store) -> Vec<i64> {
    let found = store.read(|tx| audit::search(tx, &audit::Query::new(Vec::new(), 10_000)));
    let mut times: Vec<(i64, i64)> = found
        .unwrap()
        .into_iter()
        .map(|row| (row.position, row.at.0 - 1_770_000_000_000_000))
        .collect();
    times.sort_unstable();
    times.into_iter().map(|(_, number)| number).collect()
}

fn open() -> (tempfile::TempDir, Store, Recorder) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(Target::Sqlite(directory.path().join("test.db"))).unwrap();
    let recorder = Recorder::start(store.clone(), String::from("test")).unwrap();
    (directory, store, recorder)
}

#[test]
fn a_receipt_stands_for_everything_up_to_its_event() {
    let (_directory, store, recorder) = open();
    // Alone, after others, and again: the recorder lingers or not, the order is that of the calls.
    recorder.durable(event(0)).durable_blocking().unwrap();
    assert_eq!(stored(&store), [0]);
    for number in 1..20 {
        recorder.soon(event(number));
    }
    recorder.durable(event(20)).durable_blocking().unwrap();
    assert_eq!(stored(&store), Vec::from_iter(0..=20));
    for number in 21..2_000 {
        recorder.soon(event(number));
    }
    recorder.durable(event(2_000)).durable_blocking().unwrap();
    assert_eq!(stored(&store), Vec::from_iter(0..=2_000));
}

#[test]
fn an_orderly_end_writes_what_waits() {
    let (_directory, store, recorder) = open();
    for number in 0..1_000 {
        recorder.soon(event(number));
    }
    drop(recorder);
    assert_eq!(stored(&store), Vec::from_iter(0..1_000));
}

#[test]
fn what_cannot_be_written_gets_no_receipt() {
    let (directory, store, recorder) = open();
    store
        .write(|tx| tx.execute("DROP TABLE audit_event", &[]).map(drop))
        .unwrap();
    let receipt = recorder.durable(event(0));
    assert_eq!(receipt.durable_blocking(), Err(NotRecorded));
    drop(directory);
}

#[test]
fn request_ids_rise_with_time_and_do_not_repeat_within_it() {
    let at = |micros, number| request_id(Timestamp(micros), number);
    assert_eq!(&*at(0, 0), "0000:000000:000000");
    assert_eq!(&*at(0x0012_3456_789A << 10, 0), "1234:56789A:000000");
    assert!(at(1_795_289_908_967_831, u64::MAX) < at(1_795_289_908_969_000, 0));
    let same: std::collections::HashSet<_> = (0..10_000).map(|number| at(7, number)).collect();
    assert_eq!(same.len(), 10_000);
    // A template of an upstream can ask for it.
    let template = bailiwick_wire::header::HeaderTemplate::parse("X-Request-Id: {request_id}").unwrap();
    let values = bailiwick_wire::header::HeaderValues {
        request_id: same.iter().next().map(|id| &**id),
        ..Default::default()
    };
    assert_eq!(template.expand(&values).unwrap().len(), 18);
}

fn read(recorder: &Recorder, number: i64, agent: &str) {
    recorder.read(&mut witness(number, agent), None, None);
}

fn witness(number: i64, agent: &str) -> Witness {
    Witness {
        operation: bailiwick_catalogue::operation(bailiwick_catalogue::op::ISSUES_GET).unwrap(),
        gathered: Arc::default(),
        caller: Caller {
            user_agent: Some(agent.into()),
            ..Caller::default()
        },
        now: Timestamp(1_770_000_000_000_000 + number),
        action: None,
        bulk: false,
    }
}

#[test]
fn a_sort_is_written_at_once_and_then_once_in_a_while() {
    let crowds = Crowds::default();
    let start = Instant::now();
    let at = |seconds| Take::Due(start + Duration::from_secs(seconds));
    let mut number = 0;
    let mut reads = |many: i64, agent: &str| {
        for _ in 0..many {
            number += 1;
            let _ = crowds.take(&mut witness(number, agent), None, None);
        }
    };
    let counts = |take| {
        let count = |event: Event| event.data.get("count").map_or(Some(1), serde_json::Value::as_u64);
        crowds.drain(take).into_iter().map(count).collect::<Vec<_>>()
    };
    let none: [Option<u64>; 0] = [];
    // The first of a window are written out elsewhere.
    reads(64, "one");
    assert!(!crowds.wait());
    reads(10, "one");
    assert!(crowds.wait());
    assert_eq!(counts(at(0)), [Some(10)]);
    assert!(!crowds.wait());
    // It goes on: nothing is due, however often somebody looks.
    for second in 1..10 {
        reads(3, "one");
        assert_eq!(counts(at(second)), none);
        assert_eq!(counts(at(second)), none);
        assert!(crowds.wait());
    }
    reads(1, "another");
    assert_eq!(counts(at(10)), [Some(27), Some(1)]);
    // It pauses: it is not waited for.
    reads(5, "one");
    assert_eq!(counts(at(11)), none);
    assert_eq!(counts(at(12)), [Some(5)]);
    // What has not come for long is not known any more.
    assert_eq!(crowds.len(), 2);
    assert_eq!(counts(at(30)), none);
    assert_eq!(crowds.len(), 0);
    reads(2, "one");
    assert_eq!(counts(Take::All), [Some(2)]);
    assert_eq!((crowds.len(), crowds.wait()), (0, false));
}

#[test]
fn a_crowd_of_like_reads_is_counted_and_none_is_lost() {
    let (_directory, store, recorder) = open();
    for number in 0..5_000 {
        read(&recorder, number, if number % 5 == 0 { "one" } else { "other" });
        if number % 1_000 == 0 {
            recorder.durable(event(number)).durable_blocking().unwrap();
        }
    }
    drop(recorder);
    let found = store
        .read(|tx| audit::search(tx, &audit::Query::new(Vec::new(), 10_000)))
        .unwrap();
    let count = |row: &bailiwick_store::EventRow| {
        let data: serde_json::Value = serde_json::from_str(&row.data.to_string()).unwrap();
        data.get("count").and_then(serde_json::Value::as_u64).unwrap_or(1)
    };
    let of = |agent: &str| {
        let own = found
            .iter()
            .filter(|row| row.user_agent.as_deref() == Some(agent));
        own.map(count).sum::<u64>()
    };
    assert_eq!((of("one"), of("other")), (1_000, 4_000));
    assert!(found.len() < 2_000, "{} events", found.len());
}

#[test]
fn reads_of_several_workers_are_counted_together() {
    let (_directory, store, recorder) = open();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let recorder = &recorder;
            scope.spawn(move || {
                for number in 0..2_000 {
                    read(recorder, worker * 2_000 + number, "one");
                    if number % 500 == 0 {
                        recorder.durable(event(number)).durable_blocking().unwrap();
                    }
                }
            });
        }
    });
    drop(recorder);
    let found = store
        .read(|tx| audit::search(tx, &audit::Query::new(Vec::new(), 20_000)))
        .unwrap();
    let reads = found.iter().filter(|row| row.user_agent.is_some());
    let count = |row: &bailiwick_store::EventRow| {
        let data: serde_json::Value = serde_json::from_str(&row.data.to_string()).unwrap();
        data.get("count").and_then(serde_json::Value::as_u64).unwrap_or(1)
    };
    assert_eq!(reads.map(count).sum::<u64>(), 8_000);
}

#[test]
fn a_few_reads_are_events_each() {
    let (_directory, store, recorder) = open();
    for number in 0..20 {
        read(&recorder, number, "one");
    }
    drop(recorder);
    assert_eq!(stored(&store), Vec::from_iter(0..20));
}
