//! `floodmark intel ask`.

use std::io::{self, Write};
use std::net::IpAddr;

use floodmark_intel::compromise::{CommitId, Compromises, ImageDigest, ImageRef, IndicatorKind, TagRef};
use floodmark_intel::database::{Database, PackageName};
use floodmark_intel::observable::{Observable, ObservableKind};
use floodmark_intel::purl::Purl;
use floodmark_report::{Cell, Column, Layout, Table};

use super::compromise::Hit;
use super::document::{Answered, Mentioned, Said};
use super::show::rated;
use super::{Telling, heading, opened, place};
use crate::Exit;
use crate::cli::intel;
use crate::failure::Failure;

pub(super) fn run(options: &intel::Ask) -> Result<Exit, Failure> {
    let questions: Vec<Question> =
        options.questions.iter().map(|text| Question::parse(text)).collect::<Result<_, _>>()?;
    let path = place::database(&options.place)?;
    let telling = Telling::open(&options.output)?;
    let database = opened(&path, &options.confinement)?;
    let answers: Vec<Answered> = options
        .questions
        .iter()
        .zip(&questions)
        .map(|(text, question)| answer(text, question, database.as_ref()))
        .collect::<Result<_, _>>()?;
    let said = Said::Ask { answers: &answers, has_database: database.is_some() };
    telling.tell(said, |layout, out| answers.iter().try_for_each(|one| for_people(one, layout, out)))?;
    let incomplete = answers.iter().any(|one| !one.undecided.is_empty() || one.not_asked.is_some());
    let against = |one: &Answered| {
        !one.advisories.is_empty() || !one.mentions.is_empty() || one.compromises.iter().any(Hit::is_against)
    };
    Ok(match (incomplete, answers.iter().any(against)) {
        (true, _) => Exit::Incomplete,
        (false, true) => Exit::Found,
        (false, false) => Exit::Clean,
    })
}

/// What is asked about, told by its form.
enum Question {
    Package(Purl),
    Action(TagRef),
    Image(ImageRef),
    Digest(ImageDigest),
    /// 40 digits may be a commit or a SHA-1.
    Commit(CommitId),
    Hash(String),
    Shown(IndicatorKind, String),
}

impl Question {
    fn parse(text: &str) -> Result<Self, Failure> {
        let wrong = |what: String| {
            Failure::usage(
                what,
                "ask for a purl, owner/name@ref, an image, a commit, a hash, an address, a host or a URL",
            )
        };
        if text.starts_with("pkg:") {
            return text.parse().map(Self::Package).map_err(|error| wrong(format!("{error}")));
        }
        if text.contains("://") {
            return Ok(Self::Shown(IndicatorKind::Url, text.to_owned()));
        }
        if text.parse::<IpAddr>().is_ok() {
            return Ok(Self::Shown(IndicatorKind::Ip, text.to_owned()));
        }
        if let Ok(commit) = text.parse() {
            return Ok(Self::Commit(commit));
        }
        if matches!(text.len(), 32 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self::Hash(text.to_owned()));
        }
        if text.starts_with("sha256:") {
            return text.parse().map(Self::Digest).map_err(|error| wrong(format!("{error}")));
        }
        if let Ok(action) = text.parse() {
            return Ok(Self::Action(action));
        }
        let is_host = text.contains('.')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
        if is_host {
            return Ok(Self::Shown(IndicatorKind::Domain, text.to_owned()));
        }
        let image = Some(text).filter(|text| text.contains(['/', ':'])).and_then(|text| text.parse().ok());
        image.map(Self::Image).ok_or_else(|| wrong(format!("{text:?} is nothing that can be asked about")))
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Package(_) => "package",
            Self::Action(_) => "action",
            Self::Image(_) => "image",
            Self::Digest(_) => "digest",
            Self::Commit(_) => "commit",
            Self::Hash(_) => "hash",
            Self::Shown(IndicatorKind::Ip, _) => "ip",
            Self::Shown(IndicatorKind::Url, _) => "url",
            Self::Shown(..) => "domain",
        }
    }

    /// As sources of indicators name it.
    fn observable(&self) -> Option<Observable> {
        let (kind, value) = match self {
            Self::Digest(digest) => (ObservableKind::Hash, digest.as_str().trim_start_matches("sha256:")),
            Self::Commit(commit) => (ObservableKind::Hash, commit.as_str()),
            Self::Hash(hash) => (ObservableKind::Hash, hash.as_str()),
            Self::Shown(IndicatorKind::Ip, value) => (ObservableKind::Ip, value.as_str()),
            Self::Shown(IndicatorKind::Url, value) => (ObservableKind::Url, value.as_str()),
            Self::Shown(_, value) => (ObservableKind::Domain, value.as_str()),
            Self::Package(_) | Self::Action(_) | Self::Image(_) => return None,
        };
        Observable::new(kind, value)
    }

    fn compromises(&self) -> Vec<Hit> {
        let known = Compromises::shipped();
        let hits = match self {
            Self::Package(purl) => known.package(purl),
            Self::Action(action) => [known.action(action), known.release(action)].concat(),
            Self::Image(image) => known.image(image),
            Self::Digest(digest) => known.digest(digest),
            Self::Commit(commit) => [known.commit(commit), known.hash(commit.as_str())].concat(),
            Self::Hash(hash) => known.hash(hash),
            Self::Shown(kind, value) => {
                let sightings = known.indicator(*kind, value);
                return sightings.iter().map(|one| Hit::of_indicator(one.entry, one.indicator)).collect();
            }
        };
        hits.iter().map(Hit::of).collect()
    }
}

fn answer(text: &str, question: &Question, database: Option<&Database>) -> Result<Answered, Failure> {
    let mut answered = Answered {
        question: text.to_owned(),
        kind: question.kind(),
        advisories: Vec::new(),
        undecided: Vec::new(),
        compromises: question.compromises(),
        mentions: Vec::new(),
        not_asked: None,
    };
    if let (Some(observable), Some(database)) = (question.observable(), database) {
        let named = database.observed(&observable)?.into_iter();
        answered.mentions = named.map(|(named, mention)| Mentioned { named, mention }).collect();
    }
    if let (Question::Commit(commit), Some(database)) = (question, database) {
        answered.advisories = database.matches_commit(commit.as_str())?.matches;
    }
    let Question::Package(purl) = question else {
        let needs_database = database.is_none() && question.observable().is_some();
        answered.not_asked =
            needs_database.then(|| "there is no database, so no sources of indicators were asked".to_owned());
        return Ok(answered);
    };
    let not_asked = match (database, PackageName::of(purl), purl.version()) {
        (None, ..) => "there is no database, so no advisories were asked",
        (_, None, _) => "no ecosystem of OSV has packages of this type",
        (.., None) => "the purl names no version: add @VERSION",
        (Some(database), Some(_), Some(_)) => {
            let matches = database.matches_purl(purl)?.unwrap_or_default();
            (answered.advisories, answered.undecided) = (matches.matches, matches.undecided);
            return Ok(answered);
        }
    };
    answered.not_asked = Some(not_asked.to_owned());
    Ok(answered)
}

fn for_people(answered: &Answered, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let Answered { question, kind, advisories, undecided, compromises, mentions, not_asked } = answered;
    heading(format!("{} {question}", kind.to_uppercase()), layout, out)?;
    if !compromises.is_empty() {
        hits(compromises).write(layout, out)?;
    }
    if !mentions.is_empty() {
        named(mentions).write(layout, out)?;
    }
    if !advisories.is_empty() || !undecided.is_empty() {
        flaws(answered).write(layout, out)?;
    }
    let mut notes = Table::new([Column::text("")]).indented(2);
    if advisories.is_empty() && undecided.is_empty() && compromises.is_empty() && mentions.is_empty() {
        notes.push([Cell::from("nothing is known of it")]);
    }
    if let Some(why) = not_asked {
        notes.push([Cell::from(why)]);
    }
    notes.write(layout, out)?;
    writeln!(out)
}

fn hits(compromises: &[Hit]) -> Table {
    let columns =
        [Column::word("compromise"), Column::word("says"), Column::text("what"), Column::text("by")];
    let mut table = Table::new(columns).indented(2);
    for hit in compromises {
        let role = format!("{}: {}", hit.name, hit.role);
        let what: Vec<_> = [role.as_str()]
            .into_iter()
            .chain(hit.windows.iter().map(String::as_str))
            .chain(hit.note.as_deref())
            .collect();
        let by: Vec<_> =
            hit.sources.iter().map(|source| format!("{} ({})", source.title, source.grade)).collect();
        let says = format!("{} ({})", hit.verdict, hit.grade);
        table.push([hit.compromise.as_str(), &says, &what.join("; "), &by.join("; ")].map(Cell::from));
    }
    table
}

fn named(mentions: &[Mentioned]) -> Table {
    let columns =
        [Column::tail("named"), Column::text("about"), Column::word("since").spare(), Column::text("by")];
    let mut table = Table::new(columns).indented(2);
    for Mentioned { named, mention } in mentions {
        let day =
            |time: Option<floodmark_case::Timestamp>| time.map(|time| time.to_string()[..10].to_owned());
        let until = day(mention.until).map(|until| format!(" (until {until})")).unwrap_or_default();
        let others = if mention.only_with_others { " (only together with other things)" } else { "" };
        let about = format!("{}{until}{others}", mention.about);
        let by = mention.advisory.as_deref().unwrap_or(&mention.source);
        table
            .push([&named.value, about.as_str(), &day(mention.from).unwrap_or_default(), by].map(Cell::from));
    }
    table
}

fn flaws(answered: &Answered) -> Table {
    let mut table = Table::new([
        Column::word("advisory"),
        Column::word("says"),
        Column::word("severity"),
        Column::word("fixed in"),
        Column::head("summary"),
    ])
    .indented(2);
    for one in &answered.advisories {
        let fixed = one.fixed.as_deref().unwrap_or("none named");
        let (severity, class) = (rated(&one.gist), one.gist.class.as_str());
        table.push([&one.gist.id, class, &severity, fixed, &one.gist.summary].map(Cell::from));
    }
    for one in &answered.undecided {
        table.push([&one.gist.id, "undecided", &rated(&one.gist), "", &one.why].map(Cell::from));
    }
    table
}
