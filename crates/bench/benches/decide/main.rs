//! One question to four deciders: may this token read this thing of this repository? Every token holds 50
//! permissions on 20 repositories; each decider is given the same grants in the form that suits it best.

mod casbin;
mod cedar;
mod floor;
mod ours;
mod world;

use bailiwick_bench::{Row, Sample, Table, measure};
use std::error::Error;
use std::io::Write;
use world::{Asking, World};

/// Tokens in the resident set.
const RESIDENT: usize = 100_000;
/// Tokens that casbin is shown holding at once: its cost grows with every rule of every token.
const FEW: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let one = World::new(1);
    let many = World::new(RESIDENT);
    let allowed = one.questions(true);
    let refused = one.questions(false);
    let random = many.questions(true);

    let mut rows = Vec::new();
    let columns = [&allowed, &refused, &random];

    let floors = [floor::Floor::new(&one), floor::Floor::new(&many)];
    rows.push(row(
        "a bare hash and bitset look-up",
        each(&columns, &floors, |floor, questions| {
            asked(questions, |_, asking| floor.ask(asking))
        })?,
    ));
    drop(floors);

    let ours = [ours::Ours::new(&one), ours::Ours::new(&many)];
    rows.push(row(
        "bailiwick decide, all stages",
        each(&columns, &ours, |ours, questions| {
            asked(questions, |_, asking| ours.decide(asking))
        })?,
    ));
    rows.push(row(
        "  with finding token and repository",
        each(&columns, &ours, |ours, questions| {
            asked(questions, |_, asking| ours.find_and_decide(asking))
        })?,
    ));
    drop(ours);

    let cedars = [cedar::Cedar::new(&one)?, cedar::Cedar::new(&many)?];
    rows.push(row(
        "cedar-policy, the same stages",
        each(&columns, &cedars, |cedar, questions| {
            cedar.ask(cedar::ALL_STAGES, questions)
        })?,
    ));
    rows.push(row(
        "cedar-policy, selection and level",
        each(&columns, &cedars, |cedar, questions| {
            cedar.ask(cedar::CORE, questions)
        })?,
    ));
    drop(cedars);

    let mut casbin = row(
        "casbin, selection and level",
        vec![casbin::ask(&one, &allowed)?, casbin::ask(&one, &refused)?],
    );
    casbin.samples.push(None);
    rows.push(casbin);
    let few = World::new(FEW);
    let crowded = casbin::ask(&few, &few.questions(true))?;

    let table = Table {
        title: String::from("decide: a token of 50 permissions × 20 repositories"),
        columns: ["allowed, hot", "refused, hot", "allowed, random of 100,000"]
            .map(String::from)
            .into(),
        rows,
        ours: 1,
        notes: vec![format!(
            "casbin looks at every rule of every token: with {FEW} resident tokens it needs {:.0} ns, so 100,000 are left out.",
            crowded.median
        )],
    };
    Ok(write!(std::io::stdout().lock(), "{table}")?)
}

fn row(name: &str, samples: Vec<Sample>) -> Row {
    Row {
        name: name.to_owned(),
        samples: samples.into_iter().map(Some).collect(),
    }
}

/// Asks the small world the hot questions, and the large one the last.
fn each<T>(
    columns: &[&Vec<Asking>; 3],
    deciders: &[T; 2],
    ask: impl Fn(&T, &[Asking]) -> Result<Sample, Box<dyn Error>>,
) -> Result<Vec<Sample>, Box<dyn Error>> {
    let [allowed, refused, random] = columns;
    let [one, many] = deciders;
    Ok(vec![ask(one, allowed)?, ask(one, refused)?, ask(many, random)?])
}

/// Checks that a decider answers every question rightly, then measures it on them in turn.
fn asked(
    questions: &[Asking],
    mut ask: impl FnMut(usize, &Asking) -> bool,
) -> Result<Sample, Box<dyn Error>> {
    for (place, asking) in questions.iter().enumerate() {
        if ask(place, asking) != asking.expected {
            return Err(format!("a contender answers {asking:?} wrongly").into());
        }
    }
    let mut next = questions.iter().enumerate().cycle();
    Ok(measure(|| {
        if let Some((place, asking)) = next.next() {
            std::hint::black_box(ask(place, std::hint::black_box(asking)));
        }
    }))
}
