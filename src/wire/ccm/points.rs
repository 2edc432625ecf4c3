//! Answers to questions at `/SMS_MP/.sms_aut?…`: which management points there are, and of which site.
//!
//! Never keeps a key or a certificate of such an answer.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};

use crate::text::WireText;
use crate::wire::ccm::{attribute, each, number, shortened, utf16};

/// Bytes in which an answer shows what it is.
const BEGINNING: usize = 512;
/// Management points of an answer that are kept: a site has fewer.
const MOST: usize = 64;

/// An answer to `MPLIST` or its kin, or to `MPKEYINFORMATION` or its kin.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PointList {
    /// The management points.
    pub points: Vec<ManagementPoint>,
    /// The site.
    pub site_code: Option<WireText>,
}

/// A management point, as such an answer names it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ManagementPoint {
    /// Its short name, most often.
    pub name: Option<WireText>,
    /// Its full name.
    pub fqdn: Option<WireText>,
    /// The number of its build.
    pub version: Option<WireText>,
    /// 0 is HTTP; what other numbers mean is not documented.
    pub ssl_state: Option<i64>,
    /// Its site, where that is not the one that was asked.
    pub site_code: Option<WireText>,
}

impl ManagementPoint {
    /// The full name, else the other one.
    pub fn best_name(&self) -> Option<&WireText> {
        let known = |name: &&WireText| !name.is_empty();
        let full = self.fqdn.as_ref().filter(known);
        full.or(self.name.as_ref().filter(known))
    }
}

/// Reads the body of an answer, as far as it is there; `None` where it is none of this kind.
pub fn decode(body: &[u8]) -> Option<PointList> {
    let is_wide = body.starts_with(b"\xff\xfe");
    let head = body.get(..BEGINNING).unwrap_or(body);
    if !is_of_kind(&text_of(head, is_wide)) {
        return None;
    }
    let text = text_of(body, is_wide);
    let mut reading = Reading::default();
    each(text.trim_start_matches('\u{feff}'), &mut |event| {
        reading.event(event);
    });
    reading.is_known.then_some(reading.list)
}

fn text_of(bytes: &[u8], is_wide: bool) -> Cow<'_, str> {
    if is_wide {
        Cow::Owned(utf16(bytes))
    } else {
        String::from_utf8_lossy(bytes)
    }
}

/// Whether an element of such an answer begins in its first characters.
fn is_of_kind(head: &str) -> bool {
    let head = head.to_ascii_lowercase();
    head.contains("<mplist") || head.contains("<mpkeyinformation")
}

#[derive(Debug, Default)]
struct Reading {
    list: PointList,
    /// The element of an answer of this kind was there.
    is_known: bool,
    /// The element whose text comes, in lower case.
    element: String,
}

impl Reading {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(start) => {
                self.element = start.name().as_ref().to_ascii_lowercase();
                self.begin(start);
            }
            Event::Empty(start) => {
                let outer = std::mem::take(&mut self.element);
                self.element = start.name().as_ref().to_ascii_lowercase();
                self.begin(start);
                self.element = outer;
            }
            Event::Text(text) => self.text(text),
            Event::End(_) => self.element.clear(),
            _ => {}
        }
    }

    fn begin(&mut self, start: &BytesStart<'_>) {
        let points = &mut self.list.points;
        match self.element.as_str() {
            "mplist" | "mpkeyinformation" => self.is_known = true,
            "mp" if self.is_known && points.len() < MOST => {
                points.push(ManagementPoint {
                    name: attribute(start, "Name"),
                    fqdn: attribute(start, "FQDN"),
                    site_code: attribute(start, "SiteCode"),
                    ..ManagementPoint::default()
                });
            }
            "property" => {
                let name = attribute(start, "Name");
                let is_state = name.is_some_and(|name| name.same_name("SSLState"));
                if let Some(point) = points.last_mut().filter(|_| is_state) {
                    point.ssl_state = number(start, "Value");
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() || !self.is_known {
            return;
        }
        match (self.element.as_str(), self.list.points.last_mut()) {
            ("version", Some(point)) => point.version = Some(shortened(text)),
            ("sitecode", _) => self.list.site_code = Some(shortened(text)),
            ("fqdn", None) => self.list.points.push(ManagementPoint {
                fqdn: Some(shortened(text)),
                ..ManagementPoint::default()
            }),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer in frame 10 of `captures/26-whole-client-session.pcap`, with the property that newer ones have.
    const LIST: &str = "<MPList><MP Name=\"SMS4-120-52S\" FQDN=\"SMS4-120-52S.A2003.VM.local\"><Version>6221</Version><Capabilities SchemaVersion=\"1.0\"><Property Name=\"SSLState\" Value=\"63\"/></Capabilities></MP><MP Name=\"MP2\"/></MPList>";

    #[test]
    fn each_management_point_is_read() {
        let list = decode(LIST.as_bytes()).expect("a list");
        let [first, second] = list.points.as_slice() else {
            panic!("{list:?}");
        };
        assert_eq!(
            first.best_name().map(WireText::as_str),
            Some("SMS4-120-52S.A2003.VM.local")
        );
        assert_eq!(
            (
                first.version.as_ref().map(WireText::as_str),
                first.ssl_state
            ),
            (Some("6221"), Some(63))
        );
        assert_eq!(second.best_name().map(WireText::as_str), Some("MP2"));
        assert_eq!(second.ssl_state, None);
    }

    #[test]
    fn wide_text_and_the_other_kind_of_answer_are_read_too() {
        let wide: Vec<u8> = [0xfeff]
            .into_iter()
            .chain(LIST.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(decode(&wide), decode(LIST.as_bytes()));
        let key =
            "<MPKEYINFORMATION><FQDN>mp.root.lab</FQDN><SITECODE>PS1</SITECODE></MPKEYINFORMATION>";
        let list = decode(key.as_bytes()).expect("an answer");
        assert_eq!(list.site_code, Some("PS1".into()));
        assert_eq!(list.points[0].fqdn, Some("mp.root.lab".into()));
    }

    #[test]
    fn other_bodies_are_none_and_a_cut_one_does_no_harm() {
        for body in [
            "",
            "3082",
            "<html><MP Name=\"x\"/></html>",
            "<MP Name=\"x\"/>",
        ] {
            assert_eq!(decode(body.as_bytes()), None, "{body}");
        }
        for len in 0..LIST.len() {
            let _ = decode(&LIST.as_bytes()[..len]);
        }
        let many = format!("<MPList>{}</MPList>", "<MP Name=\"x\"/>".repeat(200));
        assert_eq!(
            decode(many.as_bytes()).map(|list| list.points.len()),
            Some(MOST)
        );
    }
}
