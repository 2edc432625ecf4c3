//! A case without a capture: what the logs say by themselves.
//!
//! Never makes an attempt of them: what is told of attempts rests on frames, and there are none.

use std::sync::Arc;

use crate::diagnose::Settings;
use crate::diagnose::logs::{LogInput, unread_notes};
use crate::logs::{self, Said};
use crate::model::capture_facts::CaptureFacts;
use crate::model::testimony::Testimony;
use crate::report::{LogReport, Report};
use crate::rules;
use crate::story::log_story::LogStory;

/// Reads `logs` to their ends and says what they hold.
pub fn diagnose_logs(logs: Vec<LogInput>, settings: &Settings) -> Report {
    let mut testimony = Testimony::about(settings.client);
    let logs = logs.into_iter();
    let reports = logs.map(|log| read(log, &mut testimony)).collect();
    testimony.sign_ons.finish();
    let story = LogStory::of(&testimony);
    let facts = CaptureFacts {
        identities: testimony.identities,
        log_sign_ons: testimony.sign_ons,
        ..CaptureFacts::default()
    };
    Report {
        logs: reports,
        findings: rules::log_findings(&facts, &settings.selection()),
        log_story: Some(story),
        ..Report::default()
    }
}

fn read(mut log: LogInput, testimony: &mut Testimony) -> LogReport {
    let file: Arc<str> = Arc::from(log.name.as_str());
    let mut without_zone = 0_u64;
    let read = logs::read(log.kind, &mut log.input, &mut |line| {
        if let Said::Told(told) = &line.said {
            without_zone += u64::from(!told.has_bias);
        }
        testimony.take(&file, line);
    });
    let mut report = LogReport {
        name: log.name,
        kind: log.kind.name(),
        joined: testimony.end_file() as u64,
        is_complete: read.is_ok(),
        ..LogReport::default()
    };
    match read {
        Ok(facts) => {
            report.lines = facts.dated;
            report.first_time = facts.first;
            report.last_time = facts.last;
            report.notes.extend(unread_notes(&facts));
        }
        Err(error) => report
            .notes
            .push(format!("Reading stopped early: {error}.")),
    }
    if without_zone > 0 {
        report.notes.push(format!(
            "{without_zone} of its lines have no time zone: their times are local, and stand among the others as if they were UTC."
        ));
    }
    report
}
