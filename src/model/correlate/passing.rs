//! Joins what a machine passes on to the request that it serves by it.
//!
//! Never does so where the user named that machine as the client, or the one behind it as the server: then that side is wanted.

use crate::dissect::message::{HttpRequest, HttpResponse, Message};
use crate::frame::FrameNumber;
use crate::model::correlate::Correlator;
use crate::model::http_exchange::HttpExchange;
use crate::model::passed_on;

impl Correlator {
    /// Takes in a web request: one that passes on another belongs to that one.
    pub(super) fn ask_web(&mut self, message: &mut Message, request: HttpRequest) {
        let (src, dst) = (message.flow.src.addr, message.flow.dst.addr);
        self.facts.web_requests.add(message.first_frame());
        let is_named = self.focus.client == Some(src) || self.focus.server == Some(dst);
        let asked = if is_named {
            Vec::new()
        } else {
            self.passed_on.asked_of(src)
        };
        self.passed_on.ask(message);
        let mut fronts = asked.into_iter().filter(|(client, frame)| {
            let window = self.clients.get_mut(self.stacks.main(*client));
            let http = window.map(|window| window.http.as_mut_slice());
            let http = http.unwrap_or_default();
            passed_on::front(http, *frame, message, &request).is_some()
        });
        let only = fronts.next().filter(|_| fronts.next().is_none());
        drop(fronts);
        if let Some((client, frame)) = only
            && let Some(window) = self.clients.get_mut(self.stacks.main(client))
            && let Some(front) = passed_on::front(&mut window.http, frame, message, &request)
        {
            self.passed_on.open(client, message.first_frame());
            let passed = HttpExchange::begun_by(message, request);
            front.passed_on = Some(Box::new(passed));
            return;
        }
        self.with(src, |window| window.ask_web(message, request));
        self.hear_web(src);
    }

    /// Takes in the answer to the web request that begins in frame `asked`.
    pub(super) fn answer_web(
        &mut self,
        message: &mut Message,
        response: HttpResponse,
        asked: FrameNumber,
    ) {
        if let Some(client) = self.passed_on.answered(asked) {
            self.with(client, |window| {
                passed_on::answer(&mut window.http, asked, message, response);
            });
            return;
        }
        let client = message.flow.dst.addr;
        self.with(client, |window| window.answer_web(message, response, asked));
    }
}
