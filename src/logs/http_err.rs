//! The log of the kernel part of the web server (`HTTPERR`): requests that it refused before IIS saw them.
//!
//! Never has an account, nor a substatus.

use crate::logs::Outcome;
use crate::logs::iis::IisLog;

/// The columns where no directive names them.
const USUAL: [&str; 13] = [
    "date",
    "time",
    "c-ip",
    "c-port",
    "s-ip",
    "s-port",
    "cs-version",
    "cs-method",
    "cs-uri",
    "sc-status",
    "s-siteid",
    "s-reason",
    "s-queuename",
];

/// Its columns; the form is that of the other log.
pub(super) struct HttpErrLog(IisLog);

impl Default for HttpErrLog {
    fn default() -> Self {
        Self(IisLog::of(&USUAL))
    }
}

impl HttpErrLog {
    pub(super) fn line<'l>(&mut self, line: &'l str) -> Outcome<'l> {
        self.0.line(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::Said;

    #[test]
    fn a_refusal_has_its_reason() {
        let mut log = HttpErrLog::default();
        let line = "2019-07-22 13:11:58 10.0.0.1 49152 10.0.0.2 80 HTTP/1.1 CCM_POST /ccm_system_windowsauth/request 400 - FieldLength -";
        let Outcome::Dated(_, Said::Web(web)) = log.line(line) else {
            panic!("a line");
        };
        assert_eq!(web.client_port, Some(49_152));
        assert_eq!((web.status, web.reason), (Some(400), Some("FieldLength")));
    }
}
