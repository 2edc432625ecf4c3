//! A case without a capture: what the logs say by themselves.
//!
//! Never makes an attempt of them: what is told of attempts rests on frames, and there are none.

use std::sync::Arc;

use crate::diagnose::Settings;
use crate::diagnose::logs::{LogInput, unread_notes, zone_note};
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
    let read: Vec<(LogReport, bool)> = logs.map(|log| read(log, &mut testimony)).collect();
    let reports = tell_of_nameless(read);
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

/// Says of files that do not name their server that they are taken for one server's, where there are several.
fn tell_of_nameless(read: Vec<(LogReport, bool)>) -> Vec<LogReport> {
    let are_several = read.iter().filter(|(_, is_nameless)| *is_nameless).count() > 1;
    let told = read.into_iter().map(|(mut report, is_nameless)| {
        if is_nameless && are_several {
            let text = "It does not name its server (s-ip, s-computername): the sign-ons of all such files are told as those of one server.";
            report.notes.push(text.to_owned());
        }
        report
    });
    told.collect()
}

/// Reads `log`, and says whether it is a web server's that does not name the server.
fn read(mut log: LogInput, testimony: &mut Testimony) -> (LogReport, bool) {
    let file: Arc<str> = Arc::from(log.name.as_str());
    let (mut without_zone, mut is_nameless) = (0_u64, false);
    let read = logs::read(log.kind, &mut log.input, &mut |line| {
        match &line.said {
            Said::Told(told) => without_zone += u64::from(!told.has_bias),
            Said::Web(web) => is_nameless |= web.server.is_none() && web.computer.is_none(),
            Said::Call(_) | Said::Output(_) => {}
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
    report
        .notes
        .extend(zone_note(without_zone, "stand among the others"));
    (report, is_nameless)
}
